// How far each step moved the answer: the sequence is read again without it.
import { project } from "./math.js";
import { row } from "./sequences.js";

export const FARTHEST = 120; // steps back that are left out one by one
const PIECE = 16; // steps that are read without a pause

// The head's first output (of several, the one at `column`) at the end of a run, minus what it is without each of its steps:
// float64 [steps]; NaN for the steps that are more than FARTHEST back. `joint`: rows [steps, features] as they are when the step
// before is gone, where that changes them (pairs of words). `rest(found)` is awaited now and then, with what is found so far, the
// nearest steps first; it may stop the work by throwing.
export async function influences(network, run, { readout = "trained", plays = {}, column = 0, joint = null, rest = () => {} } = {}) {
  const { steps } = run;
  const found = new Float64Array(steps).fill(NaN);
  const whole = network.answer(network.read(run, steps, readout))[column];
  const first = Math.max(0, steps - FARTHEST);
  const tails = network.causal && !joint ? new Tails(network, run, first, plays, readout) : null;
  for (let gone = steps - 1; gone >= first; gone--) {
    const pause = () => rest(found);
    const vector = tails ? await tails.without(gone, pause) : again(network, run, gone, joint, plays, readout);
    found[gone] = whole - network.answer(vector)[column];
    await pause();
  }
  return found;
}

// Reads what comes after a step that is left out, going on from the states before it.
class Tails {
  constructor(network, run, first, plays, readout) {
    Object.assign(this, { network, run, first, plays, readout });
    const [track] = network.layers[0];
    this.projected = project(track.weights, run.x.subarray(first * network.features), run.steps - first);
    this.before = []; // what the head has read before each step from `first` on
    const reader = network.reader(readout);
    for (let t = 0; t < run.steps; t++) {
      if (t >= first) this.before.push(network.reader(readout, reader));
      reader.take(run.top, t * network.width, run.x, t * network.features);
    }
  }

  // What the head reads without step `gone`.
  async without(gone, pause) {
    const { network, run, readout } = this;
    if (run.steps < 2) return network.read(run, 0, readout);
    const reader = network.reader(readout, this.before[gone - this.first]);
    let starts = network.layers.map(([{ name, cell, weights }]) => (gone ? statesAt(run.traces[name], cell, gone - 1, weights.units) : null));
    for (let from = gone + 1; from < run.steps; from += PIECE) {
      if (from > gone + 1) await pause();
      const count = Math.min(PIECE, run.steps - from);
      const { top, ends } = this.#piece(starts, from, count);
      starts = ends;
      for (let t = 0; t < count; t++) reader.take(top, t * network.width, run.x, (from + t) * network.features);
    }
    return reader.vector();
  }

  #piece(starts, from, count) {
    let top = null;
    const ends = this.network.layers.map(([{ weights, cell, name }], layer) => {
      const at = from - this.first;
      const z = layer ? project(weights, top, count) : this.projected.subarray(at * weights.width, (at + count) * weights.width);
      const trace = cell.forward(weights, z, count, starts[layer], this.plays[name], from);
      top = trace.hidden;
      return statesAt(trace, cell, count - 1, weights.units);
    });
    return { top, ends };
  }
}

const statesAt = (trace, cell, t, units) => Object.fromEntries(cell.STATES.map((state) => [state, row(trace[state], t, units)]));

function again(network, { x, steps }, gone, joint, plays, readout) {
  const size = network.features;
  const without = new Float32Array((steps - 1) * size);
  without.set(x.subarray(0, gone * size));
  without.set(x.subarray((gone + 1) * size, steps * size), gone * size);
  if (joint && gone + 1 < steps) without.set(joint.subarray((gone + 1) * size, (gone + 2) * size), gone * size);
  const shifted = Object.fromEntries(Object.entries(plays).map(([name, play]) => [name, play && moved(play, gone)]));
  return network.read(network.run(without, steps - 1, shifted), steps - 1, readout);
}

function moved(play, gone) {
  if (play.cut === null || play.cut < gone) return play;
  return Object.assign(Object.create(Object.getPrototypeOf(play)), play, { cut: play.cut === gone ? null : play.cut - 1 });
}
