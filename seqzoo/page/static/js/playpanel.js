// The controls of a play: a gate held, shifted or cut; words in another order.
import { h, labelled, put, select } from "./dom.js";
import { halvesSwapped, swapped } from "./plays.js";

const NEAR = 100; // words on either side of the chosen one that it can be swapped with

export class PlayPanel {
  // order: function to put the words in another order, or null where the sequence has none.
  constructor({ lab, reorder = null, extra = null }) {
    this.lab = lab;
    this.reorder = reorder;
    this.clampOn = h("input", { type: "checkbox", onchange: () => lab.setPlay({ clamp: this.clampOn.checked ? Number(this.clamp.value) : null }) });
    this.clamp = h("input", { type: "range", min: 0, max: 1, step: 0.01, value: 1, oninput: () => lab.setPlay({ clamp: Number(this.clamp.value) }) });
    this.shift = h("input", { type: "range", min: -6, max: 6, step: 0.1, value: 0, oninput: () => lab.setPlay({ shift: Number(this.shift.value) }) });
    this.cut = h("input", { type: "checkbox", onchange: () => lab.setPlay({ cut: this.cut.checked ? lab.state.step : null }) });
    this.scope = select([["all", "all units"], ["one", "the chosen unit"]], "all", (value) => lab.setPlay({ unit: value === "one" ? (lab.state.unit ?? 0) : null }));
    this.clampText = h("output", {});
    this.shiftText = h("output", {});
    this.cutText = h("span", {});
    this.name = h("span", {});
    this.result = h("p", { class: "result", role: "status" });
    const gates = h(
      "fieldset",
      { class: "plays" },
      h("legend", {}, this.name),
      labelled("of", this.scope, "field inline"),
      h("div", { class: "field slide" }, h("label", { class: "check" }, this.clampOn, h("span", {}, "hold it at "), this.clampText), this.clamp),
      h("div", { class: "field slide" }, h("span", { class: "check" }, h("span", {}, "shift its bias by "), this.shiftText), this.shift),
      h("div", { class: "field" }, h("label", { class: "check" }, this.cut, this.cutText)),
    );
    this.clamp.setAttribute("aria-label", "value that the gate is held at");
    this.shift.setAttribute("aria-label", "shift of the gate's bias");
    this.words = h("fieldset", { class: "plays", hidden: !reorder });
    this.reset = h("button", { type: "button", class: "quiet", onclick: () => this.#reset() }, "Undo all of it");
    this.element = h("section", { class: "card play", "aria-label": "Play with it" }, h("h2", {}, "Play with it"), gates, this.words, extra, this.result, this.reset);
  }

  render() {
    const { lab } = this;
    const played = lab.playedGates();
    const { play, state } = lab;
    for (const control of [this.clampOn, this.clamp, this.shift, this.cut, this.scope]) control.disabled = (!played && play.idle) || !lab.ready;
    const gates = played ?? "no gates here: an RNN has none";
    this.name.textContent = `${gates[0].toUpperCase()}${gates.slice(1)}`;
    this.clampOn.checked = play.clamp !== null;
    if (play.clamp !== null) this.clamp.value = play.clamp;
    this.clampText.textContent = Number(this.clamp.value).toFixed(2);
    this.shift.value = play.shift;
    this.shiftText.textContent = `${play.shift > 0 ? "+" : ""}${play.shift.toFixed(1)}`.replace("-", "−");
    this.cut.checked = play.cut !== null;
    this.cutText.textContent = state.step === null ? "write nothing" : `write nothing at “${this.#label(state.step)}”`;
    this.scope.options[1].textContent = state.unit === null ? "one unit (choose it below)" : `unit ${state.unit}`;
    this.scope.options[1].disabled = (state.unit === null && play.unit === null) || !lab.looked?.track.cell.KEEPS;
    this.scope.value = play.unit === null ? "all" : "one";
    if (this.reorder) this.#order();
    const changed = (lab.subjects ?? []).filter(({ base, result }) => base && base !== result);
    const last = (values) => lab.quantity.format(values[values.length - 1]);
    put(this.result, changed.flatMap(({ name, kind, base, result }) => h("span", { class: `key ${kind}` }, `${name} ${last(base.shown)} → ${last(result.shown)}`)));
    this.reset.disabled = play.idle && !lab.input?.reordered && !this.onreset;
  }

  #label(step) {
    return this.lab.input.titles ? this.lab.input.titles[step] : this.lab.input.labels[step] || step + 1;
  }

  #order() {
    const { lab } = this;
    const { labels } = lab.input;
    const step = lab.state.step ?? 0;
    const key = `${labels.join(" ")}|${step}`;
    if (this.ordered === key) return;
    this.ordered = key;
    const focused = this.words.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const near = labels.map((word, place) => [place, `${word} (${place + 1})`]).slice(Math.max(0, step - NEAR), step + NEAR);
    const others = near.filter(([place]) => place !== step);
    const other = select(others, others[0]?.[0] ?? "", () => {});
    other.dataset.key = "other";
    const few = labels.length < 2;
    other.disabled = few;
    const middle = step > 0 ? step : Math.floor(labels.length / 2);
    put(
      this.words,
      h("legend", {}, "Word order"),
      labelled(few ? "swap a word with" : `swap “${labels[step]}” with`, other, "field inline"),
      h(
        "div",
        { class: "pair" },
        h("button", { type: "button", "data-key": "swap", disabled: few, onclick: () => this.reorder(swapped(labels.length, step, Number(other.value))) }, "Swap the words"),
        h("button", { type: "button", "data-key": "halves", disabled: few, onclick: () => this.reorder(halvesSwapped(labels.length, middle)) }, few ? "Swap the halves" : `Swap the halves at “${labels[middle]}”`),
      ),
    );
    if (focused) this.words.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  #reset() {
    this.lab.play.clamp = null;
    if (this.reorder) this.reorder(null);
    this.onreset?.();
    this.lab.setPlay({ clamp: null, shift: 0, unit: null, cut: null });
  }
}
