// Ids of every text of a JSON list, with a vocabulary.
import { readFileSync, writeFileSync } from "node:fs";

const [sources, vocabulary, texts, output] = process.argv.slice(2);
const { tokenize, Vocabulary } = await import(`${sources}/tokenizer.js`);
const known = new Vocabulary(readFileSync(vocabulary, "utf8"));
const found = JSON.parse(readFileSync(texts, "utf8")).map((text) => [tokenize(text), [...known.encode(tokenize(text))]]);
writeFileSync(output, JSON.stringify(found));
