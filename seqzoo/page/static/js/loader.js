// The page's data: scripts that hand over base64, which also works from file://. Every file's hash is compared before it is parsed.
import { fromBase64 } from "./safetensors.js";
import { sha256 } from "./sha256.js";

const waiting = new Map();
const arrived = new Map();

export function startLoader() {
  window.seqzooData = (digest, text) => waiting.get(digest)?.(text);
}

// The bytes of a file of the manifest: {sha256, bytes, script}.
export function loadFile(file) {
  if (!arrived.has(file.sha256)) {
    const found = fetched(file);
    found.catch(() => arrived.delete(file.sha256)); // another try may do better
    arrived.set(file.sha256, found);
  }
  return arrived.get(file.sha256);
}

async function fetched({ sha256: digest, bytes: size, script }) {
  const text = await new Promise((resolve, reject) => {
    waiting.set(digest, resolve);
    const element = Object.assign(document.createElement("script"), { src: script, async: true });
    element.addEventListener("error", () => reject(new Error(`${script} could not be loaded; it lies beside this page.`)));
    element.addEventListener("load", () => {
      element.remove();
      reject(new Error(`${script} holds other data than this page was made with.`)); // nothing, where it has handed it over
    });
    document.head.append(element);
  });
  waiting.delete(digest);
  const bytes = fromBase64(text);
  const found = sha256(bytes);
  if (found !== digest || bytes.length !== size) {
    throw new Error(`The file's SHA-256 must be the one on the model's card. Expected: ${digest}. Received: ${found}, in ${script}`);
  }
  return bytes;
}
