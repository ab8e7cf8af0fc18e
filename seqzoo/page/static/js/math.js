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

// out[from .. from + width) += the row vector x[at .. at + size) times the matrix [size, width]
export function addProduct(out, from, x, at, size, matrix, width) {
  for (let row = 0; row < size; row++) {
    const value = x[at + row];
    if (value === 0) continue;
    const base = row * width;
    for (let column = 0; column < width; column++) out[from + column] += value * matrix[base + column];
  }
}

// out[at .. at + size) += the matrix [size, width] times the column vector d[from .. from + width)
export function addTransposed(out, at, size, matrix, width, d, from) {
  for (let row = 0; row < size; row++) {
    const base = row * width;
    let sum = 0;
    for (let column = 0; column < width; column++) sum += matrix[base + column] * d[from + column];
    out[at + row] += sum;
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
