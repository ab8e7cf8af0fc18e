// A network as a model's card describes it: recurrent layers over a sequence, a read-out, a linear head.
import * as gru from "./gru.js";
import * as lstm from "./lstm.js";
import { addTransposed, project } from "./math.js";
import { slopeOfStates, StateReader } from "./readout.js";
import * as rnn from "./rnn.js";
import { appended, cut, flipped, joined, row } from "./sequences.js";

export const CELLS = { rnn, lstm, gru };

// form: {layers: [[{cell, path, reverse}]], pooling: ["last" | "max" | "mean" | "input"], head: {kernel, bias}};
// tensors: {name: {shape, data}}.
export class Network {
  constructor(form, tensors) {
    this.form = form;
    this.layers = form.layers.map((directions) => directions.map((direction) => makeTrack(direction, tensors)));
    this.tracks = this.layers.flat();
    this.causal = this.tracks.every((track) => !track.reverse);
    this.kernel = tensors[form.head.kernel].data;
    this.bias = tensors[form.head.bias].data;
    this.outputs = this.bias.length;
    this.features = this.tracks[0].weights.features;
    this.width = this.layers.at(-1).reduce((sum, track) => sum + track.weights.units, 0);
    // multiplications of one step
    this.cost = this.tracks.reduce((sum, { weights }) => sum + (weights.features + weights.units) * weights.width, 0);
  }

  // The tensors alone that the recurrent layers and the head are made of, for a worker, which needs no embedding.
  static core(form, tensors) {
    const paths = form.layers.flat().flatMap(({ path }) => ["kernel", "recurrent_kernel", "bias"].map((part) => `${path}/${part}`));
    const names = [...paths, form.head.kernel, form.head.bias];
    return Object.fromEntries(names.map((name) => [name, tensors[name]]));
  }

  // x float32 [steps, features] -> {steps, x, traces by track, top [steps, width]}. `plays`: {track's name: Play}.
  // `known`: {run, same}: a run of a causal network under the same plays whose first `same` steps are also this one's.
  run(x, steps, plays = {}, known = null) {
    const same = this.causal && known ? Math.min(known.same, steps) : 0;
    const traces = {};
    let input = x;
    for (const layer of this.layers) {
      const parts = layer.map((track) => {
        traces[track.name] = track.reverse
          ? this.#backwards(track, input, steps, plays)
          : this.#onwards(track, input, steps, plays, known?.run, same);
        return [traces[track.name].hidden, track.weights.units];
      });
      input = joined(parts, steps);
    }
    return { steps, x, traces, top: input };
  }

  #onwards({ weights, cell, name }, input, steps, plays, before, same) {
    const { features, units } = weights;
    const old = same ? before.traces[name] : null;
    const z = project(weights, input.subarray(same * features), steps - same);
    const start = old && Object.fromEntries(cell.STATES.map((state) => [state, row(old[state], same - 1, units)]));
    const trace = cell.forward(weights, z, steps - same, start, plays[name], same);
    return mapped(trace, (values, field) => appended(old?.[field], values, same, units));
  }

  #backwards({ weights, cell, name }, input, steps, plays) {
    const z = project(weights, flipped(input, steps, weights.features), steps);
    const trace = cell.forward(weights, z, steps, null, turned(plays[name], steps));
    return mapped(trace, (values) => flipped(values, steps, weights.units));
  }

  // The head's outputs after every beginning of the sequence, from none of it to all: float64 [steps + 1, outputs].
  answers(run, readout = "trained", plays = {}) {
    const found = new Float64Array((run.steps + 1) * this.outputs);
    found.set(this.answer(this.#empty(), 0));
    const reader = this.reader(readout);
    for (let t = 0; t < run.steps; t++) {
      if (this.causal) reader.take(run.top, t * this.width, run.x, t * this.features);
      const read = this.causal ? reader.vector() : this.read(this.run(run.x, t + 1, plays), t + 1, readout);
      found.set(this.answer(read), (t + 1) * this.outputs);
    }
    return found;
  }

  // What the head reads after the first `steps` steps of a run of exactly so many. `readout`: see readout.js.
  read(run, steps, readout = "trained") {
    const reader = this.reader(readout);
    for (let t = 0; t < steps; t++) reader.take(run.top, t * this.width, run.x, t * this.features);
    return steps ? reader.vector() : this.#empty();
  }

  reader(readout, before = null) {
    return new StateReader(this, readout, before);
  }

  // The head's outputs [outputs] from what it reads.
  answer(vector) {
    const found = Float64Array.from(this.bias);
    for (let row = 0; row < vector.length; row++) {
      const value = vector[row];
      for (let column = 0; column < this.outputs; column++) found[column] += value * this.kernel[row * this.outputs + column];
    }
    return found;
  }

  #empty() {
    return new Float64Array(this.kernel.length / this.outputs);
  }

  // The norms of dL/dh_t and dL/dc_t of every track at each step of a run, where `outer` gives dL/d(output) from the head's outputs
  // after the last of them. `rest()` is awaited after every step of the way back; it may stop the work by throwing.
  async gradients(run, outer, readout = "trained", plays = {}, rest = () => {}) {
    const { steps } = run;
    const slope = outer(this.answer(this.read(run, steps, readout)));
    let above = slopeOfStates(this, run, slope, readout);
    const norms = {};
    for (const layer of [...this.layers].reverse()) {
      const lowest = layer === this.layers[0];
      const below = new Float64Array(lowest ? 0 : steps * layer[0].weights.features);
      const width = layer.reduce((sum, track) => sum + track.weights.units, 0);
      let column = 0;
      for (const { cell, weights, reverse, name } of layer) {
        const turn = (values, size) => (reverse ? flipped(values, steps, size) : values);
        const part = turn(cut(above, steps, width, column, weights.units), weights.units);
        const trace = reverse ? mapped(run.traces[name], (values) => turn(values, weights.units)) : run.traces[name];
        const work = cell.backward(weights, trace, steps, part, reverse ? turned(plays[name], steps) : plays[name]);
        let state = work.next();
        for (; !state.done; state = work.next()) await rest();
        const found = state.value;
        norms[name] = mapped(found.norms, (values) => turn(values, 1));
        const inner = turn(found.inner, weights.width);
        for (let t = 0; !lowest && t < steps; t++) {
          addTransposed(below, t * weights.features, weights.features, weights.kernel, weights.width, inner, t * weights.width);
        }
        column += weights.units;
      }
      above = below;
    }
    return norms;
  }
}

function makeTrack({ cell, path, reverse = false }, tensors) {
  const kind = CELLS[cell];
  const kernel = tensors[`${path}/kernel`];
  const [features, width] = kernel.shape;
  const bias = tensors[`${path}/bias`].data;
  const weights = {
    features,
    width,
    units: width / kind.GATES.length,
    kernel: kernel.data,
    recurrent: tensors[`${path}/recurrent_kernel`].data,
    bias: bias.subarray(0, width),
    secondBias: bias.subarray(width),
  };
  return { name: path, kind: cell, cell: kind, weights, reverse };
}

const mapped = (values, change) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value, name)]));

// A play names steps as the reader sees them; a layer that runs backwards meets them from the other end.
function turned(play, steps) {
  if (!play || play.cut === null) return play;
  return Object.assign(Object.create(Object.getPrototypeOf(play)), play, { cut: steps - 1 - play.cut });
}
