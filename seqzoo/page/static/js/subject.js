// A model at work on one sequence: its network, its input, what it computes, and what stands in its place before weights arrive.
import { CELLS } from "./network.js";
import { fromBase64, fromHalves } from "./safetensors.js";

// The tracks of a form, {name, kind, layer, reverse}: one for each direction of each recurrent layer.
export function tracksOf(form) {
  return form.layers.flatMap((directions, layer) =>
    directions.map(({ path, cell, reverse }) => ({ name: path, kind: cell, layer, reverse, cell: CELLS[cell] })),
  );
}

// What the package computed of a page's first example, in the form of a run.
export function packaged(first) {
  const decoded = (fields) => Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, fromHalves(fromBase64(text))]));
  return {
    traces: Object.fromEntries(Object.entries(first.traces).map(([name, fields]) => [name, decoded(fields)])),
    answers: first.answers,
    order: first.order,
  };
}

// Units from those that push the answer up most to those that push it down most; as they are numbered where that has no meaning.
export function unitOrder(network, track) {
  const last = network.layers.at(-1);
  const place = last.findIndex(({ name }) => name === track.name);
  const { units } = network.tracks.find(({ name }) => name === track.name).weights;
  const order = Array.from({ length: units }, (_, k) => k);
  if (place < 0 || network.outputs > 1) return order;
  const before = last.slice(0, place).reduce((sum, other) => sum + other.weights.units, 0);
  const pushes = new Float64Array(units);
  let row = 0;
  for (const part of network.form.pooling) {
    if (part === "input") {
      row += network.features;
      continue;
    }
    for (let k = 0; k < units; k++) pushes[k] += network.kernel[row + before + k];
    row += network.width;
  }
  return order.sort((a, b) => pushes[b] - pushes[a] || a - b);
}

// What a layer reads at a step: of the first one the input, of others the states of the layer before.
export function inputOf(network, run, layer, step) {
  if (layer === 0) return run.x.subarray(step * network.features, (step + 1) * network.features);
  const parts = network.layers[layer - 1].map(({ name, weights }) =>
    run.traces[name].hidden.subarray(step * weights.units, (step + 1) * weights.units),
  );
  return Float32Array.from(parts.flatMap((part) => [...part]));
}
