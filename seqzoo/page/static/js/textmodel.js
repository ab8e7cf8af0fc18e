// A text model of the page: its files, loaded and checked.
import { loadFile } from "./loader.js";
import { parseSafetensors } from "./safetensors.js";
import { Reader } from "./texts.js";

const FILES = ["weights.safetensors", "vocabulary.txt", "golden.json"];
const SAME = 1e-4;

export class TextModel {
  // entry: of the manifest.
  constructor(entry, id) {
    Object.assign(this, { entry, id, state: "waiting", reader: null, checked: null, error: null });
  }

  // Loads it unless that was begun; `reader` is there afterwards, or `error`. A later call tries again what went wrong.
  async load(desk) {
    if (this.state !== "waiting") return;
    this.state = "loading";
    try {
      const { files, form } = this.entry;
      const [weights, vocabulary, golden] = await Promise.all(FILES.map((name) => loadFile(files[name], desk)));
      const text = (bytes) => new TextDecoder().decode(bytes);
      const reader = new Reader(form, parseSafetensors(weights), text(vocabulary));
      await desk.ask({ kind: "network", network: this.id, form, tensors: reader.core });
      this.checked = await checkGolden(desk, this.id, reader, JSON.parse(text(golden)));
      Object.assign(this, { reader, state: "here", error: null });
    } catch (error) {
      Object.assign(this, { state: "waiting", error: error.message });
    }
  }

  // What a reader is told of it.
  get note() {
    const { name, files } = this.entry;
    if (this.error) return `${name}: ${this.error}`;
    if (this.state !== "here") return `${name}: loading ${(files["weights.safetensors"].bytes / 1e6).toFixed(1)} MB of weights …`;
    const { count, worst } = this.checked;
    return `${name}: SHA-256 as on its card, ${count} golden answers within ${worst.toExponential(0)}.`;
  }
}

// The answers that lie beside the weights, computed here: how many, and the greatest difference.
async function checkGolden(desk, network, reader, { inputs, outputs }) {
  let worst = 0;
  for (const [place, input] of inputs.entries()) {
    const { x, steps } = reader.encode(reader.words(input));
    const { answers } = await desk.ask({ kind: "run", network, slot: "golden", apart: true, x, steps, plays: {}, readout: "trained" });
    const shares = reader.probabilities(answers).at(-1);
    for (const [k, expected] of [outputs[place]].flat().entries()) worst = Math.max(worst, Math.abs(shares[k] - expected));
  }
  if (!(worst <= SAME)) throw new Error(`the golden answers must come out here too; they differ by ${worst}`);
  return { count: inputs.length, worst };
}
