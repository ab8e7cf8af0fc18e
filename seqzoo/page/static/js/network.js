// A network as a model's card describes it: recurrent layers over a sequence, a read-out, a linear head.
import * as gru from "./gru.js";
import * as lstm from "./lstm.js";
import { addTransposed, project, sigmoid, softmax } from "./math.js";
import * as rnn from "./rnn.js";

export const CELLS = { rnn, lstm, gru };
// How the states become what the head reads: as trained, or the state at the last word alone in every place.
export const READOUTS = ["trained", "word"];

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
  }

  // The tensors alone that the recurrent layers and the head are made of, for a worker, which needs no embedding.
  static core(form, tensors) {
    const paths = form.layers.flat().flatMap(({ path }) => ["kernel", "recurrent_kernel", "bias"].map((part) => `${path}/${part}`));
    const names = [...paths, form.head.kernel, form.head.bias];
    return Object.fromEntries(names.map((name) => [name, tensors[name]]));
  }

  // x float32 [steps, features] -> {steps, x, traces by track, top [steps, width]}. `plays`: {track's name: Play}.
  run(x, steps, plays = {}) {
    const traces = {};
    const projections = {};
    let input = x;
    for (const layer of this.layers) {
      const parts = layer.map((track) => {
        const { weights, reverse, name } = track;
        const rows = reverse ? flipped(input, steps, weights.features) : input;
        const z = (projections[name] = project(weights, rows, steps));
        const trace = track.cell.forward(weights, z, steps, null, turned(plays[name], reverse, steps));
        traces[name] = reverse ? mapped(trace, (values) => flipped(values, steps, weights.units)) : trace;
        return [traces[name].hidden, weights.units];
      });
      input = joined(parts, steps);
    }
    return { steps, x, traces, projections, top: input };
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

  // What the head reads after the first `steps` steps of a run of exactly so many.
  read(run, steps, readout) {
    const reader = this.reader(readout);
    for (let t = 0; t < steps; t++) reader.take(run.top, t * this.width, run.x, t * this.features);
    return steps ? reader.vector() : this.#empty();
  }

  reader(readout, before = null) {
    return new Reader(this, readout, before);
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

  // The norms of dL/dh_t and dL/dc_t of every track at each of the `steps` first steps, where `outer` gives dL/d(output) from
  // the head's outputs after the last of them.
  gradients(x, steps, outer, readout = "trained", plays = {}) {
    const run = this.run(x, steps, plays);
    const slope = outer(this.answer(this.read(run, steps, readout)));
    let above = this.#slopeOfTop(run, slope, readout);
    const norms = {};
    for (const layer of [...this.layers].reverse()) {
      const below = new Float64Array(steps * layer[0].weights.features);
      const width = layer.reduce((sum, track) => sum + track.weights.units, 0);
      let column = 0;
      for (const { cell, weights, reverse, name } of layer) {
        const turn = (values, size) => (reverse ? flipped(values, steps, size) : values);
        const part = turn(cut(above, steps, width, column, weights.units), weights.units);
        const trace = reverse ? mapped(run.traces[name], (values) => turn(values, weights.units)) : run.traces[name];
        const found = cell.backward(weights, trace, steps, part, turned(plays[name], reverse, steps));
        norms[name] = mapped(found.norms, (values) => turn(values, 1));
        const inner = turn(found.inner, weights.width);
        for (let t = 0; t < steps; t++) {
          addTransposed(below, t * weights.features, weights.features, weights.kernel, weights.width, inner, t * weights.width);
        }
        column += weights.units;
      }
      above = below;
    }
    return norms;
  }

  #slopeOfTop(run, slope, readout) {
    const { steps, top } = run;
    const width = this.width;
    const found = new Float64Array(steps * width);
    let row = 0;
    for (const part of this.form.pooling) {
      const size = part === "input" ? this.features : width;
      for (let k = 0; part !== "input" && k < width; k++) {
        let d = 0;
        for (let j = 0; j < this.outputs; j++) d += this.kernel[(row + k) * this.outputs + j] * slope[j];
        spread(found, top, steps, width, k, d, readout === "word" ? "last" : part);
      }
      row += size;
    }
    return found;
  }
}

