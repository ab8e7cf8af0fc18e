// All units of one step in a line: as colours, or as bars.
import { prepare, stripImage } from "./drawing.js";
import { reach } from "./math.js";
import { color, scale } from "./theme.js";

// values: [units], in the order in which they are shown. around: they lie on both sides of zero.
export function drawStrip(canvas, values, around, stops, width, height) {
  const context = prepare(canvas, width, height);
  const top = around ? reach(values) : 1;
  context.imageSmoothingEnabled = values.length > width;
  context.drawImage(stripImage(values, around ? -top : 0, top, scale(around, stops)), 0, 0, width, height);
}

// chosen: the place of the bar that stands out, or null.
export function drawUnits(canvas, values, around, chosen, width, height) {
  const context = prepare(canvas, width, height);
  const top = around ? greatest(values) : 1;
  const size = width / values.length;
  const base = around ? height / 2 : height - 1;
  const bar = (value, place, wide) => {
    const tall = (around ? height / 2 - 2 : height - 3) * (value / top);
    context.fillRect(place * size + 0.5, tall > 0 ? base - tall : base, wide, Math.max(Math.abs(tall), 1));
  };
  context.fillStyle = color("--bar");
  values.forEach((value, place) => bar(value, place, Math.max(size > 2 ? size - 1 : size, 0.5)));
  context.fillStyle = color("--accent");
  if (chosen !== null) bar(values[chosen], chosen, Math.max(2, size - 1));
  context.fillStyle = color("--grid");
  context.fillRect(0, base, width, 1);
}

const greatest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
