// What the page's JavaScript computes of texts: for each model and text the running answers, every gate and state, and the norms
// of the gradients of the cross-entropy against `targets`, as one row of float32 after the other.
import { readFileSync, writeFileSync } from "node:fs";

const [sources, job, output] = process.argv.slice(2);
const { Reader } = await import(`${sources}/texts.js`);
const { crossEntropySlope } = await import(`${sources}/slopes.js`);
const { parseSafetensors } = await import(`${sources}/safetensors.js`);
const { models, texts, targets } = JSON.parse(readFileSync(job, "utf8"));

const rows = [];
for (const { form, folder } of models) {
  const tensors = parseSafetensors(new Uint8Array(readFileSync(`${folder}/weights.safetensors`)));
  const reader = new Reader(form, tensors, readFileSync(`${folder}/vocabulary.txt`, "utf8"));
  for (const [number, text] of texts.entries()) {
    const { x, steps } = reader.encode(reader.words(text));
    const run = reader.network.run(x, steps);
    rows.push(reader.probabilities(reader.network.answers(run)).flat());
    for (const track of reader.network.tracks) for (const field of track.cell.FIELDS) rows.push(run.traces[track.name][field]);
    const norms = await reader.network.gradients(run, crossEntropySlope(targets[number]));
    for (const track of reader.network.tracks) for (const state of track.cell.STATES) rows.push(norms[track.name][state]);
  }
}
const all = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
let at = 0;
for (const row of rows) {
  all.set(row, at);
  at += row.length;
}
writeFileSync(output, new Uint8Array(all.buffer));
