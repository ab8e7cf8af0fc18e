// Features and forecasts of daily prices.
import { readFileSync } from "node:fs";

const [sources, path] = process.argv.slice(2);
const { decode, features, STEPS } = await import(`${sources}/prices.js`);
const { Network } = await import(`${sources}/network.js`);
const { parseSafetensors } = await import(`${sources}/safetensors.js`);
const { rows, ends, models } = JSON.parse(readFileSync(path, "utf8"));

const made = ends.map((end) => features(rows, end));
const forecasts = models.map(({ form, folder }) => {
  const tensors = parseSafetensors(new Uint8Array(readFileSync(`${folder}/weights.safetensors`)));
  const network = new Network(form, tensors);
  return made.map(({ x, anchor }) => decode(form.answer, network.answer(network.read(network.run(x, STEPS), STEPS, "trained")), anchor, tensors));
});
console.log(JSON.stringify({ features: made.map(({ x, anchor }) => ({ x: [...x], anchor })), forecasts }));
