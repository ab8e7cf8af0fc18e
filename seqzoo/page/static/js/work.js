// Long work beside the page: a worker made of the page's own script, which browsers allow from file:// too.
import { influences } from "./influence.js";
import { crossEntropySlope, Network, ownSlope, squaredErrorSlope } from "./network.js";
import { Play } from "./plays.js";

const SLOPES = { cross: crossEntropySlope, square: squaredErrorSlope, own: ownSlope };
const rest = () => new Promise((resolve) => setTimeout(resolve));

// What can be asked, in a worker or without one. A newer question of a kind about a network ends the one before.
class Answers {
  constructor() {
    this.networks = new Map();
    this.newest = new Map();
  }

  async ask({ kind, network, number, ...question }) {
    if (kind === "network") return void this.networks.set(network, new Network(question.form, question.tensors));
    const key = `${kind} ${network}`;
    this.newest.set(key, number);
    const check = async () => {
      await rest();
      if (this.newest.get(key) !== number) throw new Error("outdated");
    };
    const plays = Object.fromEntries(Object.entries(question.plays).map(([name, play]) => [name, new Play(play)]));
    return this[kind](this.networks.get(network), { ...question, plays }, check);
  }

  async run(network, { x, steps, plays, readout }) {
    const run = network.run(x, steps, plays);
    return { traces: run.traces, answers: network.answers(run, readout, plays) };
  }

  async influence(network, { x, steps, plays, readout, column, joint }, check) {
    return influences(network, x, steps, { readout, plays, column, joint, rest: check });
  }

  async gradient(network, { x, steps, plays, readout, slope }) {
    return network.gradients(x, steps, SLOPES[slope.kind](slope.target), readout, plays);
  }
}

// Inside a worker.
export function serve(scope) {
  const answers = new Answers();
  scope.onmessage = async ({ data }) => {
    try {
      scope.postMessage({ number: data.number, value: await answers.ask(data) });
    } catch (error) {
      scope.postMessage({ number: data.number, error: error.message });
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
    this.worker.onmessage = ({ data }) => {
      const { resolve, reject } = this.open.get(data.number);
      this.open.delete(data.number);
      if (data.error) reject(new Error(data.error));
      else resolve(data.value);
    };
  }

  ask(question) {
    const asked = { ...question, number: ++this.number };
    if (!this.worker) return this.here.ask(asked);
    if (asked.kind === "network") this.networks.push(asked);
    return new Promise((resolve, reject) => {
      this.open.set(asked.number, { asked, resolve, reject });
      this.worker.postMessage(asked);
    });
  }

  // A browser that lets no worker start here: the page answers itself what is open.
  #goOnHere() {
    this.worker = null;
    for (const network of this.networks) this.here.ask(network);
    for (const { asked, resolve, reject } of this.open.values()) this.here.ask(asked).then(resolve, reject);
    this.open.clear();
  }
}
