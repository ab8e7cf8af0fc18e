// A gated recurrent unit over a sequence; equations (reset_after=True) and layout of the weights as in seqzoo.GRUCell.
import { addProduct, addTransposed, norm, sigmoid } from "./math.js";

export const FIELDS = ["update", "reset", "candidate", "hidden"];
export const STATES = ["hidden"];
export const GATES = ["update", "reset", "candidate"];
export const KEEPS = "update"; // 1 keeps the state before, as a forget gate does; cut, it is 1: nothing is written

// As `forward` of lstm.js; beside the named fields stands `shown`, h_{t-1} U_g + d_g.
export function forward(weights, z, steps, start, play, first = 0) {
  const { units, recurrent, width, secondBias } = weights;
  const trace = Object.fromEntries([...FIELDS, "shown"].map((name) => [name, new Float32Array(steps * units)]));
  let h = start ? start.hidden : new Float32Array(units);
  const u = new Float64Array(width);
  for (let t = 0; t < steps; t++) {
    u.set(secondBias);
    addProduct(u, 0, h, 0, units, recurrent, width);
    for (let k = 0; k < units; k++) {
      const [at, from] = [t * units + k, t * width + k];
      const sum = z[from] + u[k];
      const kept = play ? play.keep(sum, k) : sigmoid(sum);
      const update = play && play.cuts(first + t) ? 1 : kept;
      const reset = sigmoid(z[from + units] + u[units + k]);
      const candidate = Math.tanh(z[from + 2 * units] + reset * u[2 * units + k]);
      trace.update[at] = update;
      trace.reset[at] = reset;
      trace.candidate[at] = candidate;
      trace.shown[at] = u[2 * units + k];
      trace.hidden[at] = update * h[k] + (1 - update) * candidate;
    }
    h = trace.hidden.subarray(t * units, (t + 1) * units);
  }
  return trace;
}

// As `backward` of lstm.js; there is no dL/dc_t.
export function* backward(weights, trace, steps, outer, play) {
  const { units, recurrent, width } = weights;
  const inner = new Float64Array(steps * width); // dL/d(x_t W + b)
  const around = new Float64Array(width); // dL/d(h_{t-1} U + d) of the step after
  const norms = { hidden: new Float64Array(steps) };
  const dh = new Float64Array(units);
  const straight = new Float64Array(units);
  for (let t = steps - 1; t >= 0; t--) {
    for (let k = 0; k < units; k++) dh[k] = outer[t * units + k] + straight[k];
    if (t + 1 < steps) addTransposed(dh, 0, units, recurrent, width, around, 0);
    for (let k = 0; k < units; k++) {
      const [at, from] = [t * units + k, t * width + k];
      const [z, r, g] = [trace.update[at], trace.reset[at], trace.candidate[at]];
      const before = t > 0 ? trace.hidden[at - units] : 0;
      const dg = dh[k] * (1 - z) * (1 - g * g);
      const held = play && (play.clamps(k) || play.cuts(t));
      inner[from] = around[k] = held ? 0 : dh[k] * (before - g) * z * (1 - z);
      inner[from + units] = around[units + k] = dg * trace.shown[at] * r * (1 - r);
      inner[from + 2 * units] = dg;
      around[2 * units + k] = dg * r;
      straight[k] = dh[k] * z;
    }
    norms.hidden[t] = norm(dh, 0, units);
    yield;
  }
  return { norms, inner };
}
