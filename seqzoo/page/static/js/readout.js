// What the head reads of a layer's states: the last one, their greatest values, their mean; and the way back of its slope.

// Takes states one after the other and gives what the head reads after them. `readout`: "trained", or "word": the state at the last
// word alone in every place. `before`: a reader to go on from.
export class StateReader {
  constructor(network, readout, before = null) {
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

// dL/d(states of the last layer) [steps, width] by the way of the read-out, from dL/d(outputs).
export function slopeOfStates(network, run, slope, readout) {
  const { width, features, outputs, kernel } = network;
  const found = new Float64Array(run.steps * width);
  let row = 0;
  for (const part of network.form.pooling) {
    for (let k = 0; part !== "input" && k < width; k++) {
      let d = 0;
      for (let j = 0; j < outputs; j++) d += kernel[(row + k) * outputs + j] * slope[j];
      spread(found, run.top, run.steps, width, k, d, readout === "word" ? "last" : part);
    }
    row += part === "input" ? features : width;
  }
  return found;
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
