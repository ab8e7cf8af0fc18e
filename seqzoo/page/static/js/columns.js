// The columns of a score: where each word, day or step stands.

export const GUTTER = 44; // for an axis's numbers
const FONT = "14px system-ui, sans-serif";
const NARROWEST = 34; // pixels of a word
const WIDEST = 150; // that a short word is given where there is room
const measured = new Map();
let pen = null;

function measure(label) {
  if (!measured.has(label)) {
    pen ??= Object.assign(document.createElement("canvas").getContext("2d"), { font: FONT });
    measured.set(label, Math.max(NARROWEST, Math.ceil(pen.measureText(label).width) + 18));
  }
  return measured.get(label);
}

// {starts: edges [count + 1], count, from, to: what is visible, tight} for a width. tight: columns share it.
export function columnsOf(labels, tight, width) {
  const count = labels.length;
  const room = width - GUTTER - 8;
  const starts = [GUTTER];
  for (const value of tight ? shared(count, room) : fitted(labels, room)) starts.push(starts.at(-1) + value);
  return { starts, count, from: 0, to: count, tight };
}

const shared = (count, room) => new Array(count).fill(Math.max(room / Math.max(count, 1), count > 150 ? 3 : 6));

function fitted(labels, room) {
  const widths = labels.map(measure);
  const total = widths.reduce((sum, value) => sum + value, 0);
  if (total > room && total < 1.1 * room) return widths.map((value) => (value * room) / total); // a little narrower than scrolled
  if (total >= room || !labels.length) return widths;
  return widths.map((value) => Math.min(value + (room - total) / labels.length, Math.max(value, WIDEST)));
}

// Sets `from` and `to` to what is in view.
export function look(columns, view) {
  columns.from = Math.max(0, upper(columns.starts, view.left) - 1);
  columns.to = Math.min(columns.count, upper(columns.starts, view.left + view.width));
}

// The column at a place in pixels, or null.
export function columnAt(columns, x) {
  const step = upper(columns.starts, x) - 1;
  return step < 0 || step >= columns.count ? null : step;
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
