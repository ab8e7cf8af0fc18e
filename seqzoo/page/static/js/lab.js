// What all tabs share: subjects at work on one sequence, their score, a play with them, and the zoom into one step.
import { compute } from "./computing.js";
import { h, put } from "./dom.js";
import { Looking } from "./looking.js";
import { Play } from "./plays.js";
import { PlayPanel } from "./playpanel.js";
import { answerRow, heatRows, labelsRow, unitRows } from "./rows.js";
import { Score } from "./score.js";
import { onTheme, scale } from "./theme.js";
import { Zoom } from "./zoom.js";

const ASIDE = 60; // steps of a sequence whose panel of plays waits for a pause too
const PAUSE = 120; // milliseconds without a change after which what lies beside the score is shown anew
const SLOW = 250; // milliseconds after which a reader is told that there is work going on

export class Lab {
  // quantity: {title, axis(values), format(value), shown(answers, subject)}; slope(subject): {kind, target} of the loss.
  // stepName: "word". words(step): what the row of words shows; null for a row of labels.
  constructor({ desk, manifest, label, quantity, slope, stepName, captions, plays = {}, changed = () => {}, drivers = null }) {
    Object.assign(this, { desk, manifest, quantity, slope, stepName, captions, changed });
    this.state = { step: null, track: null, field: null, unit: null, readout: "trained", through: "word" };
    this.play = new Play();
    this.looking = new Looking(this);
    this.score = new Score({
      label,
      stops: manifest.colors,
      point: (step) => this.looking.pointed(step),
      choose: (step, place) => this.choose(step, place),
      tell: (place) => this.#tell(place),
    });
    this.zoom = new Zoom({ lab: this, drivers });
    this.panel = new PlayPanel({ lab: this, ...plays });
    this.legend = h("div", { class: "legend" });
    this.note = h("p", { class: "note", hidden: true });
    this.element = h("div", { class: "lab" }, h("div", { class: "lab-main" }, this.legend, this.note, this.score.element));
    this.side = h("div", { class: "lab-side" }, this.panel.element, this.zoom.element);
    this.element.append(this.side);
    onTheme(() => this.subjects && this.render());
  }

  // input: {labels, tight, words, subjects, before: rows above the answer, extra: lines beside it}. A subject: {id, name, kind, tracks,
  // network, x, steps, joint, column, first, before or formerly}: `before` is the run that a change is compared with, `formerly`
  // the {x, steps} of it.
  async set(input) {
    const turn = (this.turn = {});
    const results = input.subjects.map((subject) => this.#results(subject));
    clearTimeout(this.slow);
    if (results.flat().some((result) => result instanceof Promise)) {
      this.slow = setTimeout(() => {
        this.note.hidden = false;
        put(this.note, `Reading ${input.labels.length} ${this.stepName}s …`);
      }, SLOW);
      for (const pair of results) for (const place of [0, 1]) pair[place] = await pair[place];
      if (this.turn !== turn) return;
      clearTimeout(this.slow);
    }
    this.note.hidden = true;
    input.subjects.forEach((subject, place) => this.#take(subject, ...results[place]));
    this.input = input;
    this.subjects = input.subjects.filter(({ result }) => result);
    this.#settle();
    this.render();
    if (this.reveals) this.score.reveal(this.state.step);
    this.reveals = false;
    this.changed();
    this.looking.look();
  }

  // [the result, what it was before a change or null], as they are or as promises.
  #results(subject) {
    const { network, before, formerly, first, x, steps } = subject;
    if (!network) return [first, before ?? null];
    const { readout } = this.state;
    const plays = this.playsOf(subject);
    const asked = (input, plays, slot) => compute(this.desk, subject, { ...input, plays, readout, slot });
    const calm = Object.values(plays).every((play) => play.idle);
    const base = before ?? (formerly || !calm ? asked(formerly ?? { x, steps }, {}, "before") : null);
    return [asked({ x, steps }, plays, "now"), base];
  }

  #take(subject, result, base) {
    Object.assign(subject, { result, base });
    const shown = (found) => (found.shown ??= subject.first === found ? found.answers : this.quantity.shown(found.answers, subject));
    for (const found of [result, base]) if (found) shown(found);
  }

  // Everything again, after a play or another read-out.
  again() {
    return this.renew ? this.renew() : this.set(this.input);
  }

  choose(step, { row, unit } = {}) {
    this.state.step = step;
    this.follows = step === this.input.labels.length - 1;
    if (row?.trackOf && unit !== undefined) {
      Object.assign(this.state, { track: row.track, field: row.field, unit });
      this.render();
    } else this.score.mark({ chosen: step });
    this.looking.look();
    this.#aside(true);
    if (this.play.cut !== null && this.play.cut !== step) this.setPlay({ cut: step });
  }

  setState(changes) {
    Object.assign(this.state, changes);
    if ("readout" in changes) return void this.again();
    this.render();
    this.#aside(true);
    this.looking.look();
  }

  setPlay(changes) {
    this.play = new Play({ ...this.play, ...changes });
    this.again();
  }

  // The subject and track that the zoom looks into.
  get looked() {
    for (const subject of this.subjects ?? []) {
      for (const track of subject.tracks) if (`${subject.id} ${track.name}` === this.state.track) return { subject, track };
    }
    return null;
  }

