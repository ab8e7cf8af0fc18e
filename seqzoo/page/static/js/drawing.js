// Rows of a score, drawn on canvases: only the columns that are in view.
import { color } from "./theme.js";

// `view`: {left, width} of what is visible, in pixels; `columns`: {starts [n + 1], count, from, to}: edges, and what is visible.
export function prepare(canvas, width, height) {
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

// A picture of the steps `first` to `last` of a row's values [steps, units], one pixel a value, units from top to bottom in its `order`.
// Of more units than pixels those that share one show their mean, or of `signed` values, which would cancel, the one that stands out
// most. `canvas`: one to draw on again, or null.
export function heatImage({ values, units, order, low, high, height, signed }, first, last, colors, canvas) {
  const lines = Math.min(units, height);
  const shared = Array.from({ length: lines }, (_, line) => order.slice(Math.floor((line * units) / lines), Math.floor(((line + 1) * units) / lines)));
  const image = new ImageData(Math.max(last - first, 1), lines);
  for (let t = first; t < last; t++) {
    for (let line = 0; line < lines; line++) {
      let found = 0;
      for (const unit of shared[line]) {
        const value = values[t * units + unit];
        if (!signed) found += value / shared[line].length;
        else if (Math.abs(value) > Math.abs(found)) found = value;
      }
      ink(image.data, 4 * (line * image.width + t - first), (found - low) / (high - low), colors);
    }
  }
  return onCanvas(image, canvas);
}

// A line of values, one pixel each.
export function stripImage(values, low, high, colors) {
  const image = new ImageData(values.length, 1);
  values.forEach((value, place) => ink(image.data, 4 * place, (value - low) / (high - low), colors));
  return onCanvas(image, null);
}

function ink(data, at, share, colors) {
  const level = Math.round(255 * share);
  data.set(colors[level < 0 ? 0 : level > 255 ? 255 : level || 0], at);
  data[at + 3] = 255;
}

function onCanvas(image, canvas) {
  canvas ??= document.createElement("canvas");
  if (canvas.width !== image.width || canvas.height !== image.height) Object.assign(canvas, { width: image.width, height: image.height });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// `image` begins with step `first`.
export function drawHeat(context, image, first, columns, view, height, gap) {
  context.imageSmoothingEnabled = false;
  for (let t = columns.from; t < columns.to; t++) {
    const x = columns.starts[t] - view.left;
    const width = columns.starts[t + 1] - columns.starts[t] - gap;
    context.drawImage(image, t - first, 0, 1, image.height, x, 0, Math.max(width, 1), height);
  }
}

// Lines through a value at each column's middle. `place`: function from a value to 0 (bottom) .. 1 (top).
// A line with one value more than there are columns begins at the left edge of the first.
export function drawLine(context, line, columns, view, height, place) {
  const { values } = line;
  const before = values.length === columns.count + 1 ? 1 : 0;
  context.save();
  context.strokeStyle = line.color;
  context.lineWidth = line.width ?? 2;
  context.lineJoin = "round";
  context.setLineDash(line.dash ?? []);
  context.globalAlpha = line.alpha ?? 1;
  context.beginPath();
  let pen = false;
  for (let index = Math.max(0, columns.from - 1); index < Math.min(values.length, columns.to + 1 + before); index++) {
    const value = values[index];
    const t = index - before;
    const x = (t < 0 ? columns.starts[0] : (columns.starts[t] + columns.starts[t + 1]) / 2) - view.left;
    const y = height - 4 - (height - 8) * place(value);
    if (!Number.isFinite(y)) pen = false;
    else if (pen) context.lineTo(x, y);
    else {
      context.moveTo(x, y);
      pen = true;
    }
  }
  context.stroke();
  if (line.dots) {
    context.fillStyle = line.color;
    for (let t = columns.from; t < columns.to; t++) {
      const y = height - 4 - (height - 8) * place(values[t + before]);
      if (!Number.isFinite(y)) continue;
      context.beginPath();
      context.arc((columns.starts[t] + columns.starts[t + 1]) / 2 - view.left, y, 2.6, 0, 2 * Math.PI);
      context.fill();
    }
  }
  context.restore();
}

// Bars from the middle line up and down, one for each series side by side.
// `rising`: from the bottom up, values from 0 to `most`.
export function drawBars(context, series, columns, view, height, most, rising = false) {
  const middle = rising ? height - 2 : height / 2;
  context.fillStyle = color("--grid");
  context.fillRect(0, Math.round(middle), view.width, 1);
  for (const [number, { values, color: ink }] of series.entries()) {
    context.fillStyle = ink;
    for (let t = columns.from; t < columns.to; t++) {
      const value = values[t];
      if (!Number.isFinite(value)) continue;
      const room = columns.starts[t + 1] - columns.starts[t];
      const beside = rising ? 1 : series.length;
      const width = Math.max(1.5, Math.min(12, (room - (columns.tight ? 2 : 6)) / beside - 1));
      const x = columns.starts[t] - view.left + room / 2 + (rising ? -0.5 : number - beside / 2) * (width + 1);
      const size = Math.max(-1, Math.min(1, value / most)) * (middle - 3);
      context.fillRect(x, size > 0 ? middle - size : middle, width, Math.max(Math.abs(size), 0.75));
    }
  }
}

// Lines and numbers of an axis; `ticks`: [[value, text]].
export function drawAxis(context, ticks, view, height, place, gutter) {
  context.fillStyle = color("--grid");
  for (const [value] of ticks) context.fillRect(gutter, Math.round(height - 4 - (height - 8) * place(value)), view.width, 1);
}

export function drawTicks(context, ticks, height, place, gutter) {
  context.fillStyle = color("--card");
  context.globalAlpha = 0.85;
  context.fillRect(0, 0, gutter - 4, height);
  context.globalAlpha = 1;
  context.fillStyle = color("--quiet");
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const [value, text] of ticks) {
    const y = height - 4 - (height - 8) * place(value);
    context.fillText(text, gutter - 7, Math.max(7, Math.min(height - 7, y)));
  }
}

export function drawWords(context, labels, columns, view, height, chosen, align = "center") {
  context.font = "12px system-ui, sans-serif";
  context.textAlign = align;
  context.textBaseline = "middle";
  let end = -Infinity;
  for (let t = columns.from; t < columns.to; t++) {
    if (!labels[t]) continue;
    const x = (columns.starts[t] + columns.starts[t + 1]) / 2 - view.left;
    const half = columns.tight ? context.measureText(labels[t]).width / 2 + 4 : 0;
    if (columns.tight && x - half < end) continue;
    end = x + half;
    context.fillStyle = t === chosen ? color("--ink") : color("--quiet");
    context.fillText(labels[t], x, height / 2);
  }
}
