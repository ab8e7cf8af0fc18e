"use strict";
// Draws the heat maps and shows numbers under the pointer. Text goes in as textContent only, never as markup.
const panels = JSON.parse(document.getElementById("data").textContent);
const tip = document.getElementById("tip");
const { share: SHARE, signed: SIGNED } = JSON.parse(document.querySelector("main").dataset.colors);

function color(stops, share) {
  const place = share * (stops.length - 1);
  const left = Math.min(Math.floor(place), stops.length - 2);
  return stops[left].map((value, channel) => value + (stops[left + 1][channel] - value) * (place - left));
}

function decode(map) {
  const bytes = Uint8Array.from(atob(map.data), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  map.values = Float64Array.from({ length: bytes.length / 2 }, (_, i) => view.getUint16(2 * i, true) / 65535);
}

function draw(canvas, map, units, time) {
  canvas.width = time;
  canvas.height = units;
  const context = canvas.getContext("2d");
  const image = context.createImageData(time, units);
  map.values.forEach((share, i) => {
    const row = units - 1 - Math.floor(i / time); // the last unit on top
    image.data.set([...color(map.signed ? SIGNED : SHARE, share), 255], 4 * (row * time + (i % time)));
  });
  context.putImageData(image, 0, 0);
}

function unmark(section) {
  for (const word of section.querySelectorAll(".on")) word.classList.remove("on");
}

function show(section, panel, t, event, line) {
  unmark(section);
  section.querySelector(`.w[data-t="${t}"]`).classList.add("on");
  for (const word of section.querySelectorAll(`.strip :nth-child(${t + 1})`)) word.classList.add("on");
  for (const cursor of section.querySelectorAll(".cursor")) {
    // A running answer stands at the end of its word; a map's column, or a price, spans it.
    const share = (t + (cursor.dataset.at === "end" ? 1 : 0.5)) / panel.words.length;
    cursor.style.left = `${share * cursor.parentElement.clientWidth}px`;
    cursor.hidden = false;
  }
  const moved = panel.verdicts[t + 1] - panel.verdicts[t];
  const { name, step, digits } = panel.quantity;
  const beside = panel.beside ? `${panel.beside.name} ${besideAt(panel, t).toFixed(2)}\n` : "";
  tip.textContent =
    `${panel.words[t]} (${step} ${t + 1})\n` + (line ? `${line}\n` : "") + beside +
    `${name} ${panel.verdicts[t + 1].toFixed(digits)}, moved by ${(moved < 0 ? "" : "+") + moved.toFixed(digits)}`;
  tip.hidden = false;
  tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 4))}px`;
  tip.style.top = `${Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 4)}px`;
}

// Of a series with several numbers for each step, the one that is farthest from zero.
function besideAt(panel, t) {
  const each = panel.beside.values.length / panel.words.length;
  return panel.beside.values.slice(t * each, (t + 1) * each).reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
}

function hide(section) {
  tip.hidden = true;
  for (const cursor of section.querySelectorAll(".cursor")) cursor.hidden = true;
  unmark(section);
}

function share(event, axis) {
  const box = event.currentTarget.getBoundingClientRect();
  const part = axis === "x" ? (event.clientX - box.left) / box.width : (event.clientY - box.top) / box.height;
  return Math.min(Math.max(part, 0), 0.999999);
}

function cursor(parent, at) {
  const line = document.createElement("div");
  line.className = "cursor";
  line.hidden = true;
  line.dataset.at = at;
  parent.append(line);
}

function writeWords(strip, words) {
  const longest = Math.max(...words.map((word) => word.length));
  strip.classList.toggle("flat", words.length * longest * 7 < 300); // a phone's width: else they stand on end
  for (const word of words) {
    const span = document.createElement("span");
    span.textContent = word;
    strip.append(span);
  }
}

for (const section of document.querySelectorAll("section")) {
  const panel = panels[section.dataset.panel];
  const time = panel.words.length;
  for (const word of section.querySelectorAll(".w")) {
    word.removeAttribute("title"); // the numbers come from here now, with the cursors
    word.addEventListener("pointermove", (event) => show(section, panel, Number(word.dataset.t), event));
    word.addEventListener("pointerleave", () => hide(section));
  }
  for (const chart of section.querySelectorAll("svg")) {
    cursor(chart.parentElement, chart.dataset.at);
    chart.addEventListener("pointermove", (event) => show(section, panel, Math.floor(share(event, "x") * time), event));
    chart.addEventListener("pointerleave", () => hide(section));
  }
  for (const strip of section.querySelectorAll(".strip")) writeWords(strip, panel.words);
  for (const canvas of section.querySelectorAll("canvas")) {
    const layer = panel.layers[canvas.dataset.layer];
    const map = layer.maps[canvas.dataset.map];
    decode(map);
    draw(canvas, map, layer.units, time);
    cursor(canvas.parentElement, "middle");
    canvas.addEventListener("pointermove", (event) => {
      const t = Math.floor(share(event, "x") * time);
      const place = layer.units - 1 - Math.floor(share(event, "y") * layer.units);
      const value = map.low + map.values[place * time + t] * (map.high - map.low);
      show(section, panel, t, event, `${map.title} of ${layer.rows.replace(/s$/, "")} ${layer.order[place]}: ${value.toFixed(3)}`);
    });
    canvas.addEventListener("pointerleave", () => hide(section));
  }
}
document.body.dataset.ready = "1";
