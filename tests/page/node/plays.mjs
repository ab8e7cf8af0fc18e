// Runs of cells under plays, and orders of words: answers a list of questions.
import { readFileSync, writeFileSync } from "node:fs";

const [sources, job, output] = process.argv.slice(2);
const { Network } = await import(`${sources}/network.js`);
const { halvesSwapped, Play, swapped } = await import(`${sources}/plays.js`);
const { influences } = await import(`${sources}/influence.js`);
const { networks, cases } = JSON.parse(readFileSync(job, "utf8"));

const made = networks.map(({ form, tensors }) => {
  const arrays = Object.entries(tensors).map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]);
  return new Network(form, Object.fromEntries(arrays));
});
const found = [];
for (const { network, x, play, steps, readout } of cases) {
  const [asked, rows] = [made[network], Float32Array.from(x.flat())];
  const plays = { [asked.tracks[0].name]: new Play(play) };
  const run = asked.run(rows, steps, plays);
  found.push({
    traces: Object.fromEntries(Object.entries(run.traces[asked.tracks[0].name]).map(([name, values]) => [name, [...values]])),
    answers: [...asked.answers(run, readout, plays)],
    influences: [...(await influences(asked, run, { readout, plays }))],
    norms: (await asked.gradients(run, (outputs) => outputs.map(() => 1), readout, plays))[asked.tracks[0].name],
  });
}
for (const { norms } of found) for (const name of Object.keys(norms)) norms[name] = [...norms[name]];
const orders = { swapped: swapped(6, 1, 4), halves: halvesSwapped(5, 2) };
writeFileSync(output, JSON.stringify({ found, orders }));
