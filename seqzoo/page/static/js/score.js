// Charts and maps over the same columns (words, days, steps), scrolled together; columns and units can be pointed at and chosen.
import { columnAt, columnsOf, GUTTER, look } from "./columns.js";
import { h } from "./dom.js";
import { paint } from "./painting.js";
import { onTheme } from "./theme.js";
import { WordRow } from "./wordrow.js";

const NEAR = "300px"; // rows so near the window are painted before they come into it

export class Score {
  // point(step or null), choose(step, {row, unit}): what happens when a reader points at a column or chooses one.
  constructor({ label, stops, point, choose, tell }) {
    this.stops = stops;
    this.handlers = { point, choose, tell };
    this.band = h("div", { class: "band", hidden: true });
    this.hover = h("div", { class: "band hover", hidden: true });
    this.inner = h("div", { class: "score-inner" }, this.hover, this.band);
    this.tip = h("div", { class: "tip", hidden: true, role: "presentation" });
    this.scroller = h("div", { class: "score", role: "group", "aria-label": label }, this.inner);
    this.element = h("div", { class: "score-frame" }, this.scroller, this.tip);
    this.rows = [];
    this.parts = new Map(); // by a row's id: its elements, and whether it is near the window and painted as it should be
    this.columns = columnsOf([], false, 0);
    this.near = new IntersectionObserver((seen) => this.#seen(seen), { rootMargin: NEAR });
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.layout()).observe(this.scroller);
    window.addEventListener("beforeprint", () => this.#paint(true));
    this.inner.addEventListener("pointermove", (event) => this.#pointed(event));
    this.inner.addEventListener("pointerleave", () => this.#left());
    this.inner.addEventListener("click", (event) => this.#clicked(event));
    onTheme(() => {
      for (const part of this.parts.values()) part.heat = null;
      this.draw();
    });
  }

  // labels: of the columns. tight: columns share the width, and only some labels show.
  // rows: {id, type: "lines" | "bars" | "heat" | "labels" | "words", caption, height, ...}; see painting.js.
  show({ labels, tight = false, rows, chosen, pointed, unit = null }) {
    Object.assign(this, { labels, tight, rows, chosen, pointed, unit });
    const wanted = new Set(rows.map(({ id }) => id));
    for (const [id, part] of this.parts) {
      if (wanted.has(id)) continue;
      this.near.unobserve(part.element);
      part.element.remove();
      this.parts.delete(id);
    }
    let after = this.band;
    for (const row of rows) {
      const part = this.parts.get(row.id) ?? this.#make(row);
      if (after.nextSibling !== part.element) after.after(part.element);
      after = part.element;
      if (part.caption.dataset.text !== row.caption) {
        part.caption.dataset.text = row.caption;
        part.caption.replaceChildren(...captionOf(row.caption, row.legend));
      }
      if (part.canvas) part.canvas.setAttribute("aria-label", row.description ?? row.caption);
    }
    this.layout();
  }

  // Other content of some rows that are there.
  replace(rows) {
    for (const row of rows) {
      const place = this.rows.findIndex(({ id }) => id === row.id);
      if (place >= 0) this.rows[place] = row;
    }
    this.draw(rows.map(({ id }) => id));
  }

  mark({ chosen = this.chosen, pointed = this.pointed, unit = this.unit }) {
    Object.assign(this, { chosen, pointed, unit });
    this.#bands();
    this.draw();
  }

  layout() {
    const width = this.scroller.clientWidth;
    if (!this.labels || !width) return;
    this.columns = columnsOf(this.labels, this.tight, width);
    this.inner.style.width = `${Math.max(this.columns.starts.at(-1) + 8, width)}px`;
    look(this.columns, this.#view());
    this.#words();
    this.#bands();
    this.draw();
  }

  // Has rows painted with the next picture of the browser: all of them, or some.
  draw(ids = this.parts.keys()) {
    for (const id of ids) if (this.parts.has(id)) this.parts.get(id).stale = true;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.#paint();
    });
  }

  // Brings a column into view.
  reveal(step) {
    const { starts } = this.columns;
    const { scrollLeft, clientWidth } = this.scroller;
    if (starts[step] - GUTTER < scrollLeft) this.scroller.scrollLeft = starts[step] - GUTTER;
    else if (starts[step + 1] > scrollLeft + clientWidth) this.scroller.scrollLeft = starts[step + 1] - clientWidth + 8;
  }

  #make(row) {
    const part = { caption: h("div", { class: "caption" }), stale: true, near: false };
    if (row.type === "words") {
      part.words = new WordRow(row.description, (step) => {
        this.handlers.choose(step, { step });
        this.reveal(step);
      });
    } else part.canvas = h("canvas", { role: "img" });
    part.element = h("div", { class: `row ${row.type}` }, part.caption, part.canvas ?? part.words.element);
    part.element.dataset.row = row.id;
    this.parts.set(row.id, part);
    this.near.observe(part.element);
    return part;
  }

  #seen(entries) {
    for (const { target, isIntersecting } of entries) {
      const part = this.parts.get(target.dataset.row);
      if (part?.element === target) part.near = isIntersecting;
    }
    this.draw([]);
  }

  #view() {
    return { left: this.scroller.scrollLeft, width: this.scroller.clientWidth };
  }