  get ready() {
    return this.subjects?.length > 0 && this.subjects.every(({ network }) => network);
  }

  // What a play changes, in words: of all units the gates of every cell that has some, of one unit those of its own; null: nothing.
  playedGates() {
    const { looked } = this;
    const tracks = this.play.unit !== null && looked ? [looked.track] : (this.subjects ?? []).flatMap((subject) => subject.tracks);
    const names = tracks.filter(({ cell }) => cell.KEEPS).map(({ cell, kind }) => `${cell.KEEPS} gate of the ${kind.toUpperCase()}`);
    return names.length ? [...new Set(names)].join(", ") : null;
  }

  playsOf(subject) {
    const found = {};
    for (const track of subject.tracks) {
      const one = this.play.unit === null || `${subject.id} ${track.name}` === this.state.track;
      if (track.cell.KEEPS && one) found[track.name] = this.play;
    }
    return found;
  }

  render() {
    const { labels, tight } = this.input;
    const { state } = this;
    const marked = state.unit === null ? null : { track: state.track, unit: state.unit };
    this.score.show({ labels, tight, rows: this.#rows(), chosen: state.step, pointed: null, unit: marked });
    this.#legend();
    this.#aside(false);
  }

  #rows() {
    const { labels, before = [], after = [], extra, words } = this.input;
    const { subjects, state } = this;
    const rows = [...before, answerRow(this.quantity, subjects, extra)];
    if (words) rows.push({ id: "words", type: "words", caption: "", words: words(), description: this.captions.words });
    else rows.push(labelsRow("names"));
    rows.push(...after);
    if (this.ready) rows.push(...this.looking.rows());
    for (const subject of subjects) {
      for (const track of subject.tracks) {
        const layer = subject.tracks.at(-1).layer ? `, layer ${track.layer + 1}` : "";
        const title = `${subject.name}${layer}${track.reverse ? ", read backwards" : ""}`;
        rows.push({ ...labelsRow(`head ${subject.id} ${track.name}`, labels), caption: title });
        rows.push(...heatRows(subject, track, this.manifest.fields));
        if (state.unit !== null && state.track === `${subject.id} ${track.name}`) rows.push(...unitRows(subject, track, state.unit));
      }
    }
    rows.push(labelsRow("foot"));
    return rows;
  }

  #legend() {
    const { subjects } = this;
    const key = (name, low, high) => h("span", { class: "scale" }, low, h("span", { class: `ramp ${name}` }), high);
    const ramps = h("span", { class: "scales" }, key("share", "0", "1"), key("signed", "−", "+"));
    const names = subjects.map(({ name, kind }) => h("span", { class: `key ${kind}` }, name));
    put(this.legend, names, subjects.every(({ base }) => !base) ? null : h("span", { class: "key before" }, "before"), ramps);
    for (const ramp of ramps.querySelectorAll(".ramp")) {
      const colors = scale(ramp.classList.contains("signed"), this.manifest.colors).filter((_, place) => place % 15 === 0);
      ramp.style.background = `linear-gradient(90deg, ${colors.map((rgb) => `rgb(${rgb.join(",")})`).join(", ")})`;
    }
  }

  // The panels beside the score: at once, or a moment after the last change, so that no keystroke waits for them.
  #aside(now) {
    clearTimeout(this.later);
    const long = this.input.labels.length > ASIDE;
    if (now || !long) this.panel.render();
    if (now) return void this.zoom.render();
    this.later = setTimeout(() => {
      if (long) this.panel.render();
      this.zoom.render();
    }, PAUSE);
  }

  #settle() {
    const { state } = this;
    const steps = this.input.labels.length;
    const grown = state.step !== null && state.step !== steps - 1;
    if (state.step === null) this.score.scroller.scrollLeft = 0;
    if (!steps) state.step = null;
    else if (state.step === null || state.step >= steps || this.follows) {
      this.follows = true; // the last step stays the chosen one while a reader types
      state.step = steps - 1;
      this.reveals = grown;
    }
    if (!this.looked) {
      const gated = this.subjects.find(({ tracks }) => tracks[0].cell.KEEPS);
      const subject = gated ?? this.subjects[0];
      const track = subject?.tracks[0];
      Object.assign(state, { track: track ? `${subject.id} ${track.name}` : null, field: track?.cell.KEEPS ?? track?.cell.FIELDS[0] ?? null });
    }
    const { looked } = this;
    if (!looked) return;
    if (!looked.track.cell.FIELDS.includes(state.field)) state.field = looked.track.cell.FIELDS[0];
    if (state.unit !== null && state.unit >= looked.subject.units(looked.track)) state.unit = null;
  }

  #tell({ step, row, unit }) {
    const name = this.input.titles ? this.input.titles[step] : this.input.labels[step];
    if (row?.type === "heat" && unit !== undefined) {
      const { title } = this.manifest.fields[row.field];
      return `${name} · unit ${unit} · ${title} ${row.values[step * row.units + unit].toFixed(3)}`;
    }
    const told = this.looking.tell(row, step);
    if (told) return `${name} · ${told}`;
    const at = (shown) => shown[step + shown.length - this.input.labels.length];
    const texts = this.subjects.map(({ name: model, result }) => `${model} ${this.quantity.format(at(result.shown))}`);
    return `${name} · ${texts.join(" · ")}`;
  }
}
