// The tab of texts: a sentence of one's own, read word by word.
import { choice, h, labelled, number, put, select, signed } from "./dom.js";
import { driversOf } from "./drivers.js";
import { Lab } from "./lab.js";
import { liteRtButton } from "./litertbutton.js";
import { logit } from "./math.js";
import { packaged, tracksOf, unitOrder } from "./subject.js";
import { TextModel } from "./textmodel.js";
import { probabilities } from "./texts.js";
import { tokenize } from "./tokenizer.js";

const OFFERED = 10;
const FULL = 1.5; // log-odds of a word's full colour
const SAID_AFTER = 700; // milliseconds without a change

export class TextTab {
  constructor({ tab, manifest, desk }) {
    Object.assign(this, { tab, manifest, desk });
    this.models = tab.models.map((entry, number) => new TextModel(entry, `text ${number}`));
    this.shown = [this.models[0], this.models[tab.beside]].filter(Boolean);
    this.order = null;
    this.target = null;
    this.text = h("textarea", { id: "text", rows: 2, spellcheck: false, value: tab.examples[0] ?? "", placeholder: "Type a sentence" });
    this.text.addEventListener("input", () => {
      this.order = null;
      this.#soon();
    });
    this.verdicts = h("div", { class: "verdicts" });
    this.said = h("p", { class: "unseen", role: "status" }); // for a screen reader, when a reader rests
    this.weights = h("p", { class: "note weights" });
    this.lab = new Lab({
      desk,
      manifest,
      label: "The text, word by word",
      stepName: "word",
      quantity: { title: this.#title(), axis: shareAxis, format: (value) => number(value, 3), shown: (answers) => this.#shares(answers) },
      slope: () => ({ kind: "cross", target: this.target }),
      captions: {
        whole: "the text",
        words: "The words. Arrow keys move; each is coloured by how far it moved the verdict.",
        influence: "Moved the verdict: log-odds at the pointed word, minus what they are without the word above the bar",
        gradient: (through) => `Gradient that reaches back: ${this.#norms()} of the loss at the pointed word${through === "word" ? ", read from its state alone" : ""}`,
        order: "from those that push the verdict up to those that push it down",
      },
      plays: { reorder: (order) => this.#reorder(order) },
      drivers: (subject) => (subject.reader.drivers ??= driversOf(desk, subject, tab.examples)),
      changed: () => this.#verdict(),
    });
    this.lab.renew = () => this.update();
    this.tools = h("div", { class: "tools" });
    this.element = this.#page();
  }

  // Shows what the package has computed, then loads the weights.
  async start() {
    await this.update();
    for (const model of this.shown) this.#load(model);
  }

  #page() {
    const offered = this.tab.examples.slice(0, OFFERED);
    const examples = h("div", { class: "examples", role: "group", "aria-label": "Sentences to begin with" }, offered.map((text) => h("button", { type: "button", class: "example", title: text, onclick: () => this.#take(text) }, short(text))));
    const input = h("div", { class: "ask" }, h("label", { htmlFor: "text" }, "Type a sentence, or take one of these."), this.text, examples);
    const lite = this.manifest.litert ? liteRtButton(this.manifest.litert, this) : null;
    return h("div", {}, h("div", { class: "top" }, input, h("div", { class: "says" }, this.verdicts, this.said, this.weights, lite), this.tools), this.lab.element);
  }

  #tools() {
    const { lab } = this;
    const names = this.models.map(({ entry }, place) => [place, entry.name]);
    const pick = (slot) => {
      const choices = slot ? [["", "nothing"], ...names] : names;
      const chosen = this.shown[slot] ? this.models.indexOf(this.shown[slot]) : "";
      return select(choices, chosen, (value) => {
        this.shown = [...this.shown];
        if (value === "") this.shown.length = 1;
        else this.shown[slot] = this.models[Number(value)];
        if (this.shown[0] === this.shown[1]) this.shown.length = 1;
        this.target = null;
        this.#tools();
        this.update();
        this.#note();
        for (const model of this.shown) this.#load(model);
      });
    };
    const classes = this.shown[0].entry.form.answer.names;
    put(
      this.tools,
      names.length > 1 ? [labelled("Model", pick(0), "field stacked"), labelled("Beside it", pick(1), "field stacked")] : null,
      choice("Verdict read from", [["trained", pooled(this.shown[0].entry.form.pooling)], ["word", "the word's state alone"]], lab.state.readout, (readout) => lab.setState({ readout })),
      choice("Gradient through", [["word", "the word's state alone"], ["trained", "the read-out as trained"]], lab.state.through, (through) => lab.setState({ through })),
      labelled("Loss, if it should be", select([["", "the other verdict"], ...classes.map((name, place) => [place, name])], this.target ?? "", (value) => {
        this.target = value === "" ? null : Number(value);
        lab.setState({});
      }), "field stacked"),
    );
  }

  async #load(model) {
    const loading = model.load(this.desk);
    this.#note();
    await loading;
    this.#note();
    if (this.shown.includes(model)) await this.update();
  }

  #soon() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.update());
  }

  #take(text) {
    this.text.value = text;
    this.order = null;
    this.lab.state.step = null;
    this.update();
  }

  #reorder(order) {
    this.order = order && this.order ? order.map((place) => this.order[place]) : order;
    this.update();
  }

