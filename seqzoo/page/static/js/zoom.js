// From a sequence to a step, a gate, a unit, its arithmetic.
import { h, number, put, select } from "./dom.js";
import { drawStrip, drawUnits } from "./strips.js";
import { onTheme } from "./theme.js";
import { UnitView } from "./unitview.js";

const LETTERS = { i: "input", f: "forget", g: "candidate", o: "output", c: "cell", h: "hidden", z: "update", r: "reset" };
const STRIP = 20;

export class Zoom {
  constructor({ lab, drivers }) {
    this.lab = lab;
    this.unit = new UnitView(lab, drivers);
    this.path = h("nav", { class: "path", "aria-label": "Where you are" });
    this.body = h("div", { class: "zoom-body" });
    this.element = h("section", { class: "card zoom" }, h("h2", {}, "Look inside"), this.path, this.body);
    this.element.setAttribute("aria-label", "Look inside");
    onTheme(() => this.render());
    this.canvases = new Map(); // used again, which is cheaper than new ones
    this.width = 0;
    new ResizeObserver(([{ contentRect }]) => {
      this.width = contentRect.width;
      this.#strips();
    }).observe(this.body);
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
    put(this.body, this.#tracks(), this.#step(subject, track), this.#gate(subject, track), this.unit.element(subject, track));
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
      const strip = this.#canvas(field, { className: "strip", ariaHidden: "true" });
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
    const bars = this.#canvas("bars", { className: "bars", role: "img", ariaLabel: `${title} of ${values.length} units: from ${number(Math.min(...values), 2)} to ${number(Math.max(...values), 2)}` });
    const order = subject.order(track);
    bars.onclick = (event) => {
      const box = bars.getBoundingClientRect();
      const place = (x) => Math.min(values.length - 1, Math.max(0, Math.floor(((x - box.left) / box.width) * values.length)));
      const [from, to] = [place(Math.floor(event.clientX)), place(Math.floor(event.clientX) + 1)];
      const shared = order.slice(from, Math.max(to, from + 1)); // of units that share a pixel the one that stands out most
      lab.setState({ unit: shared.reduce((most, k) => (Math.abs(values[k]) > Math.abs(values[most]) ? k : most)) });
    };
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

  #canvas(key, properties) {
    if (!this.canvases.has(key)) this.canvases.set(key, h("canvas"));
    return Object.assign(this.canvases.get(key), properties);
  }

  #values(subject, track, field) {
    const units = subject.units(track);
    const values = subject.result.traces[track.name][field];
    return Array.from(values.subarray(this.lab.state.step * units, (this.lab.state.step + 1) * units));
  }

  #strips() {
    const { fields, colors } = this.lab.manifest;
    for (const { strip, values, field, order, unit, height, bars } of this.strips ?? []) {
      const width = this.width - (bars ? 0 : 20);
      if (width <= 0) continue;
      const sorted = order.map((k) => values[k]);
      if (bars) drawUnits(strip, sorted, fields[field].signed, unit === null ? null : order.indexOf(unit), width, height);
      else drawStrip(strip, sorted, fields[field].signed, colors, width, height);
    }
  }
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);
