// A unit at one step, in numbers: its equations with what stands in them, and the words that drive it.
import { gatesOf, isPlayed, statesOf, total } from "./arithmetic.js";
import { h, number, put, signed } from "./dom.js";

export class UnitView {
  // drivers(subject): see drivers.js; null where there are none.
  constructor(lab, drivers) {
    this.lab = lab;
    this.drivers = drivers;
  }

  // The unit at this step, in numbers, and the words that drive it.
  element(subject, track) {
    const { lab } = this;
    const { state } = lab;
    if (state.unit === null) return h("p", { class: "note" }, "Choose a unit, here or in a map, to see its arithmetic.");
    if (!subject.network || !subject.result.x) return h("p", { class: "note" }, "The arithmetic follows when the weights are here.");
    const { network, result } = subject;
    const gates = gatesOf(network, result, track, state.step, state.unit);
    const states = statesOf(network, result, track, state.step, state.unit);
    const drivers = this.drivers ? h("div", { class: "drivers" }) : null;
    if (drivers) this.#drive(drivers, subject, track, state.unit);
    return h(
      "div",
      { class: "zoom-part" },
      h("h3", {}, `Unit ${state.unit} at ${lab.stepName} ${state.step + 1}, in numbers`),
      h("p", { class: "note" }, "In the brackets: x W, h U of the step before, and b."),
      h("div", { class: "arithmetic" }, gates.map((gate) => this.#gateLine(gate, gates)), stateLines(track.kind, gates, states)),
      h("details", {}, h("summary", { "data-key": "largest" }, "The largest of the products under each gate"), gates.map(termsOf)),
      drivers,
    );
  }

  #gateLine(gate, gates) {
    const { symbol, input, state, bias, second, value, squash, name } = gate;
    const reset = gates.find((other) => other.name === "reset")?.value ?? 1;
    const isGru = name === "candidate" && gates.some((other) => other.name === "update");
    const sum = isGru ? input + bias + reset * (state + second) : total(gate);
    const parts = isGru
      ? `${number(input + bias, 2)} ${signed(reset, 2)}·(${number(state + second, 2)})`
      : `${number(input, 2)} ${signed(state, 2)} ${signed(bias + second, 2)}`;
    const played = isPlayed(gate, isGru ? reset : 1) ? h("em", {}, " (as played)") : null;
    return h("div", { class: "line" }, h("span", { class: "symbol" }, symbol), h("span", {}, `= ${squash}(${parts}) = ${squash}(${number(sum, 2)})`), h("b", {}, `= ${number(value, 4)}`, played));
  }

  async #drive(place, subject, track, unit) {
    put(place, h("h4", {}, "Words of other sentences that move it most"), h("p", { class: "note" }, "Reading them …"));
    const key = (this.driving = `${subject.id} ${track.name} ${unit}`);
    const found = await this.drivers(subject)(track, unit);
    if (this.driving !== key) return;
    const line = ({ word, before, after, moved }) => h("li", {}, h("span", {}, h("span", { class: "context" }, before), " ", h("b", {}, word), " ", h("span", { class: "context" }, after)), h("span", { class: "moved" }, signed(moved, 2)));
    put(
      place,
      h("h4", {}, "Words of other sentences that move it most"),
      h("div", { class: "two" }, h("div", {}, h("h5", {}, "up"), h("ul", {}, found.up.map(line))), h("div", {}, h("h5", {}, "down"), h("ul", {}, found.down.map(line)))),
    );
  }
}

function stateLines(kind, gates, { hidden, cell, hiddenBefore, cellBefore }) {
  const of = (name) => gates.find((gate) => gate.name === name)?.value ?? 0;
  const line = (symbol, text, value) => h("div", { class: "line" }, h("span", { class: "symbol" }, symbol), h("span", {}, `= ${text}`), h("b", {}, `= ${number(value, 4)}`));
  if (kind === "lstm") {
    return [
      line("c", `${times(of("forget"), cellBefore)} + ${times(of("input"), of("candidate"))}`, cell),
      line("h", `${number(of("output"), 3)}·tanh(${number(cell, 3)})`, hidden),
    ];
  }
  if (kind === "gru") return [line("h", `${times(of("update"), hiddenBefore)} + (1 − ${number(of("update"), 3)})·${bracketed(of("candidate"))}`, hidden)];
  return [];
}

const bracketed = (value) => (value < 0 ? `(${number(value, 3)})` : number(value, 3));
const times = (first, second) => `${number(first, 3)}·${bracketed(second)}`;
function termsOf({ symbol, terms }) {
  return h("p", { class: "terms" }, h("b", {}, symbol), ": ", terms.map(({ name, value, weight, product }) => `${name} ${number(value, 2)} · ${number(weight, 2)} = ${signed(product, 2)}`).join("; "));
}
