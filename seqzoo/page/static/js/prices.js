// Daily prices to what a forecaster reads, and its outputs to a forecast: the rules of seqzoo.data.price_windows and of
// seqzoo.tasks.stock_forecasting.outputs. A row is [Open, High, Low, Close, Volume].
import { clip } from "./math.js";

export const WINDOW = 250;
export const STEPS = 60;
export const FEATURES = 11;
const SMALLEST = 1e-10;
const TRADING_DAYS = 252;

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// x float32 [STEPS, FEATURES] and the anchor (mean log variance) of the WINDOW rows that end with row `end`.
export function features(rows, end) {
  const window = rows.slice(end - WINDOW + 1, end + 1);
  if (window.length < WINDOW) throw new Error(`A forecast needs ${WINDOW} days. Received: ${window.length}`);
  const variance = window.map(([, high, low]) => Math.log(high / low) ** 2 / (4 * Math.LN2));
  const floor = 1e-3 * mean(variance) + SMALLEST;
  const traded = variance.map((value) => Math.max(value, floor));
  const logs = traded.map(Math.log);
  const anchor = mean(logs.slice(-STEPS));
  const level = anchor - mean(logs);
  const scale = Math.exp(anchor / 2);
  const daily = window.map((row, t) => (t ? Math.log(row[3] / window[t - 1][3]) / scale : 0));
  const falls = daily.map((move) => Math.min(move, 0));
  const volumes = window.slice(-STEPS).map((row) => Math.log(Math.max(row[4], 1)));
  const usual = mean(volumes);
  const x = new Float32Array(STEPS * FEATURES);
  for (let step = 0; step < STEPS; step++) {
    const t = WINDOW - STEPS + step;
    const trailing = (values, span) => mean(values.slice(t + 1 - span, t + 1));
    const row = [
      clip(logs[t] - anchor, -6, 6),
      clip(daily[t], -8, 8),
      Math.min(Math.abs(daily[t]), 8),
      clip(Math.log(window[t][0] / window[t - 1][3]) / scale, -8, 8),
      clip(volumes[step] - usual, -4, 4),
      level,
      Math.log(trailing(traded, 5)) - anchor,
      Math.log(trailing(traded, 22)) - anchor,
      Math.max(falls[t], -8),
      trailing(falls, 5),
      trailing(falls, 22),
    ];
    x.set(row, step * FEATURES);
  }
  return { x, anchor };
}

// The forecast from the head's outputs: numbers by name, volatility in per cent a year, quantiles as log returns.
export function decode(answer, raw, anchor, tensors) {
  if (answer.kind === "volatility") {
    const variance = Math.exp(anchor + raw[0]);
    return { variance, volatility: 100 * Math.sqrt(TRADING_DAYS * variance) };
  }
  const [inner, outer] = answer.calibration;
  const shape = tensors[answer.shape].data;
  const scale = Math.exp((anchor + raw[0]) / 2);
  const gaps = Array.from(shape.subarray(1), (value) => Math.log1p(Math.exp(-Math.abs(value))) + Math.max(value, 0));
  const [low, high] = [shape[0] - inner * gaps[0], shape[0] + inner * gaps[1]];
  const all = [low - outer * gaps[2], low, shape[0], high, high + outer * gaps[3]];
  return Object.fromEntries(["q05", "q25", "q50", "q75", "q95"].map((name, k) => [name, all[k] * scale]));
}

// The number of a forecast that is drawn: volatility, or the width from the lowest to the highest quantile, in per cent.
export function shown(answer, forecast) {
  return answer.kind === "volatility" ? forecast.volatility : 100 * (forecast.q95 - forecast.q05);
}

// Rows from the text of a CSV file with a header Date, Open, High, Low, Close and Volume, in any order; oldest day first.
export function parseCsv(text) {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/).filter((line) => line.trim());
  const head = (lines[0] ?? "").split(",").map((name) => name.trim().toLowerCase().replace(/^"|"$/g, ""));
  const places = ["date", "open", "high", "low", "close", "volume"].map((name) => head.indexOf(name));
  if (places.includes(-1)) {
    throw new Error("The first line of the file must name Date, Open, High, Low, Close and Volume, with commas between them.");
  }
  const days = [];
  const rows = [];
  for (const [number, line] of lines.slice(1).entries()) {
    const cells = line.split(",").map((cell) => cell.trim().replace(/^"|"$/g, ""));
    const row = places.slice(1).map((place) => (cells[place] ? Number(cells[place]) : NaN));
    const [open, high, low, close, volume] = row;
    const good = [open, high, low, close].every((price) => price > 0 && Number.isFinite(price)) && volume >= 0 && high >= low;
    if (!good) throw new Error(`Line ${number + 2} must hold prices above 0, High not below Low, and a volume.`);
    days.push(cells[places[0]].slice(0, 10));
    rows.push(row);
  }
  if (days.length > 1 && days[0] > days.at(-1)) return { days: days.reverse(), rows: rows.reverse() };
  return { days, rows };
}
