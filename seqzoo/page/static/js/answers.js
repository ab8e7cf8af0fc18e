// The answers to long questions about networks, in a worker or without one.
import { influences } from "./influence.js";
import { Memory } from "./memory.js";
import { Network } from "./network.js";
import { Play } from "./plays.js";
import { decoded } from "./safetensors.js";
import { SLOPES } from "./slopes.js";

const AT_A_TIME = 1.2e7; // multiplications between two looks for a newer question; some 10 ms
const PATIENCE = 12; // milliseconds
const NEWS = 100; // milliseconds between two pieces of news

// A moment in which newer questions come in; a timer's moments are longer.
function moment() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

export class Answers {
  constructor() {
    this.networks = new Map();
    this.memories = new Map();
    this.newest = new Map();
  }

  // question: {kind, network, number, slot, ...}. A newer question of a kind and slot about a network ends the one before. `apart`:
  // its run is not kept, for others will not go on from it.
  // `tell(part)`: takes what is known before all of it is.
  async ask({ kind, network, number, slot = "", apart = false, ...question }, tell = () => {}) {
    if (kind === "decode") return decoded(question.text, question.file);
    if (kind === "network") return this.#take(network, question);
    const key = `${kind} ${network} ${slot}`;
    this.newest.set(key, number);
    let [rested, told] = [performance.now(), performance.now()];
    const check = async (part) => {
      if (performance.now() - rested < PATIENCE) return;
      if (part && performance.now() - told > NEWS) {
        tell(part);
        told = performance.now();
      }
      await moment();
      rested = performance.now();
      if (this.newest.get(key) !== number) throw new Error("outdated");
    };
    const plays = Object.fromEntries(Object.entries(question.plays).map(([name, play]) => [name, new Play(play)]));
    const memory = apart ? new Memory(this.networks.get(network)) : this.memories.get(network);
    return this[kind](this.networks.get(network), memory, { ...question, plays }, check);
  }

  #take(network, { form, tensors }) {
    this.networks.set(network, new Network(form, tensors));
    this.memories.set(network, new Memory(this.networks.get(network)));
  }

  async run(network, memory, { x, steps, plays, readout }, check) {
    const run = await known(memory, x, steps, plays, check);
    // copies, for the memory keeps its own
    const traces = Object.entries(run.traces).map(([name, fields]) => [name, copied(fields)]);
    return { traces: Object.fromEntries(traces), answers: network.answers(run, readout, plays) };
  }

  async influence(network, memory, { x, steps, plays, readout, column, joint }, check) {
    return influences(network, await known(memory, x, steps, plays, check), { readout, plays, column, joint, rest: check });
  }

  async gradient(network, memory, { x, steps, plays, readout, slope }, check) {
    const run = await known(memory, x, steps, plays, check);
    return network.gradients(run, SLOPES[slope.kind](slope.target), readout, plays, () => check());
  }
}

// A run, made in pieces where that can be.
async function known(memory, x, steps, plays, check) {
  const { network } = memory;
  const piece = Math.max(1, Math.floor(AT_A_TIME / network.cost));
  while (network.causal) {
    const fresh = memory.fresh(x, steps, plays);
    if (fresh <= piece) break;
    const end = steps - fresh + piece;
    memory.run(x.subarray(0, end * network.features), end, plays);
    await check();
  }
  return memory.run(x, steps, plays);
}

const copied = (fields) => Object.fromEntries(Object.entries(fields).map(([name, values]) => [name, values.slice()]));

// What an answer holds that can be handed over instead of copied.
export function buffersOf(value) {
  if (ArrayBuffer.isView(value)) return [value.buffer];
  return value && typeof value === "object" ? Object.values(value).flatMap(buffersOf) : [];
}
