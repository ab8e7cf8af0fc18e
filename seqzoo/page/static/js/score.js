// Charts and maps over the same columns (words, days, steps), scrolled together; columns and units can be pointed at and chosen.
import { h } from "./dom.js";
import { drawAxis, drawBars, drawHeat, drawLine, drawTicks, drawWords, heatImage, prepare } from "./drawing.js";
import { color, onTheme, scale } from "./theme.js";

const GUTTER = 44;
const AROUND = 40; // columns beside the visible ones whose pixels are there already
const FONT = "14px system-ui, sans-serif";

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
    this.parts = new Map();
    this.columns = { starts: [GUTTER], count: 0, from: 0, to: 0 };
    this.measured = new Map();
    this.images = new Map();
    this.scroller.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.layout()).observe(this.scroller);
    this.inner.addEventListener("pointermove", (event) => this.#pointed(event));
    this.inner.addEventListener("pointerleave", () => this.#left());
    this.inner.addEventListener("click", (event) => this.#clicked(event));
    onTheme(() => {
      this.images.clear();
      this.draw();
    });
  }

  // labels: of the columns. tight: columns share the width, and only some labels show.
  // rows: {id, type: "lines" | "bars" | "heat" | "labels" | "words", caption, height, ...}; see #paint.
  show({ labels, tight = false, rows, chosen, pointed, unit = null }) {
    Object.assign(this, { labels, tight, rows, chosen, pointed, unit });
    for (const [id, part] of this.parts) {
      if (!rows.some((row) => row.id === id)) {
        part.element.remove();
        this.parts.delete(id);
        this.images.delete(id);
      }
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

  mark({ chosen = this.chosen, pointed = this.pointed, unit = this.unit }) {
    Object.assign(this, { chosen, pointed, unit });
    this.#bands();
    this.draw();
  }

  layout() {
    if (!this.labels) return;
    const width = this.scroller.clientWidth;
    if (!width) return;
    const count = this.labels.length;
    const room = width - GUTTER - 8;
    let widths;
    if (this.tight) widths = this.labels.map(() => Math.max(room / Math.max(count, 1), count > 150 ? 3 : 6));
    else {
      widths = this.labels.map((label) => this.#measure(label));
      const total = widths.reduce((sum, value) => sum + value, 0);
      if (total > room && total < 1.1 * room) widths = widths.map((value) => (value * room) / total); // a little narrower than scrolled
      else if (total < room && count) widths = widths.map((value) => Math.min(value + (room - total) / count, Math.max(value, 150)));
    }
    const starts = [GUTTER];
    for (const value of widths) starts.push(starts.at(-1) + value);
    this.columns = { starts, count, from: 0, to: count, tight: this.tight };
    this.inner.style.width = `${Math.max(starts.at(-1) + 8, width)}px`;
    for (const row of this.rows) if (row.type === "words") this.#placeWords(row);
    this.#bands();
    this.draw();
  }

  draw() {
    if (!this.labels) return;
    const view = { left: this.scroller.scrollLeft, width: this.scroller.clientWidth };
    if (!view.width) return;
    const { starts, count } = this.columns;
    this.columns.from = Math.max(0, upper(starts, view.left) - 1);
    this.columns.to = Math.min(count, upper(starts, view.left + view.width));
    for (const row of this.rows) {
      const { canvas } = this.parts.get(row.id);
      if (canvas) this.#paint(row, canvas, view);
    }
  }

  // Brings a column into view.
  reveal(step) {
    const { starts } = this.columns;
    const { scrollLeft, clientWidth } = this.scroller;
    if (starts[step] - GUTTER < scrollLeft) this.scroller.scrollLeft = starts[step] - GUTTER;
    else if (starts[step + 1] > scrollLeft + clientWidth) this.scroller.scrollLeft = starts[step + 1] - clientWidth + 8;
  }

  #make(row) {
    const caption = h("div", { class: "caption" });
    const part = { caption };
    if (row.type === "words") {
      part.words = h("div", { class: "words", role: "listbox", "aria-label": row.description, "aria-orientation": "horizontal" });
      part.words.addEventListener("keydown", (event) => this.#key(event));
      part.element = h("div", { class: "row" }, caption, part.words);
    } else {
      part.canvas = h("canvas", { role: "img" });
      part.element = h("div", { class: `row ${row.type}` }, caption, part.canvas);
    }
    part.element.dataset.row = row.id;
    this.parts.set(row.id, part);
    return part;
  }

  #paint(row, canvas, view) {
    const { columns } = this;
    const context = prepare(canvas, view.width, row.height);
    if (row.type === "lines") {
      const place = row.place;
      drawAxis(context, row.ticks, view, row.height, place, GUTTER - view.left > 0 ? GUTTER : 0);
      for (const line of row.lines) drawLine(context, line, columns, view, row.height, place);
      drawTicks(context, row.ticks, row.height, place, GUTTER);
    } else if (row.type === "bars") {
      drawBars(context, row.series, columns, view, row.height, row.most, row.rising);
      const ends = row.rising ? [[1, row.mostText], [-1, "0"]] : [[1, row.mostText], [-1, `−${row.mostText}`]];
      drawTicks(context, ends, row.height, (value) => (value + 1) / 2, GUTTER);
    } else if (row.type === "heat") {
      let kept = this.images.get(row.id);
      const same = kept && kept.values === row.values && kept.order === row.order;
      if (!same || columns.from < kept.first || columns.to > kept.last) {
        const first = Math.max(0, columns.from - AROUND);
        const last = Math.min(columns.count, columns.to + AROUND);
        const image = heatImage(row.values, first, last, row.units, row.order, row.low, row.high, scale(row.signed, this.stops), kept?.image);
        this.images.set(row.id, (kept = { image, first, last, values: row.values, order: row.order }));
      }
      drawHeat(context, kept.image, kept.first, columns, view, row.height, this.tight ? 0 : 1);
      this.#markUnit(context, row, view);
    } else drawWords(context, row.labels ?? this.labels, columns, view, row.height, this.pointed ?? this.chosen);
  }

  #markUnit(context, row, view) {
    if (!this.unit || this.unit.track !== row.track) return;
    const place = row.order.indexOf(this.unit.unit);
    const y = ((place + 0.5) * row.height) / row.units;
    context.fillStyle = color("--ink");
    const x = Math.max(GUTTER - view.left, 8);
    context.beginPath();
    context.moveTo(x - 2, y);
    context.lineTo(x - 9, y - 4.5);
    context.lineTo(x - 9, y + 4.5);
    context.fill();
  }

  #measure(label) {
    if (!this.measured.has(label)) {
      this.pen ??= Object.assign(document.createElement("canvas").getContext("2d"), { font: FONT });
      this.measured.set(label, Math.max(34, Math.ceil(this.pen.measureText(label).width) + 18));
    }
    return this.measured.get(label);
  }

  #placeWords(row) {
    const { words } = this.parts.get(row.id);
    const { starts, count } = this.columns;
    while (words.children.length > count) words.lastChild.remove();
    for (let t = 0; t < count; t++) {
      let word = words.children[t];
      if (!word) words.append((word = h("span", { class: "word", role: "option", tabIndex: -1, "aria-selected": "false" })));
      const { text, tint, known, moved, title } = row.words[t];
      const key = `${text}|${tint}|${known}|${moved}|${title}|${starts[t]}|${starts[t + 1]}`;
      if (word.dataset.key !== key) {
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
  }

  #bands() {
    const { starts, count } = this.columns;
    for (const [band, step] of [[this.band, this.chosen], [this.hover, this.pointed]]) {
      band.hidden = step === null || step === undefined || step >= count || (band === this.hover && step === this.chosen);
      if (band.hidden) continue;
      band.style.left = `${starts[step]}px`;
      band.style.width = `${starts[step + 1] - starts[step] - (this.tight ? 0 : 1)}px`;
    }
    for (const row of this.rows ?? []) {
      if (row.type !== "words") continue;
      const { words } = this.parts.get(row.id);
      for (const word of words.querySelectorAll('[aria-selected="true"], [tabindex="0"]')) {
        word.setAttribute("aria-selected", "false");
        word.tabIndex = -1;
      }
      const word = words.children[this.chosen ?? 0];
      if (!word) continue;
      word.setAttribute("aria-selected", String(this.chosen !== null));
      word.tabIndex = 0;
    }
  }

  #at(event) {
    const { left } = this.inner.getBoundingClientRect();
    const step = upper(this.columns.starts, event.clientX - left) - 1;
    if (step < 0 || step >= this.columns.count) return null;
    const element = event.target.closest?.("[data-row]");
    const row = element && this.rows.find(({ id }) => id === element.dataset.row);
    if (!row || row.type !== "heat" || event.target.tagName !== "CANVAS") return { step, row };
    const box = event.target.getBoundingClientRect();
    const place = Math.min(row.units - 1, Math.max(0, Math.floor(((event.clientY - box.top) / box.height) * row.units)));
    return { step, row, unit: row.order[place] };
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

  #key(event) {
    const moves = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
    if (event.key in moves && this.columns.count) {
      const step = Math.max(0, Math.min(this.columns.count - 1, (this.chosen ?? 0) + moves[event.key]));
      this.handlers.choose(step, { step });
      this.reveal(step);
      event.currentTarget.children[step].focus({ preventScroll: true });
      event.preventDefault();
    }
  }
}

// "Title: what it means" with the title set off.
function captionOf(text, legend = []) {
  const [title, ...rest] = text.split(": ");
  const keys = legend.map(([name, place]) => h("span", { class: `line-key ${place}` }, name));
  return [h("b", {}, title), rest.length ? ` ${rest.join(": ")}` : "", ...keys];
}

// The number of values that are at most `value`, in rising `values`.
function upper(values, value) {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
