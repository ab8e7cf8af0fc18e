// The row of words in a score: a list that the arrow keys go through.
import { h } from "./dom.js";

const MOVES = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
const ALL = 150; // words of a text that are all there
const BESIDE = 40; // words beside the visible ones that are there of a longer one

export class WordRow {
  // choose(step): what happens at a key.
  constructor(description, choose) {
    this.choose = choose;
    this.element = h("div", { class: "words", role: "listbox", "aria-label": description, "aria-orientation": "horizontal" });
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.chosen = null;
    this.shown = new Map(); // by place
  }

  // words: [{text, tint, known, moved, title}]. Of a long text only those near what is in view are there; the others are counted.
  place(words, columns) {
    Object.assign(this, { words, columns });
    const { count, from, to } = columns;
    const [first, last] = count > ALL ? [Math.max(0, from - BESIDE), Math.min(count, to + BESIDE)] : [0, count];
    for (const [t, word] of this.shown) if (t < first || t >= last) this.#remove(t, word);
    for (let t = first; t < last; t++) this.#place(t);
    this.mark(this.chosen);
  }

  #remove(t, word) {
    if (word === document.activeElement && t < this.columns.count) return; // the focus stays where it is
    word.remove();
    this.shown.delete(t);
  }

  #place(t) {
    const { starts, count } = this.columns;
    const { text, tint, known, moved, title } = this.words[t];
    const word = this.shown.get(t) ?? this.#make(t);
    const key = `${text}|${tint}|${known}|${moved}|${title}|${starts[t]}|${starts[t + 1]}|${count}`;
    if (word.dataset.key === key) return;
    word.dataset.key = key;
    word.textContent = text;
    word.title = title;
    word.setAttribute("aria-label", `${text}, ${title}`);
    word.setAttribute("aria-setsize", count);
    word.style.left = `${starts[t]}px`;
    word.style.width = `${starts[t + 1] - starts[t] - 1}px`;
    word.style.setProperty("--tint", tint);
    word.classList.toggle("unknown", !known);
    word.classList.toggle("moved", moved);
  }

  #make(t) {
    const word = h("span", { class: "word", role: "option", tabIndex: -1, "aria-selected": "false", "aria-posinset": t + 1 });
    this.shown.set(t, word);
    let next = null; // most words come at the end
    for (let other = this.element.lastChild; other && Number(other.getAttribute("aria-posinset")) > t + 1; other = other.previousSibling) next = other;
    this.element.insertBefore(word, next);
    return word;
  }

  mark(chosen) {
    this.chosen = chosen;
    for (const word of this.element.querySelectorAll('[aria-selected="true"], [tabindex="0"]')) {
      word.setAttribute("aria-selected", "false");
      word.tabIndex = -1;
    }
    const word = this.shown.get(chosen ?? 0) ?? this.element.firstChild;
    if (!word) return;
    word.setAttribute("aria-selected", String(chosen !== null && word === this.shown.get(chosen)));
    word.tabIndex = 0;
  }

  #key(event) {
    const last = (this.columns?.count ?? 0) - 1;
    if (!(event.key in MOVES) || last < 0) return;
    const step = Math.max(0, Math.min(last, (this.chosen ?? 0) + MOVES[event.key]));
    this.#place(step);
    this.choose(step);
    this.shown.get(step)?.focus({ preventScroll: true });
    event.preventDefault();
  }
}
