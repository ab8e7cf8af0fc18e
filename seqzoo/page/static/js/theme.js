// Light and dark, and the colours that canvases are drawn with.

export const LINES = { lstm: "--lstm", rnn: "--rnn", gru: "--gru" };
let listeners = [];
let cache = {};

// A colour of style.css, by its name there.
export function color(name) {
  return (cache[name] ??= getComputedStyle(document.documentElement).getPropertyValue(name).trim());
}

export const isDark = () => document.documentElement.dataset.theme === "dark";

export function onTheme(listener) {
  listeners.push(listener);
}

export function startTheme(button) {
  const wanted = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  const show = () => {
    document.documentElement.dataset.theme = chosen ?? (wanted.matches ? "dark" : "light");
    cache = {};
    tables = {};
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `Switch to ${isDark() ? "light" : "dark"} colours`);
    for (const listener of listeners) listener();
  };
  button.addEventListener("click", () => {
    chosen = isDark() ? "light" : "dark";
    show();
  });
  wanted.addEventListener("change", show);
  show();
}

let tables = {};

// 256 colours as [red, green, blue], from the lowest value to the highest. In the dark a signed scale is dark at zero.
export function scale(isSigned, stops) {
  const dark = isDark();
  return (tables[isSigned ? "signed" : "share"] ??= table(isSigned && dark ? darkened(stops.signed) : isSigned ? stops.signed : stops.share));
}

function darkened(stops) {
  const middle = (stops.length - 1) / 2;
  const night = [30, 34, 42];
  return stops.map((_, place) => {
    const far = Math.abs(place - middle) / middle;
    // the pale neighbours of white become the deep neighbours of black; the ends turn bright
    const end = place < middle ? [253, 174, 82] : place > middle ? [178, 160, 232] : night;
    return night.map((channel, k) => Math.round(channel + (end[k] - channel) * far));
  });
}

function table(stops) {
  return Array.from({ length: 256 }, (_, step) => {
    const place = (step / 255) * (stops.length - 1);
    const below = Math.min(Math.floor(place), stops.length - 2);
    return stops[below].map((channel, k) => Math.round(channel + (stops[below + 1][k] - channel) * (place - below)));
  });
}

export const stillness = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