  #scrolled() {
    if (!this.labels) return;
    look(this.columns, this.#view());
    this.#words();
    this.draw();
  }

  #words() {
    for (const row of this.rows) if (row.type === "words") this.parts.get(row.id).words.place(row.words, this.columns);
  }

  #paint(everything = false) {
    const view = this.#view();
    if (!this.labels || !view.width) return;
    look(this.columns, view);
    for (const row of this.rows) {
      const part = this.parts.get(row.id);
      if (!part.canvas || !part.stale || !(part.near || everything)) continue;
      part.stale = false;
      paint(row, part, this, view);
    }
  }

  #bands() {
    const { starts, count } = this.columns;
    for (const [band, step] of [[this.band, this.chosen], [this.hover, this.pointed]]) {
      band.hidden = step === null || step === undefined || step >= count || (band === this.hover && step === this.chosen);
      if (band.hidden) continue;
      band.style.left = `${starts[step]}px`;
      band.style.width = `${starts[step + 1] - starts[step] - (this.tight ? 0 : 1)}px`;
    }
    for (const { words } of this.parts.values()) words?.mark(this.chosen);
  }

  // {step, row, unit} under a pointer. Of units that share a pixel it is the one that stands out most there.
  #at(event) {
    const step = columnAt(this.columns, event.clientX - this.inner.getBoundingClientRect().left);
    if (step === null) return null;
    const element = event.target.closest?.("[data-row]");
    const row = element && this.rows.find(({ id }) => id === element.dataset.row);
    if (!row || row.type !== "heat" || event.target.tagName !== "CANVAS") return { step, row };
    const box = event.target.getBoundingClientRect();
    const place = (y) => Math.min(row.units - 1, Math.max(0, Math.floor(((y - box.top) / box.height) * row.units)));
    const y = Math.floor(event.clientY);
    const shared = row.order.slice(place(y), Math.max(place(y), place(y + 1) - 1) + 1);
    const value = (unit) => Math.abs(row.values[step * row.units + unit]);
    return { step, row, unit: shared.reduce((most, unit) => (value(unit) > value(most) ? unit : most)) };
  }

  #pointed(event) {
    if (event.pointerType === "touch") return;
    const found = this.#at(event);
    if (!found) return this.#left();
    if (found.step !== this.pointed) {
      this.pointed = found.step;
      this.#bands();
      this.handlers.point(found.step);
      this.draw();
    }
    const text = this.handlers.tell(found);
    this.tip.hidden = !text;
    if (!text) return;
    this.tip.textContent = text;
    const frame = this.element.getBoundingClientRect();
    const x = Math.min(event.clientX - frame.left + 14, frame.width - this.tip.offsetWidth - 4);
    this.tip.style.transform = `translate(${Math.max(0, x)}px, ${event.clientY - frame.top + 16}px)`;
  }

  #left() {
    this.tip.hidden = true;
    if (this.pointed === null) return;
    this.pointed = null;
    this.#bands();
    this.handlers.point(null);
    this.draw();
  }

  #clicked(event) {
    const found = this.#at(event);
    if (found) this.handlers.choose(found.step, found);
  }
}

// "Title: what it means" with the title set off.
function captionOf(text, legend = []) {
  const [title, ...rest] = text.split(": ");
  const keys = legend.map(([name, place]) => h("span", { class: `line-key ${place}` }, name));
  return [h("b", {}, title), rest.length ? ` ${rest.join(": ")}` : "", ...keys];
}
