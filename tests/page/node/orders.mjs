// The order in which each model's units are shown, by track.
import { readFileSync } from "node:fs";

const [sources, job] = process.argv.slice(2);
const { Network } = await import(`${sources}/network.js`);
const { parseSafetensors } = await import(`${sources}/safetensors.js`);
const { unitOrder } = await import(`${sources}/subject.js`);

const orders = JSON.parse(readFileSync(job, "utf8")).map(({ form, weights }) => {
  const network = new Network(form, parseSafetensors(new Uint8Array(readFileSync(weights))));
  return Object.fromEntries(network.tracks.map((track) => [track.name, unitOrder(network, track)]));
});
console.log(JSON.stringify(orders));
