// Texts as a network reads them.
import { sigmoid, softmax } from "./math.js";
import { Network } from "./network.js";
import { tokenize, Vocabulary } from "./tokenizer.js";

// A text model: its vocabulary, its embedding, and the network over them.
export class Reader {
  constructor(form, tensors, vocabulary) {
    this.form = form;
    this.vocabulary = new Vocabulary(vocabulary);
    this.network = new Network(form, tensors);
    this.core = Network.core(form, tensors);
    this.embedding = tensors[form.reads.embedding];
    this.pairs = form.reads.bigrams ? tensors[form.reads.bigrams] : null;
    this.names = form.answer.names;
  }

  // The words that the model reads: of a long text the last ones.
  words(text) {
    return tokenize(text).slice(-this.form.reads.max_tokens);
  }

  // {ids, x float32 [steps, features], steps, joint}; `joint` holds the rows as they are without the word before, where words
  // count in pairs, else null.
  encode(words) {
    const ids = this.vocabulary.encode(words);
    const x = this.#rows(ids, this.pairs && this.vocabulary.pairsOf(ids));
    let joint = null;
    if (this.pairs) {
      const skipping = Int32Array.from(ids, (id, t) => this.vocabulary.pairsOf([t > 1 ? ids[t - 2] : 0, id])[1]);
      joint = this.#rows(ids, skipping);
    }
    return { ids, x, steps: ids.length, joint };
  }

  #rows(ids, pairs) {
    const size = this.embedding.shape[1];
    const beside = pairs ? this.pairs.shape[1] : 0;
    const width = size + beside;
    const x = new Float32Array(ids.length * width);
    ids.forEach((id, t) => {
      x.set(this.embedding.data.subarray(id * size, (id + 1) * size), t * width);
      if (pairs) x.set(this.pairs.data.subarray(pairs[t] * beside, (pairs[t] + 1) * beside), t * width + size);
    });
    return x;
  }

  // One probability of the second of two classes, or one of each of more, for every row of a network's answers.
  probabilities(answers) {
    return probabilities(answers, this.network.outputs);
  }
}

export function probabilities(answers, outputs) {
  const rows = [];
  for (let at = 0; at < answers.length; at += outputs) {
    rows.push(outputs === 1 ? [sigmoid(answers[at])] : softmax(answers.subarray(at, at + outputs)));
  }
  return rows;
}
