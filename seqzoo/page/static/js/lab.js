// What all tabs share: subjects at work on one sequence, their score, a play with them, and the zoom into one step.
import { h, put } from "./dom.js";
import { Play } from "./plays.js";
import { PlayPanel } from "./playpanel.js";
import { answerRow, gradientRow, heatRows, influenceRow, labelsRow, unitRows } from "./rows.js";
import { Score } from "./score.js";
import { onTheme, scale } from "./theme.js";
import { Zoom } from "./zoom.js";

const ASIDE = 60; // steps of a sequence whose panels wait for a pause
export const AT_ONCE = 100; // steps that are computed on the page itself; longer sequences go to the worker

export class Lab {
  // quantity: {title, axis(values), format(value), shown(answers, subject)}; slope(subject): {kind, target} of the loss.
  // stepName: "word". words(step): what the row of words shows; null for a row of labels.
  constructor({ desk, manifest, label, quantity, slope, stepName, captions, plays = {}, changed = () => {}, drivers = null }) {
    Object.assign(this, { desk, manifest, quantity, slope, stepName, captions, changed });
    this.state = { step: null, track: null, field: null, unit: null, readout: "trained", through: "word" };
    this.play = new Play();
    this.influences = new Map();
    this.gradients = new Map();
    this.score = new Score({
      label,
      stops: manifest.colors,
      point: (step) => this.#pointed(step),
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
  // network, x, steps, joint, column, first}.
  async set(input) {
    const turn = (this.turn = {});
    const steps = input.labels.length;
    const results = [];
    for (const subject of input.subjects) {
      const plays = this.playsOf(subject);
      const calm = Object.values(plays).every((play) => play.idle);
      const compute = (asked) => (steps > AT_ONCE && !subject.answersOf ? this.#apart(subject, asked) : this.#here(subject, asked));
      const result = subject.network ? compute(plays) : subject.first;
      results.push([subject, result, subject.before ?? (calm || !subject.network ? null : compute({}))]);
    }
    if (steps > AT_ONCE) {
      this.note.hidden = false;
      put(this.note, `Reading ${steps} ${this.stepName}s …`);
      for (const entry of results) entry[1] = await entry[1];
      for (const entry of results) entry[2] = await entry[2];
      if (this.turn !== turn) return;
    }
    this.note.hidden = true;
    for (const [subject, result, base] of results) {
      subject.result = result;
      subject.base = base;
      result.shown ??= subject.first === result ? result.answers : this.quantity.shown(result.answers, subject);
      if (base) base.shown ??= this.quantity.shown(base.answers, subject);
    }
    this.input = input;
    this.subjects = input.subjects.filter(({ result }) => result);
    this.#settle();
    this.render();
    if (this.reveals) this.score.reveal(this.state.step);
    this.reveals = false;
    this.changed();
    this.#look();
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
    this.#look();
    this.zoom.render();
    this.panel.render();
    if (this.play.cut !== null && this.play.cut !== step) this.setPlay({ cut: step });
  }

  setState(changes) {
    Object.assign(this.state, changes);
    if ("readout" in changes) return void this.again();
    this.render();
    this.#look();
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
    const { labels, tight, before = [], after = [], extra, words } = this.input;
    const { subjects, state } = this;
    const rows = [...before, answerRow(this.quantity, subjects, extra)];
    if (words) rows.push({ id: "words", type: "words", caption: "", words: words(), description: this.captions.words });
    else rows.push(labelsRow("names"));
    rows.push(...after);
    if (this.ready) {
      rows.push(influenceRow(subjects, this.influences, this.captions.influence));
      rows.push(gradientRow(subjects, this.gradients, this.captions.gradient(state.through)));
    }
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
    const marked = state.unit === null ? null : { track: state.track, unit: state.unit };
    this.score.show({ labels, tight, rows, chosen: state.step, pointed: null, unit: marked });
    const key = (name, low, high) => h("span", { class: "scale" }, low, h("span", { class: `ramp ${name}` }), high);
    const ramps = h("span", { class: "scales" }, key("share", "0", "1"), key("signed", "−", "+"));
    put(this.legend, subjects.map(({ name, kind }) => h("span", { class: `key ${kind}` }, name)), subjects.every(({ base }) => !base) ? null : h("span", { class: "key before" }, "before"), ramps);
    for (const ramp of ramps.querySelectorAll(".ramp")) {
      const colors = scale(ramp.classList.contains("signed"), this.manifest.colors).filter((_, place) => place % 15 === 0);
      ramp.style.background = `linear-gradient(90deg, ${colors.map((rgb) => `rgb(${rgb.join(",")})`).join(", ")})`;
    }
    this.#aside();
  }

  // The panels beside the score; of more than a sentence a moment later, so that no keystroke waits for them.
  #aside() {
    clearTimeout(this.later);
    const show = () => {
      this.zoom.render();
      this.panel.render();
    };
    if (this.input.labels.length > ASIDE) this.later = setTimeout(show, 150);
    else show();
  }

  get ready() {
    return this.subjects.length > 0 && this.subjects.every(({ network }) => network);
  }

  #here(subject, plays) {
    const run = subject.network.run(subject.x, subject.steps, plays);
    const answers = subject.answersOf ? subject.answersOf(plays) : subject.network.answers(run, this.state.readout, plays);
    return { ...run, answers };
  }

  async #apart(subject, plays) {
    const { x, steps } = subject;
    const { readout } = this.state;
    const found = await this.desk.ask({ kind: "run", network: subject.id, x, steps, readout, plays: plain(plays) }).catch(quiet);
    return found && { ...found, x, steps };
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

  #pointed(step) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#look(step), 40);
  }

  // Asks how far each step moved the answer at the pointed one, and the gradient that reaches them from there.
  #look(pointed = null) {
    if (!this.ready || this.state.step === null) return;
    const step = pointed ?? this.state.step;
    const looking = (this.looking = {});
    for (const subject of this.subjects) {
      const { id, steps, x, joint, column = 0, network } = subject;
      if (step >= steps) continue;
      const asked = { network: id, x: x.slice(0, (step + 1) * network.features), steps: step + 1, plays: plain(this.playsOf(subject)) };
      const put = (map, values) => {
        if (this.looking !== looking) return;
        map.set(id, values);
        this.#refresh();
      };
      this.desk
        .ask({ kind: "influence", ...asked, readout: this.state.readout, column, joint: joint?.slice(0, x.length) })
        .then((found) => put(this.influences, this.#turned(found, subject, step)), quiet);
      this.desk
        .ask({ kind: "gradient", ...asked, readout: this.state.through, slope: this.slope(subject) })
        .then((found) => put(this.gradients, reaching(found, subject)), quiet);
    }
  }

  #turned(found, subject, step) {
    return this.captions.turn ? this.captions.turn(found, subject, step) : found;
  }

  #refresh() {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      const { rows } = this.score;
      const fresh = [influenceRow(this.subjects, this.influences, this.captions.influence), gradientRow(this.subjects, this.gradients, this.captions.gradient(this.state.through))];
      for (const row of fresh) {
        const place = rows.findIndex(({ id }) => id === row.id);
        if (place >= 0) rows[place] = row;
      }
      this.score.draw();
    });
  }

  #tell({ step, row, unit }) {
    const name = this.input.titles ? this.input.titles[step] : this.input.labels[step];
    if (row?.type === "heat" && unit !== undefined) {
      const { title } = this.manifest.fields[row.field];
      return `${name} · unit ${unit} · ${title} ${row.values[step * row.units + unit].toFixed(3)}`;
    }
    if (row?.id === "influence" || row?.id === "gradient") {
      const found = row.id === "influence" ? this.influences : this.gradients;
      const texts = this.subjects.map(({ id, name: model }) => {
        const value = found.get(id)?.[step];
        return `${model} ${Number.isFinite(value) ? (row.id === "influence" ? value.toFixed(2) : value.toExponential(1)) : "–"}`;
      });
      return `${name} · ${texts.join(" · ")}`;
    }
    const texts = this.subjects.map(({ name: model, result }) => `${model} ${this.quantity.format(result.shown[step + result.shown.length - this.input.labels.length])}`);
    return `${name} · ${texts.join(" · ")}`;
  }
}

// The norms that are drawn of a subject: dL/dc_t where there is a cell state, else dL/dh_t; of the last track.
function reaching(found, subject) {
  const norms = found[subject.tracks.at(-1).name];
  return norms.cell ?? norms.hidden;
}

const plain = (plays) => Object.fromEntries(Object.entries(plays).map(([name, play]) => [name, { ...play }]));

function quiet(error) {
  if (error.message !== "outdated") console.error(error);
  return null;
}
