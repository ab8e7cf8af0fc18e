// Paints one row of a score on its canvas.
import { GUTTER } from "./columns.js";
import { drawAxis, drawBars, drawHeat, drawLine, drawTicks, drawWords, heatImage, prepare } from "./drawing.js";
import { color, scale } from "./theme.js";

const AROUND = 40; // columns beside the visible ones whose pixels are there already

// row: see Score's `show`; score: {columns, stops, tight, unit, pointed, chosen}; view: {left, width}; part: what is kept of the row.
export function paint(row, part, score, view) {
  const context = prepare(part.canvas, view.width, row.height);
  PAINTERS[row.type](context, row, part, score, view);
}

const PAINTERS = {
  lines(context, { ticks, height, place, lines }, part, { columns }, view) {
    drawAxis(context, ticks, view, height, place, GUTTER - view.left > 0 ? GUTTER : 0);
    for (const line of lines) drawLine(context, line, columns, view, height, place);
    drawTicks(context, ticks, height, place, GUTTER);
  },

  bars(context, { series, height, most, mostText, rising }, part, { columns }, view) {
    drawBars(context, series, columns, view, height, most, rising);
    const ends = rising ? [[1, mostText], [-1, "0"]] : [[1, mostText], [-1, `−${mostText}`]];
    drawTicks(context, ends, height, (value) => (value + 1) / 2, GUTTER);
  },

  heat(context, row, part, score, view) {
    const { columns } = score;
    const { values, order } = row;
    const kept = part.heat;
    if (kept?.values !== values || kept.order !== order || columns.from < kept.first || columns.to > kept.last) {
      const first = Math.max(0, columns.from - AROUND);
      const last = Math.min(columns.count, columns.to + AROUND);
      part.heat = { image: heatImage(row, first, last, scale(row.signed, score.stops), kept?.image), first, last, values, order };
    }
    drawHeat(context, part.heat.image, part.heat.first, columns, view, row.height, score.tight ? 0 : 1);
    if (score.unit?.track === row.track) markUnit(context, row, score.unit.unit, view);
  },

  labels(context, row, part, { labels, columns, pointed, chosen }, view) {
    drawWords(context, row.labels ?? labels, columns, view, row.height, pointed ?? chosen);
  },
};

function markUnit(context, { order, height, units }, unit, view) {
  const y = ((order.indexOf(unit) + 0.5) * height) / units;
  context.fillStyle = color("--ink");
  const x = Math.max(GUTTER - view.left, 8);
  context.beginPath();
  context.moveTo(x - 2, y);
  context.lineTo(x - 9, y - 4.5);
  context.lineTo(x - 9, y + 4.5);
  context.fill();
}
