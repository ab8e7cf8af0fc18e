// From a sequence to a step, a gate, a unit, its arithmetic.
import { gatesOf, isPlayed, statesOf, total } from "./arithmetic.js";
import { h, number, put, select, signed } from "./dom.js";
import { prepare } from "./drawing.js";
import { color, onTheme, scale } from "./theme.js";

const LETTERS = { i: "input", f: "forget", g: "candidate", o: "output", c: "cell", h: "hidden", z: "update", r: "reset" };
const STRIP = 20;

export class Zoom {
  constructor({ lab, drivers }) {
    this.lab = lab;
    this.drivers = drivers;
    this.path = h("nav", { class: "path", "aria-label": "Where you are" });
    this.body = h("div", { class: "zoom-body" });
    this.element = h("section", { class: "card zoom" }, h("h2", {}, "Look inside"), this.path, this.body);
    this.element.setAttribute("aria-label", "Look inside");
    onTheme(() => this.render());
    new ResizeObserver(() => this.#strips()).observe(this.body);
  }

  render() {
    const { lab } = this;
    const { state, looked } = lab;
    this.strips = [];
    if (!looked || state.step === null) return void put(this.body, h("p", { class: "note" }, "Nothing is read yet."));
    const focused = this.element.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const { subject, track } = looked;
    const word = lab.input.labels[state.step];
    const { title } = lab.manifest.fields[state.field];
    const crumbs = [
      [lab.captions.whole, { step: state.step, unit: null }],
      [`${word || lab.stepName} (${lab.stepName} ${state.step + 1})`, { unit: null }],
      [title, { unit: null }],
    ];
    if (state.unit !== null) crumbs.push([`unit ${state.unit}`, {}]);
    put(
      this.path,
      h("ol", {}, crumbs.map(([text, change], place) => h("li", {}, h("button", { type: "button", class: "crumb", "aria-current": place === crumbs.length - 1 ? "step" : null, "data-key": `crumb ${place}`, onclick: () => lab.setState(change) }, text)))),
    );
    put(this.body, this.#tracks(), this.#step(subject, track), this.#gate(subject, track), this.#unit(subject, track));
    this.#strips();
    if (focused) this.element.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  #tracks() {
    const { lab } = this;
    const choices = lab.subjects.flatMap((subject) =>
      subject.tracks.map((track) => [`${subject.id} ${track.name}`, `${subject.name}${subject.tracks.length > 1 ? `, ${track.name}` : ""}`]),
    );
    if (choices.length < 2) return null;
    const control = select(choices, lab.state.track, (chosen) => lab.setState({ track: chosen, unit: null }));
    control.dataset.key = "track";
    control.setAttribute("aria-label", "Model to look into");
    return h("div", { class: "field" }, control);
  }

  // The step: the cell's equations, as the package's docstring has them, with all units of each under it.
  #step(subject, track) {
    const { lab } = this;
    const { state } = lab;
    const steps = lab.input.labels.length;
    const go = (by) => () => lab.choose(Math.min(steps - 1, Math.max(0, state.step + by)));
    const lines = lab.manifest.equations[track.kind].map(({ name, text, meaning }) => {
      const field = LETTERS[name];
      const values = this.#values(subject, track, field);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const strip = h("canvas", { class: "strip", "aria-hidden": "true" });
      this.strips.push({ strip, values, field, order: subject.order(track), unit: null, height: STRIP });
      return h(
        "button",
        { type: "button", class: "equation", "aria-pressed": String(field === state.field), "data-key": `field ${field}`, onclick: () => lab.setState({ field }) },
        h("span", { class: "equation-head" }, h("span", {}, meaning), h("span", { class: "mean" }, `mean ${number(mean, 2)}`)),
        h("code", {}, text),
        strip,
      );
    });
    const before = h("button", { type: "button", class: "quiet", "data-key": "before", disabled: state.step === 0, onclick: go(-1) }, `‹ ${lab.stepName} before`);
    const after = h("button", { type: "button", class: "quiet", "data-key": "after", disabled: state.step === steps - 1, onclick: go(1) }, `next ${lab.stepName} ›`);
    return h("div", { class: "zoom-part" }, h("h3", {}, `One step of the ${track.kind.toUpperCase()}`), h("div", { class: "pair" }, before, after), lines);
  }

  // The gate: a bar for each unit.
  #gate(subject, track) {
    const { lab } = this;
    const { state } = lab;
    const { title, meaning } = lab.manifest.fields[state.field];
    const values = this.#values(subject, track, state.field);
    const bars = h("canvas", { class: "bars", role: "img", "aria-label": `${title} of ${values.length} units: from ${number(Math.min(...values), 2)} to ${number(Math.max(...values), 2)}` });
    const order = subject.order(track);
    bars.addEventListener("click", (event) => {
      const box = bars.getBoundingClientRect();
      const place = Math.floor(((event.clientX - box.left) / box.width) * values.length);
      lab.setState({ unit: order[Math.min(values.length - 1, Math.max(0, place))] });
    });
    this.strips.push({ strip: bars, values, field: state.field, order, unit: state.unit, height: 84, bars: true });
    const unit = h("input", { type: "number", min: 0, max: values.length - 1, value: state.unit ?? "", placeholder: "0", "data-key": "unit", id: `unit-${track.name}-${subject.id}` });
    unit.addEventListener("change", () => {
      const wanted = Math.round(Number(unit.value));
      if (unit.value !== "" && wanted >= 0 && wanted < values.length) lab.setState({ unit: wanted });
      else unit.value = state.unit ?? "";
    });
    const by = (pick) => () => lab.setState({ unit: values.indexOf(pick(...values)) });
    return h(
      "div",
      { class: "zoom-part" },
      h("h3", {}, capital(title)),
      h("p", { class: "note" }, `${capital(meaning)}. One bar a unit${lab.captions.order ? `, ${lab.captions.order}` : ""}.`),
      bars,
      h("div", { class: "pair" }, h("label", { htmlFor: unit.id }, "Unit"), unit, h("button", { type: "button", class: "quiet", "data-key": "lowest", onclick: by(Math.min) }, "lowest"), h("button", { type: "button", class: "quiet", "data-key": "highest", onclick: by(Math.max) }, "highest")),
    );
  }