  async update() {
    const limit = Math.min(...this.shown.map(({ entry }) => entry.form.reads.max_tokens)); // both read the same words
    const found = tokenize(this.text.value);
    const all = found.slice(-limit);
    this.cut = found.length - all.length;
    const words = this.order ? this.order.map((place) => all[place]) : all;
    const subjects = this.shown.map((model) => this.#subject(model, words, all)).filter(Boolean);
    this.words = words;
    if (!this.tools.children.length) this.#tools();
    await this.lab.set({ labels: words, reordered: this.order !== null, subjects, words: () => this.#words(words) });
  }

  #subject({ entry, id, reader }, words, all) {
    const tracks = tracksOf(entry.form);
    const subject = { id, name: entry.name, kind: tracks[0].kind, tracks, stepName: "word", reader, network: reader?.network };
    if (reader) {
      const { x, steps, joint } = reader.encode(words);
      Object.assign(subject, { x, steps, joint, units: (track) => reader.network.tracks.find(({ name }) => name === track.name).weights.units });
      const orders = (reader.orders ??= {});
      subject.order = (track) => (orders[track.name] ??= unitOrder(reader.network, track));
      subject.column = this.#column(reader);
      if (this.order) subject.formerly = reader.encode(all);
      return subject;
    }
    if (!entry.first || entry.first.steps.join(" ") !== words.join(" ")) return null;
    const first = packaged(entry.first);
    const units = (track) => first.traces[track.name].hidden.length / words.length;
    return { ...subject, first, steps: words.length, units, order: (track) => first.order[track.name] };
  }

  // The class whose probability is shown: the second of two, or the most probable one in the end.
  #column(reader) {
    return reader.network.outputs === 1 ? 0 : (this.top ?? 0);
  }

  #shares(answers) {
    const outputs = answers.length / (this.words.length + 1);
    const rows = probabilities(answers, outputs);
    if (outputs > 1) this.top = rows.at(-1).indexOf(Math.max(...rows.at(-1)));
    return Float64Array.from(rows, (row) => row[outputs > 1 ? this.top : 0]);
  }

  #title() {
    const { names } = this.models[0].entry.form.answer;
    return names.length === 2 ? `Verdict as it is read: probability of “${names[1]}”` : "Verdict as it is read: probability of the class that wins";
  }

  #norms() {
    const symbols = new Set(this.lab.subjects?.map(({ kind }) => (kind === "lstm" ? "|dL/dc|" : "|dL/dh|")));
    return [...symbols].join(" and ");
  }

  #words(words) {
    const [subject] = this.lab.subjects;
    if (!subject) return words.map((text) => ({ text, tint: "transparent", known: true, moved: false, title: "" }));
    const { shown } = subject.result;
    const known = (word, t) => (subject.reader ? subject.reader.vocabulary.knows(word) : this.shown[0].entry.first.known[t]);
    return words.map((text, t) => {
      const share = Math.max(-1, Math.min(1, (logit(shown[t + 1]) - logit(shown[t])) / FULL));
      const tint = `rgb(var(${share > 0 ? "--up" : "--down"}) / ${(Math.abs(share) ** 0.7 * 0.6).toFixed(3)})`;
      const title = `${subject.name} ${shown[t + 1].toFixed(3)} after this word, moved by ${signed(shown[t + 1] - shown[t])}${known(text, t) ? "" : "; unknown word"}`;
      return { text, tint, known: known(text, t), moved: this.order !== null && this.order[t] !== t, title };
    });
  }

  #verdict() {
    const { names } = this.shown[0].entry.form.answer;
    const { subjects } = this.lab;
    const lines = subjects.map((subject) => {
      const value = subject.result.shown.at(-1);
      const label = names.length === 2 ? names[Number(value > 0.5)] : names[this.top];
      const bar = h("div", { class: "meter" }, h("div", { class: "meter-fill" }));
      bar.firstChild.style.width = `${(100 * value).toFixed(1)}%`;
      return h("div", { class: `verdict ${subject.kind}` }, h("span", { class: "verdict-name" }, subject.name), h("span", { class: "verdict-value" }, number(value, 3)), h("span", { class: "verdict-label" }, label), bar);
    });
    put(this.verdicts, this.words.length ? lines : h("p", { class: "note" }, "No words yet."));
    if (!lines.length && this.words.length) put(this.verdicts, h("p", { class: "note" }, "The weights are on their way."));
    clearTimeout(this.saying);
    this.saying = setTimeout(() => put(this.said, this.verdicts.innerText.replace(/\s*\n\s*/g, ", ")), SAID_AFTER);
    if (this.cut) this.verdicts.append(h("p", { class: "note" }, `The last ${this.words.length} words are read; the first ${this.cut} are cut.`));
  }

  #note() {
    put(this.weights, this.shown.map(({ note }) => h("span", {}, note)));
    this.weights.classList.toggle("wrong", this.shown.some(({ error }) => error));
  }
}

const shareAxis = () => ({ place: (value) => value, ticks: [[1, "1"], [0.5, "0.5"], [0, "0"]] });

function short(text) {
  return text.length > 44 ? `${text.slice(0, 42).trimEnd()}…` : text;
}

function pooled(parts) {
  const names = { last: "last", max: "max", mean: "mean" };
  const found = parts.map((part) => names[part]);
  return found.length === 1 && found[0] === "last" ? "the last state" : `all states (${found.join(" and ")})`;
}
