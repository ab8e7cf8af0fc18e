// The few functions of numbers that everything else is made of. Weights are float32; sums are taken in double precision.

export const sigmoid = (x) => 1 / (1 + Math.exp(-x));

// log-odds, which still tell words apart where a probability is near 0 or 1
export function logit(p) {
  const inside = Math.min(Math.max(p, 1e-6), 1 - 1e-6);
  return Math.log(inside / (1 - inside));
}

export function softmax(logits) {
  const top = Math.max(...logits);
  const shares = Array.from(logits, (value) => Math.exp(value - top));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}

export const clip = (value, low, high) => Math.min(Math.max(value, low), high);

// out[from .. from + width) += the row vector x[at .. at + size) times the matrix [size, width]; four rows in one pass, which halves
// the time.
export function addProduct(out, from, x, at, size, matrix, width) {
  let row = 0;
  for (; row + 3 < size; row += 4) {
    const first = x[at + row];
    const second = x[at + row + 1];
    const third = x[at + row + 2];
    const fourth = x[at + row + 3];
    const a = row * width;
    const b = a + width;
    const c = b + width;
    const d = c + width;
    for (let k = 0; k < width; k++) {
      out[from + k] += first * matrix[a + k] + second * matrix[b + k] + third * matrix[c + k] + fourth * matrix[d + k];
    }
  }
  for (; row < size; row++) {
    const value = x[at + row];
    const base = row * width;
    for (let k = 0; k < width; k++) out[from + k] += value * matrix[base + k];
  }
}

// out[at .. at + size) += the matrix [size, width] times the column vector d[from .. from + width)
export function addTransposed(out, at, size, matrix, width, d, from) {
  for (let row = 0; row < size; row++) {
    const base = row * width;
    let even = 0;
    let odd = 0; // two sums at work at once
    let k = 0;
    for (; k + 1 < width; k += 2) {
      even += matrix[base + k] * d[from + k];
      odd += matrix[base + k + 1] * d[from + k + 1];
    }
    if (k < width) even += matrix[base + k] * d[from + k];
    out[at + row] += even + odd;
  }
}

export function norm(values, from, size) {
  let sum = 0;
  for (let k = from; k < from + size; k++) sum += values[k] * values[k];
  return Math.sqrt(sum);
}

// x_t W + b for all steps at once, float64 [steps, width]
export function project(weights, x, steps) {
  const { features, kernel, width } = weights;
  const z = new Float64Array(steps * width);
  for (let t = 0; t < steps; t++) {
    for (let column = 0; column < width; column++) z[t * width + column] = weights.bias[column];
    addProduct(z, t * width, x, t * features, features, kernel, width);
  }
  return z;
}

const SAMPLED = 4000;
const USUAL = 0.98;

// How far values reach from zero, but for the few that reach farthest where there are many: a map's colours go so far.
export function reach(values) {
  const by = Math.max(1, Math.floor(values.length / SAMPLED));
  const sizes = Float64Array.from({ length: Math.ceil(values.length / by) }, (_, k) => Math.abs(values[k * by])).sort();
  const place = sizes.length > 200 ? Math.floor(USUAL * (sizes.length - 1)) : sizes.length - 1;
  return Math.max(sizes[place] ?? 0, 1e-6);
}