  // The unit at this step, in numbers, and the words that drive it.
  #unit(subject, track) {
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

  #values(subject, track, field) {
    const units = subject.units(track);
    const values = subject.result.traces[track.name][field];
    return Array.from(values.subarray(this.lab.state.step * units, (this.lab.state.step + 1) * units));
  }

  #strips() {
    for (const { strip, values, field, order, unit, height, bars } of this.strips ?? []) {
      const width = strip.parentElement?.clientWidth ? strip.parentElement.clientWidth - (bars ? 0 : 20) : 0;
      if (width <= 0) continue;
      const context = prepare(strip, width, height);
      const { signed: around } = this.lab.manifest.fields[field];
      const top = around ? Math.max(1e-6, ...values.map(Math.abs)) : 1;
      const size = width / values.length;
      const colors = scale(around, this.lab.manifest.colors);
      order.forEach((k, place) => {
        const x = place * size;
        if (!bars) {
          const level = Math.round(255 * (around ? (values[k] / top + 1) / 2 : values[k]));
          context.fillStyle = `rgb(${colors[Math.max(0, Math.min(255, level))].join(",")})`;
          context.fillRect(x, 0, size + 0.5, height);
          return;
        }
        context.fillStyle = k === unit ? color("--accent") : color("--bar");
        const base = around ? height / 2 : height - 1;
        const tall = (around ? height / 2 - 2 : height - 3) * (values[k] / top);
        context.fillRect(x + 0.5, tall > 0 ? base - tall : base, Math.max(1, size - 1), Math.max(Math.abs(tall), 1));
      });
      if (bars) {
        context.fillStyle = color("--grid");
        context.fillRect(0, around ? height / 2 : height - 1, width, 1);
      }
    }
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
const capital = (text) => text[0].toUpperCase() + text.slice(1);

function termsOf({ symbol, terms }) {
  return h("p", { class: "terms" }, h("b", {}, symbol), ": ", terms.map(({ name, value, weight, product }) => `${name} ${number(value, 2)} · ${number(weight, 2)} = ${signed(product, 2)}`).join("; "));
}
