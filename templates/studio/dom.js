/* Making and finding elements. Text goes in as text, never as markup: threads are written by strangers. */

export const $ = (id) => document.getElementById(id);

/* make("a", {href: "/"}, "Home"): attributes by name, `on…` as listeners; false, null and undefined leave one out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== ""));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export const many = (count, one) => `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;
export const bytes = (count) => `${count.toLocaleString("en")} bytes`;

let hiding;

/* Said to everybody for a while. */
export function toast(text, level = "") {
  const place = $("toast");
  place.textContent = text;
  place.dataset.level = level;
  place.classList.add("up");
  clearTimeout(hiding);
  hiding = setTimeout(() => place.classList.remove("up"), level ? 9000 : 4000);
}

/* Said to a screen reader alone. */
export function announce(text) {
  $("said").textContent = text;
}
