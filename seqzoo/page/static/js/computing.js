// Where a subject's sequence is computed: short work on the page at once, more of it in the worker.
import { Memory } from "./memory.js";
import { joined } from "./sequences.js";

export const AT_ONCE = 100; // steps of a sequence that is computed on the page itself
const WORK = 1.2e7; // multiplications that it takes on for that; some 10 ms

const memories = new WeakMap();

function memoryOf(network) {
  if (!memories.has(network)) memories.set(network, new Memory(network));
  return memories.get(network);
}

// A subject's run with the network's `answers`, or a promise of them; null where a newer question came. `slot`: what they are for.
export function compute(desk, subject, { x, steps, plays, readout, slot }) {
  const { network, answersOf, id } = subject;
  const memory = memoryOf(network);
  if (answersOf) return { ...network.run(x, steps, plays), answers: answersOf(plays) };
  const work = memory.fresh(x, steps, plays) * network.cost * (network.causal ? 1 : steps / 2);
  if (steps <= AT_ONCE && work <= WORK) {
    const run = memory.run(x, steps, plays);
    return { ...run, answers: network.answers(run, readout, plays) };
  }
  const asked = { kind: "run", network: id, slot, x, steps, readout, plays: plain(plays) };
  return desk.ask(asked).then((found) => {
    const run = { ...found, x, steps, top: topOf(network, found, steps) };
    memory.keep(run, plays);
    return run;
  }, quiet);
}

// Plays as a worker can be told of them.
export const plain = (plays) => Object.fromEntries(Object.entries(plays).map(([name, play]) => [name, { ...play }]));

export function quiet(error) {
  if (error.message !== "outdated") console.error(error);
  return null;
}

const topOf = (network, { traces }, steps) =>
  joined(network.layers.at(-1).map(({ name, weights }) => [traces[name].hidden, weights.units]), steps);
