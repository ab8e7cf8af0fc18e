// The tab of prices: a series, and a forecast of how much tomorrow will move.
import { h, labelled, number, put, signed } from "./dom.js";
import { Lab } from "./lab.js";
import { loadFile } from "./loader.js";
import { Network } from "./network.js";
import { decode, features, parseCsv, shown, STEPS, WINDOW } from "./prices.js";
import { parseSafetensors } from "./safetensors.js";
import { tracksOf, unitOrder } from "./subject.js";
import { color } from "./theme.js";

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

export class PriceTab {
  constructor({ tab, manifest, desk }) {
    Object.assign(this, { tab, manifest, desk });
    this.models = tab.models.slice(0, 2).map((entry, place) => ({ entry, id: `prices ${place}`, cache: new Map() }));
    this.series = tab.examples[0] ?? null;
    this.shock = 0;
    const kind = tab.models[0].form.answer.kind;
    this.unit = kind === "volatility" ? "expected volatility, % a year" : "from the lowest to the highest quantile, %";
    this.shockText = h("output", {}, "0 %");
    this.shockRange = h("input", { type: "range", min: -20, max: 20, step: 0.5, value: 0, oninput: () => this.#shocked(Number(this.shockRange.value)) });
    const extra = h("fieldset", { class: "plays" }, h("legend", {}, "The last day"), h("div", { class: "field" }, h("label", { htmlFor: (this.shockRange.id = "shock") }, "let it end by ", this.shockText, " away from where it did"), this.shockRange));
    this.lab = new Lab({
      desk,
      manifest,
      label: "The last sixty days, day by day",
      stepName: "day",
      quantity: { title: `Forecast after each day: ${this.unit}`, axis, format: (value) => number(value, kind === "volatility" ? 1 : 2), shown: (answers) => answers },
      slope: () => ({ kind: "own" }),
      captions: {
        whole: "sixty days",
        influence: "Moved the forecast: log variance at the pointed day, minus what it is without the day above the bar",
        gradient: () => "Gradient that reaches back: of the log variance, |dL/dc| or |dL/dh|",
        order: "from those that raise the forecast to those that lower it",
      },
      plays: { extra },
      changed: () => this.#forecast(),
    });
    this.lab.renew = () => this.update();
    this.lab.panel.onreset = () => this.#shocked(0);
    this.day = h("input", { type: "range", id: "asof", min: WINDOW - 1, value: 0, oninput: () => this.update() });
    this.dayText = h("output", {});
    this.file = h("input", { type: "file", id: "prices", accept: ".csv,text/csv", onchange: () => this.#read() });
    this.note = h("p", { class: "note", role: "status" });
    this.verdicts = h("div", { class: "verdicts", role: "status" });
    this.element = h(
      "div",
      {},
      h(
        "div",
        { class: "top" },
        h("div", { class: "ask" }, h("p", {}, "A forecaster reads sixty days of prices, one by one, and says how much tomorrow will move. Where to, nobody knows. Drag the last day that it knows."), h("div", { class: "field" }, h("label", { htmlFor: "asof" }, "Last day known: ", this.dayText), this.day), labelled("Prices of your own, a CSV with Date, Open, High, Low, Close and Volume; they stay here", this.file), this.note),
        this.verdicts,
      ),
      this.lab.element,
    );
  }

  async start() {
    if (this.series) this.#take(this.series);
    else put(this.note, `This page came without prices. Open a CSV of at least ${WINDOW} days.`);
    try {
      for (const model of this.models) {
        const tensors = parseSafetensors(await loadFile(model.entry.files["weights.safetensors"], this.desk));
        model.tensors = tensors;
        model.network = new Network(model.entry.form, tensors);
        await this.desk.ask({ kind: "network", network: model.id, form: model.entry.form, tensors: Network.core(model.entry.form, tensors) });
      }
      await this.update();
    } catch (error) {
      put(this.note, error.message);
    }
  }

  #take(series) {
    this.series = series;
    for (const { cache } of this.models) cache.clear();
    this.seen = new Map();
    this.day.max = series.rows.length - 1;
    const crash = series.days.indexOf("2008-10-10");
    this.day.value = crash >= WINDOW ? crash : series.rows.length - 1;
    this.shock = 0;
    this.update();
  }

  async #read() {
    const [file] = this.file.files;
    if (!file) return;
    try {
      const { days, rows } = parseCsv(await file.text());
      if (rows.length < WINDOW) throw new Error(`The file must hold at least ${WINDOW} days. It holds ${rows.length}.`);
      this.#take({ name: file.name, days, rows });
      put(this.note, `${rows.length} days of ${file.name}`);
    } catch (error) {
      put(this.note, error.message);
    }
  }

  #shocked(percent) {
    this.shock = percent;
    this.shockRange.value = percent;
    this.shockText.textContent = `${signed(percent, 1)} %`;
    this.update();
  }

  // The rows, the last one as the reader let it end.
  #rows(end, shock) {
    if (!shock) return this.series.rows;
    const rows = this.series.rows.slice(0, end + 1);
    const [open, high, low, close, volume] = rows[end];
    const ended = close * (1 + shock / 100);
    rows[end] = [open, Math.max(high, ended), Math.min(low, ended), ended, volume];
    return rows;
  }

