// The tab of long memory: networks that were trained to add the two marked numbers of a sequence.
import { h, number, put, signed } from "./dom.js";
import { Lab } from "./lab.js";
import { loadFile } from "./loader.js";
import { Network } from "./network.js";
import { axis } from "./pricetab.js";
import { parseSafetensors } from "./safetensors.js";
import { tracksOf, unitOrder } from "./subject.js";
import { color } from "./theme.js";

const TRIED = 200;
const CHANCE = 1 / 6;

// A sequence of the adding problem (seqzoo.data.long_memory): one mark in each half.
export function sequence(span, random) {
  const values = Array.from({ length: span }, () => random());
  const half = Math.floor(span / 2);
  return { values, marks: [Math.floor(random() * half), half + Math.floor(random() * (span - half))] };
}

export function inputsOf({ values, marks }) {
  const x = new Float32Array(2 * values.length);
  values.forEach((value, t) => (x[2 * t] = value));
  for (const mark of marks) x[2 * mark + 1] = 1;
  return x;
}

export const sumOf = ({ values, marks }) => values[marks[0]] + values[marks[1]];

export class MemoryTab {
  constructor({ manifest, desk }) {
    Object.assign(this, { manifest, desk });
    this.about = manifest.adding;
    this.spans = [...new Set(this.about.networks.map(({ span }) => span))].sort((a, b) => a - b);
    this.lab = new Lab({
      desk,
      manifest,
      label: "The numbers, step by step",
      stepName: "step",
      quantity: { title: "Answer, if it were asked at this step: the dashed line is what is right", axis: (values) => axis([0, 1.2, ...values], false), format: (value) => number(value, 3), shown: (answers) => answers },
      slope: () => ({ kind: "square", target: sumOf(this.sequence) }),
      captions: {
        whole: "the sequence",
        influence: "Moved the answer: at the pointed step, minus what it is without the step above the bar",
        gradient: () => "Gradient that reaches back: |dL/dc| of the LSTM, |dL/dh| of the others, of the squared error",
        order: "from those that raise the answer to those that lower it",
      },
      changed: () => this.#answers(),
    });
    this.lab.renew = () => this.update();
    this.span = h("input", { type: "range", id: "span", min: 0, max: this.spans.length - 1, step: 1, value: Math.min(2, this.spans.length - 1), oninput: () => this.#fresh() });
    this.spanText = h("output", {});
    this.first = h("input", { type: "range", id: "first-mark", min: 0, step: 1, oninput: () => this.#marked() });
    this.second = h("input", { type: "range", id: "second-mark", step: 1, oninput: () => this.#marked() });
    this.verdicts = h("div", { class: "verdicts", role: "status" });
    this.trial = h("p", { class: "note", role: "status" });
    const field = (text, control, ...more) => h("div", { class: "field" }, h("label", { htmlFor: control.id }, text, ...more), control);
    this.element = h(
      "div",
      {},
      h(
        "div",
        { class: "top" },
        h(
          "div",
          { class: "ask" },
          h("p", {}, "Two numbers of a sequence are marked; after the last step a network must give their sum. The farther the first mark lies back, the longer it must be remembered. Each network was trained on sequences of this length, with about as many weights as the others."),
          field("Span: ", this.span, this.spanText),
          h("div", { class: "two" }, field("First mark", this.first), field("Second mark", this.second)),
          h("div", { class: "pair" }, h("button", { type: "button", onclick: () => this.#fresh() }, "Another sequence"), h("button", { type: "button", class: "quiet", onclick: () => this.#try() }, `Try ${TRIED} sequences`)),
          this.trial,
        ),
        h("div", {}, this.verdicts, this.#table()),
      ),
      this.lab.element,
    );
  }

  async start() {
    try {
      const tensors = parseSafetensors(await loadFile(this.about.file, this.desk));
      this.models = this.about.networks.map((entry) => ({ entry, id: `adding ${entry.cell} ${entry.span}`, network: new Network(entry.form, tensors) }));
      for (const { id, entry } of this.models) await this.desk.ask({ kind: "network", network: id, form: entry.form, tensors: Network.core(entry.form, tensors) });
      this.#fresh();
    } catch (error) {
      put(this.verdicts, h("p", { class: "note" }, error.message));
    }
  }

  #fresh() {
    const span = this.spans[Number(this.span.value)];
    this.spanText.textContent = `${span} steps`;
    this.span.setAttribute("aria-valuetext", `${span} steps`);
    this.sequence = sequence(span, Math.random);
    const half = Math.floor(span / 2);
    Object.assign(this.first, { max: half - 1, value: this.sequence.marks[0] });
    Object.assign(this.second, { min: half, max: span - 1 });
    this.second.value = this.sequence.marks[1];
    this.lab.state.step = null;
    put(this.trial);
    this.update();
  }

  #marked() {
    this.sequence.marks = [Number(this.first.value), Number(this.second.value)];
    this.update();
  }

  #here() {
    const span = this.sequence.values.length;
    return this.models.filter(({ entry }) => entry.span === span);
  }

  async update() {
    if (!this.models) return;
    const { values, marks } = this.sequence;
    const x = inputsOf(this.sequence);
    const subjects = this.#here().map((model) => {
      const { entry, id, network } = model;
      const tracks = tracksOf(entry.form);
      const order = (track) => ((model.orders ??= {})[track.name] ??= unitOrder(network, track));
      return { id, name: entry.cell.toUpperCase(), kind: entry.cell, tracks, network, x, steps: values.length, stepName: "step", units: () => network.tracks[0].weights.units, order };
    });
    const labels = values.map((value, t) => (marks.includes(t) ? value.toFixed(2) : ""));
    const titles = values.map((value, t) => `step ${t + 1}: ${value.toFixed(2)}${marks.includes(t) ? ", marked" : ""}`);
    const only = (wanted) => values.map((value, t) => (marks.includes(t) === wanted ? value : NaN));
    const numbers = {
      id: "numbers",
      type: "bars",
      height: 64,
      caption: "The numbers: the marked two stand out",
      series: [
        { values: only(false), color: color("--bar") },
        { values: only(true), color: color("--ink") },
      ],
      most: 1,
      mostText: "1",
      rising: true,
    };
    let right = 0;
    const so = [0, ...values.map((value, t) => (right += marks.includes(t) ? value : 0))];
    const extra = [{ values: so, color: color("--ink"), dash: [2, 3], width: 1.4 }];
    await this.lab.set({ labels, titles, tight: true, subjects, before: [numbers], extra });
  }

  #answers() {
    const right = sumOf(this.sequence);
    const lines = this.lab.subjects.map(({ name, kind, result }) => {
      const answer = result.shown.at(-1);
      return h("div", { class: `verdict ${kind}` }, h("span", { class: "verdict-name" }, name), h("span", { class: "verdict-value" }, number(answer, 3)), h("span", { class: "verdict-label" }, `${signed(answer - right, 3)} from what is right`));
    });
    put(this.verdicts, h("div", { class: "verdict" }, h("span", { class: "verdict-name" }, "The sum"), h("span", { class: "verdict-value" }, number(right, 3))), lines);
  }

  #try() {
    const span = this.sequence.values.length;
    const tried = Array.from({ length: TRIED }, () => sequence(span, Math.random));
    const errors = this.#here().map(({ entry, network }) => {
      const squares = tried.map((one) => (network.answer(network.read(network.run(inputsOf(one), span), span, "trained"))[0] - sumOf(one)) ** 2);
      return `${entry.cell.toUpperCase()} ${number(squares.reduce((sum, value) => sum + value, 0) / TRIED, 5)}`;
    });
    put(this.trial, `Mean squared error on ${TRIED} new sequences, here and now: ${errors.join(", ")}. Always answering 1: ${number(CHANCE, 4)}.`);
  }

  #table() {
    const cells = ["rnn", "lstm", "gru"];
    const row = (span) => h("tr", {}, h("th", { scope: "row" }, String(span)), cells.map((cell) => h("td", {}, number(this.about.networks.find((one) => one.cell === cell && one.span === span).error, 5))));
    const head = h("tr", {}, h("th", { scope: "col" }, "span"), cells.map((cell) => h("th", { scope: "col" }, cell.toUpperCase())));
    return h("table", { class: "errors" }, h("caption", {}, `Mean squared error on ${this.about.measured_on.toLocaleString("en")} sequences; always answering 1 has ${number(CHANCE, 4)}`), h("thead", {}, head), h("tbody", {}, this.spans.map(row)));
  }
}
