// Arrays [steps, size], row after row.

// The rows from the last to the first.
export function flipped(values, steps, size) {
  const found = new values.constructor(steps * size);
  for (let t = 0; t < steps; t++) found.set(values.subarray(t * size, (t + 1) * size), (steps - 1 - t) * size);
  return found;
}

// `size` columns of [steps, width], from `column` on.
export function cut(values, steps, width, column, size) {
  if (size === width) return values;
  const found = new values.constructor(steps * size);
  for (let t = 0; t < steps; t++) found.set(values.subarray(t * width + column, t * width + column + size), t * size);
  return found;
}

// Arrays of equal steps side by side; parts: [[values, size]].
export function joined(parts, steps) {
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

// The first `from` rows of `before`, then `after`.
export function appended(before, after, from, size) {
  if (!from) return after;
  const found = new after.constructor(from * size + after.length);
  found.set(before.subarray(0, from * size));
  found.set(after, from * size);
  return found;
}

export const row = (values, t, size) => values.subarray(t * size, (t + 1) * size);

// How many first rows of two arrays are equal, up to `most`.
export function alike(first, second, most, size) {
  const end = Math.min(most * size, first.length, second.length);
  let k = 0;
  while (k < end && first[k] === second[k]) k++;
  return Math.floor(k / size);
}