  #features(end, shock) {
    const key = `${end} ${shock}`;
    if (!this.seen.has(key)) this.seen.set(key, features(this.#rows(end, shock), end));
    return this.seen.get(key);
  }

  // The forecast after each of the last days and the one before them; NaN where there are too few days before.
  #answers({ network, entry, cache, tensors }, end, shock, plays) {
    const calm = Object.values(plays).every((play) => play.idle);
    return Float64Array.from({ length: STEPS + 1 }, (_, place) => {
      const day = end - STEPS + place;
      if (day < WINDOW - 1) return NaN;
      const last = day === end ? shock : 0;
      const key = `${day} ${last}`;
      if (calm && cache.has(key)) return cache.get(key);
      const { x, anchor } = this.#features(day, last);
      const run = network.run(x, STEPS, plays);
      const value = shown(entry.form.answer, decode(entry.form.answer, network.answer(network.read(run, STEPS, "trained")), anchor, tensors));
      if (calm) cache.set(key, value);
      return value;
    });
  }

  async update() {
    const ready = this.models.filter(({ network }) => network);
    if (!this.series || !ready.length) return;
    const end = Number(this.day.value);
    const days = this.series.days.slice(end - STEPS + 1, end + 1);
    this.dayText.textContent = days.at(-1);
    this.day.setAttribute("aria-valuetext", days.at(-1));
    const labels = days.map((day) => `${MONTHS[Number(day.slice(5, 7)) - 1] ?? day.slice(5, 7)} ${Number(day.slice(8, 10))}`);
    const subjects = ready.map((model) => {
      const tracks = tracksOf(model.entry.form);
      const weights = (track) => model.network.tracks.find(({ name }) => name === track.name).weights;
      const subject = { id: model.id, name: model.entry.name, kind: tracks[0].kind, tracks, network: model.network, stepName: "day", steps: STEPS };
      Object.assign(subject, { x: this.#features(end, this.shock).x, units: (track) => weights(track).units });
      subject.order = (track) => ((model.orders ??= {})[track.name] ??= unitOrder(model.network, track));
      subject.answersOf = (plays) => this.#answers(model, end, this.shock, plays);
      if (this.shock) {
        const run = model.network.run(this.#features(end, 0).x, STEPS);
        subject.before = { ...run, answers: this.#answers(model, end, 0, {}) };
      }
      return subject;
    });
    const closes = this.#rows(end, this.shock).slice(end - STEPS + 1, end + 1).map((row) => row[3]);
    const { place, ticks } = axis(closes, false);
    const price = { id: "price", type: "lines", height: 92, caption: `Closing price: ${this.series.name}`, lines: [{ values: closes, color: color("--ink"), width: 1.8 }], place, ticks };
    await this.lab.set({ labels, titles: days, tight: true, subjects, before: [price], reordered: this.shock !== 0 });
  }

  #forecast() {
    const lines = this.lab.subjects.map((subject) => {
      const value = subject.result.shown.at(-1);
      return h("div", { class: `verdict ${subject.kind}` }, h("span", { class: "verdict-name" }, subject.name), h("span", { class: "verdict-value" }, number(value, 1)), h("span", { class: "verdict-label" }, this.unit));
    });
    put(this.verdicts, lines);
  }
}

// An axis with a few round numbers around the values; from 0 on, unless `zero` is false.
export function axis(values, zero = true) {
  const finite = values.filter(Number.isFinite);
  const [least, most] = [Math.min(...finite), Math.max(...finite)];
  const margin = 0.06 * (most - least || Math.abs(most) || 1);
  const low = zero ? 0 : least - margin;
  const high = most + margin;
  const rough = (high - low) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.8);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = [];
  for (let n = Math.ceil(low / step); n * step <= high; n++) ticks.push([n * step, (n * step).toFixed(digits).replace("-", "−")]);
  return { place: (value) => (value - low) / (high - low), ticks };
}
