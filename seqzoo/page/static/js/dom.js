// Elements made from text and properties: no markup is ever parsed, so a text that holds HTML shows as text.

const SVG = "http://www.w3.org/2000/svg";

export function h(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children);
}

export function svg(tag, properties = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), properties, children);
}

function filled(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.setAttribute("class", value);
    else if (name in element && !(element instanceof SVGElement) && name !== "list") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Replaces what is in an element.
export function put(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

let counter = 0;

// A control with its label.
export function labelled(label, control, kind = "field") {
  control.id ||= `control-${++counter}`;
  return h("div", { class: kind }, h("label", { htmlFor: control.id }, label), control);
}

export function select(choices, chosen, change) {
  const options = choices.map(([value, text]) => h("option", { value: String(value) }, text));
  const element = h("select", { onchange: () => change(element.value) }, options);
  element.value = String(chosen);
  return element;
}

// Two or more choices side by side, a radio group.
export function choice(legend, choices, chosen, change) {
  const name = `choice-${++counter}`;
  const inputs = choices.map(([value, text]) => {
    const input = h("input", { type: "radio", name, value: String(value), checked: value === chosen, onchange: () => change(value) });
    return h("label", { class: "segment" }, input, h("span", {}, text));
  });
  return h("fieldset", { class: "segments" }, h("legend", {}, legend), h("div", { class: "segments-row" }, inputs));
}

export function number(value, digits = 3) {
  if (!Number.isFinite(value)) return "–";
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? (0).toFixed(digits) : text).replace("-", "−");
}

export const signed = (value, digits = 3) => (value >= 0 && Number(value.toFixed(digits)) >= 0 ? "+" : "") + number(value, digits);
