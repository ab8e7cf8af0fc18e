// One unit at one step, in numbers: what stands under each gate, and how the states follow.
import { sigmoid } from "./math.js";
import { inputOf } from "./subject.js";

const SYMBOLS = { input: "i", forget: "f", candidate: "g", output: "o", update: "z", reset: "r", hidden: "h", cell: "c" };
const LARGEST = 4;

// For each gate {name, symbol, input, state, bias, sum, value, squash, terms}: x_t W, h_{t-1} U and b of this unit, their sum, and
// the value that comes of it; `terms` are the largest products.
export function gatesOf(network, run, track, step, unit) {
  const { weights, layer } = located(network, track);
  const x = inputOf(network, run, layer, step);
  const before = previous(run, track, weights, step);
  const { units, width } = weights;
  return track.cell.GATES.map((name, gate) => {
    const column = gate * units + unit;
    const input = products(x, weights.kernel, width, column, "x");
    const state = products(before.hidden, weights.recurrent, width, column, "h");
    const second = weights.secondBias.length ? weights.secondBias[column] : 0;
    const bias = weights.bias[column];
    const terms = [...input.terms, ...state.terms].sort((a, b) => Math.abs(b.product) - Math.abs(a.product)).slice(0, LARGEST);
    const value = run.traces[track.name][name][step * units + unit];
    const squash = name === "candidate" || name === "hidden" ? "tanh" : "sigmoid";
    return { name, symbol: SYMBOLS[name], input: input.sum, state: state.sum, bias, second, value, squash, terms };
  });
}

// How far what a gate holds is from what its sum gives: not zero where a play holds or shifts it.
export function isPlayed(gate, reset = 1) {
  const sum = gate.name === "candidate" && gate.second ? gate.input + gate.bias + reset * (gate.state + gate.second) : total(gate);
  return Math.abs((gate.squash === "tanh" ? Math.tanh(sum) : sigmoid(sum)) - gate.value) > 1e-4;
}

export const total = ({ input, state, bias, second }) => input + state + bias + second;

// The states of a unit at a step and the one before: {hidden, cell, hiddenBefore, cellBefore}.
export function statesOf(network, run, track, step, unit) {
  const { weights } = located(network, track);
  const before = previous(run, track, weights, step);
  const at = step * weights.units + unit;
  const { hidden, cell } = run.traces[track.name];
  return { hidden: hidden[at], cell: cell?.[at], hiddenBefore: before.hidden[unit], cellBefore: before.cell?.[unit] };
}

function located(network, track) {
  return { weights: network.tracks.find(({ name }) => name === track.name).weights, layer: track.layer };
}

function previous(run, track, weights, step) {
  const from = track.reverse ? step + 1 : step - 1;
  const trace = run.traces[track.name];
  const take = (values) =>
    from < 0 || from >= run.steps ? new Float32Array(weights.units) : values.subarray(from * weights.units, (from + 1) * weights.units);
  return { hidden: take(trace.hidden), cell: trace.cell && take(trace.cell) };
}

function products(vector, matrix, width, column, name) {
  const terms = Array.from(vector, (value, row) => {
    const weight = matrix[row * width + column];
    return { name: `${name}[${row}]`, value, weight, product: value * weight };
  });
  return { terms, sum: terms.reduce((sum, { product }) => sum + product, 0) };
}
