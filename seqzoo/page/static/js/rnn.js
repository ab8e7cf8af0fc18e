// A simple recurrent network over a sequence; equations and layout of the weights as in seqzoo.RNNCell. It has no gates, so no
// play changes it.
import { addProduct, addTransposed, norm } from "./math.js";

export const FIELDS = ["hidden"];
export const STATES = ["hidden"];
export const GATES = ["hidden"];
export const KEEPS = null;

// As `forward` of lstm.js.
export function forward(weights, z, steps, start) {
  const { units, recurrent, width } = weights;
  const hidden = new Float32Array(steps * units);
  let h = start ? start.hidden : new Float32Array(units);
  const sum = new Float64Array(units);
  for (let t = 0; t < steps; t++) {
    sum.set(z.subarray(t * width, (t + 1) * width));
    addProduct(sum, 0, h, 0, units, recurrent, width);
    for (let k = 0; k < units; k++) hidden[t * units + k] = Math.tanh(sum[k]);
    h = hidden.subarray(t * units, (t + 1) * units);
  }
  return { hidden };
}

// As `backward` of lstm.js; there is no dL/dc_t.
export function* backward(weights, trace, steps, outer) {
  const { units, recurrent, width } = weights;
  const inner = new Float64Array(steps * width);
  const norms = { hidden: new Float64Array(steps) };
  const dh = new Float64Array(units);
  for (let t = steps - 1; t >= 0; t--) {
    for (let k = 0; k < units; k++) dh[k] = outer[t * units + k];
    if (t + 1 < steps) addTransposed(dh, 0, units, recurrent, width, inner, (t + 1) * width);
    for (let k = 0; k < units; k++) {
      const h = trace.hidden[t * units + k];
      inner[t * width + k] = dh[k] * (1 - h * h);
    }
    norms.hidden[t] = norm(dh, 0, units);
    yield;
  }
  return { norms, inner };
}
