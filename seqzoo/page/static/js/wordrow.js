// The row of words in a score: a list that the arrow keys go through.
import { h } from "./dom.js";

const MOVES = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };

export class WordRow {
  // choose(step): what happens at a key.
  constructor(description, choose) {
    this.choose = choose;
    this.element = h("div", { class: "words", role: "listbox", "aria-label": description, "aria-orientation": "horizontal" });
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.chosen = null;
  }

  // words: [{text, tint, known, moved, title}]; only what has changed is touched.
  place(words, { starts, count }) {
    const { children } = this.element;
    while (children.length > count) this.element.lastChild.remove();
    for (let t = 0; t < count; t++) {
      let word = children[t];
      if (!word) this.element.append((word = h("span", { class: "word", role: "option", tabIndex: -1, "aria-selected": "false" })));
      const { text, tint, known, moved, title } = words[t];
      const key = `${text}|${tint}|${known}|${moved}|${title}|${starts[t]}|${starts[t + 1]}`;
      if (word.dataset.key === key) continue;
      word.dataset.key = key;
      word.textContent = text;
      word.title = title;
      word.setAttribute("aria-label", `${text}, ${title}`);
      word.style.left = `${starts[t]}px`;
      word.style.width = `${starts[t + 1] - starts[t] - 1}px`;
      word.style.setProperty("--tint", tint);
      word.classList.toggle("unknown", !known);
      word.classList.toggle("moved", moved);
    }
  }

  mark(chosen) {
    this.chosen = chosen;
    for (const word of this.element.querySelectorAll('[aria-selected="true"], [tabindex="0"]')) {
      word.setAttribute("aria-selected", "false");
      word.tabIndex = -1;
    }
    const word = this.element.children[chosen ?? 0];
    if (!word) return;
    word.setAttribute("aria-selected", String(chosen !== null));
    word.tabIndex = 0;
  }

  #key(event) {
    const last = this.element.children.length - 1;
    if (!(event.key in MOVES) || last < 0) return;
    const step = Math.max(0, Math.min(last, (this.chosen ?? 0) + MOVES[event.key]));
    this.choose(step);
    this.element.children[step]?.focus({ preventScroll: true });
    event.preventDefault();
  }
}
