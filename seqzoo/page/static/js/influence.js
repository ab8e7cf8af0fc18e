// How far each step moved the answer: the sequence is read again without it.

import { project } from "./math.js";

export const FARTHEST = 120; // steps back that are left out one by one

// The head's first output (of several, the one at `column`) after `steps` steps, minus what it is without each of them:
// float64 [steps]; NaN for the steps that are more than FARTHEST back. `joint`: rows [steps, features] as they are when the step
// before is gone, where that changes them (pairs of words). `rest()` is awaited now and then and may stop the work by throwing.
export async function influences(network, x, steps, { readout = "trained", plays = {}, column = 0, joint = null, rest } = {}) {
  const found = new Float64Array(steps).fill(NaN);
  const run = network.run(x, steps, plays);
  const whole = network.answer(network.read(run, steps, readout))[column];
  const first = Math.max(0, steps - FARTHEST);
  const readers = [];
  if (network.causal && !joint) readers.push(...readersBefore(network, run, first, steps, readout));
  for (let gone = first; gone < steps; gone++) {
    const vector = readers.length
      ? tail(network, run, gone, readers[gone - first], plays, readout)
      : again(network, x, steps, gone, joint, plays, readout);
    found[gone] = whole - network.answer(vector)[column];
    if (rest && gone % 8 === 7) await rest();
  }
  return found;
}

// The reader as it is before each step from `first` on.
function readersBefore(network, run, first, steps, readout) {
  const found = [];
  const reader = network.reader(readout);
  for (let t = 0; t < steps; t++) {
    if (t >= first) found.push(network.reader(readout, reader));
    reader.take(run.top, t * network.width, run.x, t * network.features);
  }
  return found;
}

// What the head reads without step `gone`, going on from the states before it.
function tail(network, run, gone, before, plays, readout) {
  const rest = run.steps - gone - 1;
  const inputs = run.x.subarray((gone + 1) * network.features);
  const reader = network.reader(readout, before);
  let z = null;
  let top = null;
  network.layers.forEach(([track], number) => {
    const { weights, cell, name } = track;
    z = number ? project(weights, top, rest) : run.projections[name].subarray((gone + 1) * weights.width);
    const start = gone ? Object.fromEntries(cell.STATES.map((state) => [state, row(run.traces[name][state], gone - 1, weights.units)])) : null;
    top = cell.forward(weights, z, rest, start, plays[name], gone + 1).hidden;
  });
  for (let t = 0; t < rest; t++) reader.take(top, t * network.width, inputs, t * network.features);
  return run.steps > 1 ? reader.vector() : network.read(run, 0, readout);
}

function again(network, x, steps, gone, joint, plays, readout) {
  const size = network.features;
  const without = new Float32Array((steps - 1) * size);
  without.set(x.subarray(0, gone * size));
  without.set(x.subarray((gone + 1) * size, steps * size), gone * size);
  if (joint && gone + 1 < steps) without.set(joint.subarray((gone + 1) * size, (gone + 2) * size), gone * size);
  const shifted = Object.fromEntries(Object.entries(plays).map(([name, play]) => [name, play && moved(play, gone)]));
  return network.read(network.run(without, steps - 1, shifted), steps - 1, readout);
}

function moved(play, gone) {
  if (play.cut === null || play.cut < gone) return play;
  return Object.assign(Object.create(Object.getPrototypeOf(play)), play, { cut: play.cut === gone ? null : play.cut - 1 });
}

const row = (values, t, size) => values.subarray(t * size, (t + 1) * size);
