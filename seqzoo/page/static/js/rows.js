// What a lab's score shows, row by row.
import { reach } from "./math.js";
import { color, LINES } from "./theme.js";

export const HEAT_HEIGHT = 66;
const FAINTEST = 1e-4; // of a gradient's greatest norm

export const lineColor = (kind) => color(LINES[kind]);

// The lines of an answer that runs along, beside what it was before a play.
export function answerRow(quantity, subjects, extra = []) {
  const lines = [...extra];
  for (const { kind, result, base, dash } of subjects) {
    if (base && base !== result) lines.push({ values: base.shown, color: lineColor(kind), dash: [3, 4], width: 1.5, alpha: 0.75 });
    lines.push({ values: result.shown, color: lineColor(kind), width: 2.2, dash, dots: result.shown.length < 60 });
  }
  const values = subjects.flatMap(({ result, base }) => [...result.shown, ...(base ? base.shown : [])]);
  const { place, ticks } = quantity.axis(values.filter(Number.isFinite));
  return { id: "answer", type: "lines", height: 132, caption: quantity.title, lines, place, ticks, description: quantity.title };
}

export function influenceRow(subjects, found, caption) {
  const series = subjects.map(({ id, kind }) => ({ values: found.get(id) ?? [], color: lineColor(kind) }));
  const most = Math.max(0.5, ...series.flatMap(({ values }) => [...values].filter(Number.isFinite).map(Math.abs)));
  return { id: "influence", type: "bars", height: 62, caption, series, most, mostText: most.toFixed(1) };
}

export function gradientRow(subjects, found, caption) {
  const lines = [];
  let greatest = 0;
  for (const { id, kind } of subjects) {
    const norms = found.get(id);
    if (!norms) continue;
    for (const value of norms) greatest = Math.max(greatest, value);
    lines.push({ values: norms, color: lineColor(kind), width: 2, dots: norms.length < 60 });
  }
  const top = greatest ? Math.ceil(Math.log10(greatest)) : 0;
  const bottom = top + Math.log10(FAINTEST);
  const place = (value) => (value > 0 ? Math.max(0, (Math.log10(value) - bottom) / (top - bottom)) : value === 0 ? 0 : NaN);
  const ticks = [top, top - 2, bottom].map((power) => [10 ** power, `1e${String(power).replace("-", "−")}`]);
  return { id: "gradient", type: "lines", height: 84, caption, lines, place, ticks };
}

// A heat map for each gate and state of a track.
export function heatRows(subject, track, fields, wanted = null) {
  const trace = subject.result.traces[track.name];
  return track.cell.FIELDS.filter((name) => !wanted || wanted.includes(name)).map((name) => {
    const { title, meaning, signed } = fields[name];
    const values = trace[name];
    const top = signed ? reach(values) : 1;
    return {
      id: `${subject.id} ${track.name} ${name}`,
      type: "heat",
      height: HEAT_HEIGHT,
      caption: `${title}: ${meaning}${signed ? `; colours from −${top.toFixed(2)} to ${top.toFixed(2)}` : ""}`,
      description: `${subject.name}, ${title}: ${subject.units(track)} units from top to bottom, one column a ${subject.stepName}`,
      values,
      units: subject.units(track),
      order: subject.order(track),
      low: signed ? -top : 0,
      high: top,
      signed,
      subject,
      track: `${subject.id} ${track.name}`,
      trackOf: track,
      field: name,
    };
  });
}

// One unit over the sequence, in lines: its gates, and its states.
export function unitRows(subject, track, unit) {
  const trace = subject.result.traces[track.name];
  const units = subject.units(track);
  const of = (name) => Float32Array.from({ length: trace[name].length / units }, (_, t) => trace[name][t * units + unit]);
  const shares = track.cell.FIELDS.filter((name) => ["forget", "input", "output", "update", "reset"].includes(name));
  const states = track.cell.FIELDS.filter((name) => !shares.includes(name));
  const paint = { forget: "--one", update: "--one", input: "--two", reset: "--two", output: "--three" };
  paint.cell = "--one";
  paint.candidate = "--two";
  paint.hidden = shares.length ? "--three" : "--one";
  const dashes = { "--one": [], "--two": [7, 3], "--three": [2, 3] };
  const lines = (names) => names.map((name) => ({ values: of(name), color: color(paint[name]), dash: dashes[paint[name]], width: 2 }));
  const rows = [];
  if (shares.length) {
    rows.push({ names: shares, id: "unit gates", low: 0, high: 1, ticks: [[1, "1"], [0.5, "0.5"], [0, "0"]] });
  }
  let top = 0.1;
  for (const name of states) for (const value of of(name)) top = Math.max(top, Math.abs(value));
  rows.push({ names: states, id: "unit states", low: -top, high: top, ticks: [[top, top.toFixed(1)], [0, "0"], [-top, `−${top.toFixed(1)}`]] });
  return rows.map(({ names, id, low, high, ticks }) => ({
    id,
    type: "lines",
    height: 74,
    caption: `Unit ${unit} of ${subject.name}`,
    legend: names.map((name) => [name, paint[name].slice(2)]),
    description: `Unit ${unit} of ${subject.name} over the sequence: ${names.join(", ")}`,
    lines: lines(names),
    place: (value) => (value - low) / (high - low),
    ticks,
  }));
}

export function labelsRow(id, labels = null) {
  return { id, type: "labels", height: 24, caption: "", labels, description: "the same columns, named" };
}
