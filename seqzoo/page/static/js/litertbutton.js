// The button that runs the same text through LiteRT.js; its runtime is loaded then, and not before.
import { h, number, put } from "./dom.js";

const SAME = 1e-5;

// about: the manifest's `litert`; tab: has `words`, `lab` and `models`.
export function liteRtButton(about, tab) {
  const result = h("p", { class: "note", role: "status" });
  const button = h("button", { type: "button", class: "quiet" }, "Check with LiteRT.js");
  const size = ((about.runtime + about.bytes) / 1e6).toFixed(0);
  let loading = null;
  button.title = `Runs ${about.model} as a phone or browser would, by @litertjs/core ${about.version}; loads ${size} MB, once`;
  button.addEventListener("click", async () => {
    if (location.protocol === "file:") {
      put(result, "LiteRT.js needs this page from a web server: of a file, browsers load no WebAssembly. In this folder run ", h("code", {}, "python3 -m http.server"), " and open http://localhost:8000.");
      return;
    }
    button.disabled = true;
    put(result, loading ? "Running …" : `Loading ${size} MB of LiteRT.js and ${about.file} …`);
    try {
      const run = await (loading ??= start(about));
      put(result, await compared(run, about, tab));
    } catch (error) {
      loading = null;
      put(result, `LiteRT.js did not run here: ${error.message}`);
    }
    button.disabled = false;
  });
  return h("div", { class: "litert" }, button, result);
}

async function start(about) {
  const place = (name) => new URL(`litert/${name}`, document.baseURI).href;
  const lite = await import(place("core.js"));
  await lite.loadLiteRt(place("litert_wasm_compat_internal.js"));
  const model = await lite.loadAndCompile(place(about.file), { accelerator: "wasm" });
  return async (ids) => {
    const padded = Int32Array.from({ length: about.words }, (_, t) => ids[t] ?? 0);
    const input = new lite.Tensor(padded, [1, about.words]);
    const [output] = await model.run(input);
    const values = await output.data();
    input.delete();
    output.delete();
    return [...values];
  };
}

async function compared(run, about, tab) {
  const { reader } = tab.models.find(({ entry }) => entry.name === about.model);
  if (!reader) return "The weights are still on their way.";
  const words = tab.words.slice(-about.words);
  const { ids, x, steps } = reader.encode(words);
  const here = reader.probabilities(reader.network.answers(reader.network.run(x, steps))).at(-1);
  const began = performance.now();
  const there = await run(ids);
  const took = performance.now() - began;
  const far = Math.max(...here.map((share, k) => Math.abs(share - there[k])));
  const cut = tab.words.length > words.length ? ` (the last ${words.length} words)` : "";
  const list = (values) => values.map((value) => number(value, 6)).join(", ");
  return `${about.model} in LiteRT.js ${list(there)}, on this page ${list(here)}${cut}: ${far <= SAME ? "the same" : "NOT the same"}, to ${far.toExponential(0)}. It took ${took.toFixed(0)} ms.`;
}
