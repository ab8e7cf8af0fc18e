// Text to words by the rules of seqzoo.data.tokenizer, and words to ids.

const LETTERS = "[a-z0-9\u00c0-\u1fff\u3040-\ud7ff]+";
const WORD = new RegExp(`${LETTERS}(?:'${LETTERS})*|[!?]`, "g");
const UNKNOWN = 1;

export function tokenize(text) {
  return (
    text
      .replace(/[A-Z]/g, (letter) => letter.toLowerCase()) // these alone: no language's rules
      .replace(/[\u2019\u0060\u00b4]/g, "'")
      .replace(/<br(?: ?\/)?>/g, " ")
      .match(WORD) ?? []
  );
}

// The content of vocabulary.txt: one word a line, whose number is its id; then pairs of words.
export class Vocabulary {
  constructor(content) {
    const lines = content.replace(/\n$/, "").split("\n");
    const end = lines.findIndex((line) => line.includes(" "));
    this.words = end < 0 ? lines : lines.slice(0, end);
    this.ids = new Map(this.words.map((word, id) => [word, id]));
    const pairs = end < 0 ? [] : lines.slice(end).map((line) => line.split(" ").map((word) => this.ids.get(word)));
    this.pairs = new Map(pairs.map(([first, second], place) => [first * this.words.length + second, place + 1]));
  }

  encode(words) {
    return Int32Array.from(words, (word) => this.ids.get(word) ?? UNKNOWN);
  }

  // The place of the pair that each word makes with the one before it, from 1 on; 0 for an unknown pair.
  pairsOf(ids) {
    return Int32Array.from(ids, (id, t) => this.pairs.get((t ? ids[t - 1] : 0) * this.words.length + id) ?? 0);
  }

  knows(word) {
    return this.ids.has(word);
  }
}