// Takes states one after the other and gives what the head reads after them. `before`: a reader to go on from.
class Reader {
  constructor(network, readout, before) {
    this.network = network;
    this.parts = network.form.pooling.map((part) => (readout === "word" && part !== "input" ? "last" : part));
    this.count = before ? before.count : 0;
    const { width, features } = network;
    const take = (name, size, start) => (before ? before[name].slice() : new Float64Array(size).fill(start));
    this.last = take("last", width, 0);
    this.max = take("max", width, -Infinity);
    this.sum = take("sum", width, 0);
    this.input = take("input", features, 0);
  }

  take(top, at, x, from) {
    this.count++;
    for (let k = 0; k < this.network.width; k++) {
      const value = top[at + k];
      this.last[k] = value;
      if (value > this.max[k]) this.max[k] = value;
      this.sum[k] += value;
    }
    if (this.parts.includes("input")) for (let k = 0; k < this.network.features; k++) this.input[k] = x[from + k];
  }

  vector() {
    const found = this.parts.map((part) => (part === "mean" ? this.sum.map((value) => value / this.count) : this[part]));
    const vector = new Float64Array(found.reduce((size, values) => size + values.length, 0));
    let at = 0;
    for (const values of found) {
      vector.set(values, at);
      at += values.length;
    }
    return vector;
  }
}

// The slope of a pooled value reaches the steps that it was made from; equal greatest ones share it, as in TensorFlow.
function spread(found, top, steps, width, k, d, part) {
  if (part === "last") found[(steps - 1) * width + k] += d;
  if (part === "mean") for (let t = 0; t < steps; t++) found[t * width + k] += d / steps;
  if (part !== "max") return;
  let greatest = -Infinity;
  let count = 0;
  for (let t = 0; t < steps; t++) {
    const value = top[t * width + k];
    if (value > greatest) [greatest, count] = [value, 1];
    else if (value === greatest) count++;
  }
  for (let t = 0; t < steps; t++) if (top[t * width + k] === greatest) found[t * width + k] += d / count;
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

const mapped = (values, change) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));

// A play names steps as the reader sees them; a layer that runs backwards meets them from the other end.
function turned(play, reverse, steps) {
  if (!play || !reverse || play.cut === null) return play;
  return Object.assign(Object.create(Object.getPrototypeOf(play)), play, { cut: steps - 1 - play.cut });
}

// The rows of [steps, size] from the last to the first.
function flipped(values, steps, size) {
  const found = new values.constructor(steps * size);
  for (let t = 0; t < steps; t++) found.set(values.subarray(t * size, (t + 1) * size), (steps - 1 - t) * size);
  return found;
}

// Columns of [steps, width].
function cut(values, steps, width, column, size) {
  if (size === width) return values;
  const found = new values.constructor(steps * size);
  for (let t = 0; t < steps; t++) found.set(values.subarray(t * width + column, t * width + column + size), t * size);
  return found;
}

function joined(parts, steps) {
  if (parts.length === 1) return parts[0][0];
  const width = parts.reduce((sum, [, size]) => sum + size, 0);
  const found = new Float32Array(steps * width);
  let column = 0;
  for (const [values, size] of parts) {
    for (let t = 0; t < steps; t++) found.set(values.subarray(t * size, (t + 1) * size), t * width + column);
    column += size;
  }
  return found;
}

// dL/d(outputs) of cross-entropy against the class `target`, from the outputs: one for two classes, else one a class. Without a
// target it is against the class that is least probable there: what the network would have to learn if it were wrong.
export function crossEntropySlope(target = null) {
  return (outputs) => {
    if (outputs.length === 1) return [sigmoid(outputs[0]) - (target ?? (outputs[0] > 0 ? 0 : 1))];
    const shares = softmax(outputs);
    const right = target ?? shares.indexOf(Math.min(...shares));
    return shares.map((share, index) => share - (index === right ? 1 : 0));
  };
}

// dL/d(outputs) of the mean squared error against `target`.
export const squaredErrorSlope = (target) => (outputs) => Array.from(outputs, (value) => (2 * (value - target)) / outputs.length);

// The slope of the output itself.
export const ownSlope = () => (outputs) => Array.from(outputs, (_, index) => (index === 0 ? 1 : 0));
