// Long work beside the page: a worker made of the page's own script, which browsers allow from file:// too.
import { Answers, buffersOf } from "./answers.js";

// Inside a worker.
export function serve(scope) {
  const answers = new Answers();
  scope.onmessage = async ({ data }) => {
    const { number } = data;
    try {
      const value = await answers.ask(data, (part) => scope.postMessage({ number, part }));
      scope.postMessage({ number, value }, [...new Set(buffersOf(value))]);
    } catch (error) {
      scope.postMessage({ number, error: error.message });
    }
  };
}

// On the page: `ask` gives a promise. `source`: the script's function, or null to do without a worker.
export class Desk {
  constructor(source) {
    this.number = 0;
    this.open = new Map();
    this.here = new Answers();
    try {
      const url = URL.createObjectURL(new Blob([`(${source})();`], { type: "text/javascript" }));
      this.worker = source && typeof Worker === "function" ? new Worker(url) : null;
    } catch {
      this.worker = null; // everything is computed on the page, in pieces
    }
    if (!this.worker) return;
    this.networks = []; // what a worker that never starts was told of them
    this.worker.onerror = () => this.#goOnHere();
    this.worker.onmessage = ({ data }) => this.#answered(data);
  }

  // `tell(part)` takes what is known of the answer before all of it is.
  ask(question, tell) {
    const asked = { ...question, number: ++this.number };
    if (!this.worker) return this.here.ask(asked, tell);
    if (asked.kind === "network") this.networks.push(asked);
    return new Promise((resolve, reject) => {
      this.open.set(asked.number, { asked, tell, resolve, reject });
      this.worker.postMessage(asked);
    });
  }

  #answered({ number, part, value, error }) {
    const { tell, resolve, reject } = this.open.get(number);
    if (part) return void tell?.(part);
    this.open.delete(number);
    if (error) reject(new Error(error));
    else resolve(value);
  }

  // A browser that lets no worker start here: the page answers itself what is open.
  #goOnHere() {
    this.worker = null;
    for (const network of this.networks) this.here.ask(network);
    for (const { asked, tell, resolve, reject } of this.open.values()) this.here.ask(asked, tell).then(resolve, reject);
    this.open.clear();
  }
}
