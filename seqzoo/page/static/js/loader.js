// The page's data: scripts that hand over base64, which also works from file://. Every file's hash is compared before it is parsed.

const waiting = new Map();
const arrived = new Map();

export function startLoader() {
  window.seqzooData = (digest, text) => waiting.get(digest)?.(text);
}

// The bytes of a file of the manifest: {sha256, bytes, script}. The desk decodes them and compares their hash.
export function loadFile(file, desk) {
  if (!arrived.has(file.sha256)) {
    const found = handedOver(file).then((text) => desk.ask({ kind: "decode", text, file }));
    found.catch(() => arrived.delete(file.sha256)); // another try may do better
    arrived.set(file.sha256, found);
  }
  return arrived.get(file.sha256);
}

function handedOver({ sha256: digest, script }) {
  return new Promise((resolve, reject) => {
    waiting.set(digest, (text) => {
      waiting.delete(digest);
      resolve(text);
    });
    const element = Object.assign(document.createElement("script"), { src: script, async: true });
    element.addEventListener("error", () => reject(new Error(`${script} could not be loaded; it lies beside this page.`)));
    element.addEventListener("load", () => {
      element.remove();
      reject(new Error(`${script} holds other data than this page was made with.`)); // nothing, where it has handed it over
    });
    document.head.append(element);
  });
}
