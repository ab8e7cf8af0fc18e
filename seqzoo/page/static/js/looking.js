// What the chosen or pointed step came from: how far each step moved the answer there, and the gradient that reaches it.
import { plain, quiet } from "./computing.js";
import { gradientRow, influenceRow } from "./rows.js";

const PAUSE = 40; // milliseconds that a pointer rests before it is asked for, and that an answer waits for others

export class Looking {
  constructor(lab) {
    this.lab = lab;
    this.influences = new Map();
    this.gradients = new Map();
  }

  rows() {
    const { subjects, captions, state } = this.lab;
    return [
      influenceRow(subjects, this.influences, captions.influence),
      gradientRow(subjects, this.gradients, captions.gradient(state.through)),
    ];
  }

  pointed(step) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(step), PAUSE);
  }

  look(pointed = null) {
    const { lab } = this;
    if (!lab.ready || lab.state.step === null) return;
    const step = pointed ?? lab.state.step;
    const turn = (this.turn = {});
    for (const subject of lab.subjects) {
      if (step < subject.steps) this.#ask(subject, step, turn);
    }
  }

  #ask(subject, step, turn) {
    const { lab } = this;
    const { id, x, joint, column = 0, network } = subject;
    const plays = plain(lab.playsOf(subject));
    const asked = { network: id, x: x.slice(0, (step + 1) * network.features), steps: step + 1, plays };
    const take = (map, change) => (found) => {
      if (!found || this.turn !== turn) return;
      map.set(id, change(found));
      this.#refresh();
    };
    const influence = { kind: "influence", ...asked, readout: lab.state.readout, column, joint: joint?.slice(0, x.length) };
    const moved = take(this.influences, (found) => found);
    lab.desk.ask(influence, moved).then(moved, quiet);
    const gradient = { kind: "gradient", ...asked, readout: lab.state.through, slope: lab.slope(subject) };
    lab.desk.ask(gradient).then(take(this.gradients, (found) => reaching(found, subject)), quiet);
  }

  // Answers come one after the other; they are drawn together.
  #refresh() {
    this.soon ??= setTimeout(() => {
      this.soon = null;
      this.lab.score.replace(this.rows());
    }, PAUSE);
  }

  // A line about a step of one of these rows, or null.
  tell(row, step) {
    const found = { influence: this.influences, gradient: this.gradients }[row?.id];
    if (!found) return null;
    const texts = this.lab.subjects.map(({ id, name }) => {
      const value = found.get(id)?.[step];
      return `${name} ${Number.isFinite(value) ? (row.id === "influence" ? value.toFixed(2) : value.toExponential(1)) : "–"}`;
    });
    return texts.join(" · ");
  }
}

// The norms that are drawn of a subject: dL/dc_t where there is a cell state, else dL/dh_t; of the last track.
function reaching(found, subject) {
  const norms = found[subject.tracks.at(-1).name];
  return norms.cell ?? norms.hidden;
}
