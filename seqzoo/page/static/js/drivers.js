// The words of other sentences that move a unit most.

// For a subject (its reader and the desk that computes): a function from (track, unit) to {up, down}: for each the words after
// which the unit's state rose or fell most, {word, before, after, moved}, a word once.
export function driversOf(desk, subject, sentences, most = 5) {
  let reading = null;
  const read = async () => {
    const found = [];
    for (const sentence of sentences) {
      const words = subject.reader.words(sentence);
      const { x, steps } = subject.reader.encode(words);
      if (!steps) continue;
      const asked = { kind: "run", network: subject.id, slot: "drivers", apart: true, x, steps, plays: {}, readout: "trained" };
      found.push({ words, traces: (await desk.ask(asked)).traces });
    }
    return found;
  };
  return async (track, unit) => {
    reading ??= read();
    const moves = [];
    for (const { words, traces } of await reading) {
      const values = traces[track.name].cell ?? traces[track.name].hidden;
      const units = values.length / words.length;
      words.forEach((word, t) => {
        const from = track.reverse ? t + 1 : t - 1;
        const before = from < 0 || from >= words.length ? 0 : values[from * units + unit];
        moves.push({ word, before: words[t - 1] ?? "", after: words[t + 1] ?? "", moved: values[t * units + unit] - before });
      });
    }
    moves.sort((a, b) => b.moved - a.moved);
    const first = (list) => {
      const seen = new Set();
      return list.filter(({ word }) => !seen.has(word) && seen.add(word)).slice(0, most);
    };
    return { up: first(moves.filter(({ moved }) => moved > 0)), down: first(moves.filter(({ moved }) => moved < 0).reverse()) };
  };
}
