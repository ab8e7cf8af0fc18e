// One LSTM over a sequence, forwards and back; equations and layout of the weights as in seqzoo.LSTMCell.
import { addProduct, addTransposed, norm, sigmoid } from "./math.js";

export const FIELDS = ["forget", "input", "output", "candidate", "cell", "hidden"];
export const STATES = ["hidden", "cell"];
export const GATES = ["input", "forget", "candidate", "output"]; // as they stand side by side in the weights
export const KEEPS = "forget"; // the gate that a play clamps and shifts

// `z` is x_t W + b of `steps` steps; `start` the states before them; `play` as plays.js makes it, `first` the number of the
// first step in it. Gives float32 [steps, units] by name.
export function forward(weights, z, steps, start, play, first = 0) {
  const { units, recurrent, width } = weights;
  const trace = Object.fromEntries(FIELDS.map((name) => [name, new Float32Array(steps * units)]));
  let h = start ? start.hidden : new Float32Array(units);
  let c = start ? start.cell : new Float32Array(units);
  const sum = new Float64Array(width);
  for (let t = 0; t < steps; t++) {
    sum.set(z.subarray(t * width, (t + 1) * width));
    addProduct(sum, 0, h, 0, units, recurrent, width);
    for (let k = 0; k < units; k++) {
      const at = t * units + k;
      const i = play && play.cuts(first + t) ? 0 : sigmoid(sum[k]);
      const f = play ? play.keep(sum[units + k], k) : sigmoid(sum[units + k]);
      const g = Math.tanh(sum[2 * units + k]);
      const o = sigmoid(sum[3 * units + k]);
      const kept = f * c[k] + i * g;
      trace.input[at] = i;
      trace.forget[at] = f;
      trace.candidate[at] = g;
      trace.output[at] = o;
      trace.cell[at] = kept;
      trace.hidden[at] = o * Math.tanh(kept);
    }
    h = trace.hidden.subarray(t * units, (t + 1) * units);
    c = trace.cell.subarray(t * units, (t + 1) * units);
  }
  return trace;
}

// Backpropagation through time. `outer` is dL/dh_t by the way of the layer's outputs alone, [steps, units]. Gives the norms of
// the whole dL/dh_t and dL/dc_t, and dL/d(x_t W + b) [steps, width]; pauses after every step.
export function* backward(weights, trace, steps, outer, play) {
  const { units, recurrent, width } = weights;
  const inner = new Float64Array(steps * width);
  const norms = { hidden: new Float64Array(steps), cell: new Float64Array(steps) };
  const dh = new Float64Array(units);
  const dc = new Float64Array(units);
  for (let t = steps - 1; t >= 0; t--) {
    for (let k = 0; k < units; k++) dh[k] = outer[t * units + k];
    if (t + 1 < steps) addTransposed(dh, 0, units, recurrent, width, inner, (t + 1) * width);
    for (let k = 0; k < units; k++) {
      const at = t * units + k;
      const [i, f, g, o] = [trace.input[at], trace.forget[at], trace.candidate[at], trace.output[at]];
      const shown = Math.tanh(trace.cell[at]);
      const later = t + 1 < steps ? dc[k] * trace.forget[at + units] : 0;
      dc[k] = dh[k] * o * (1 - shown * shown) + later;
      const before = t > 0 ? trace.cell[at - units] : 0;
      const from = t * width + k;
      inner[from] = play && play.cuts(t) ? 0 : dc[k] * g * i * (1 - i);
      inner[from + units] = play && play.clamps(k) ? 0 : dc[k] * before * f * (1 - f);
      inner[from + 2 * units] = dc[k] * i * (1 - g * g);
      inner[from + 3 * units] = dh[k] * shown * o * (1 - o);
    }
    norms.hidden[t] = norm(dh, 0, units);
    norms.cell[t] = norm(dc, 0, units);
    yield;
  }
  return { norms, inner };
}
