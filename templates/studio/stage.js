/* The middle: the mail in its frame, at a width, by a light, in a mail program; or why there is none. */

import {$, make} from "./dom.js";
import {frame, view, WIDTHS, write} from "./view.js";

const LEAST = 280, MOST = 1400, PANE = [660, 960];  // px; a reading pane on a desk is as wide as its window lets it be
const PATIENCE = 80;  // ms for pictures that are near; the others may come when they like
const SANDBOX = "allow-same-origin allow-popups allow-popups-to-escape-sandbox";
let current = null, showing = "", pressed = () => {};

export function start(keys) {
  pressed = keys;
  $("switches").addEventListener("change", switched);
  $("switches").addEventListener("submit", (event) => event.preventDefault());
  $("handle").addEventListener("pointerdown", drag);
  $("handle").addEventListener("keydown", nudge);
  new ResizeObserver(fit).observe($("table"));
  set();
}

function switched(event) {
  const {name, id, value, checked, valueAsNumber} = event.target;
  if (id === "width") widen(valueAsNumber || 375);
  else if (name === "device") choose({device: value, width: 0});
  else choose({[name]: name === "images" ? checked : value});
}

/* Turn switches: {light: "dark"}. The address keeps them. */
export function choose(changes) {
  Object.assign(view, changes);
  set();
  write();
  fit();
  if (view.key && !$("sheet").hidden && showing.split(" ")[0] !== frame()) show();  // a width asks for no other picture
}

function set() {
  const form = $("switches").elements;
  for (const radio of form.device) radio.checked = radio.value === view.device;
  for (const name of ["light", "client"]) for (const radio of form[name]) radio.checked = radio.value === view[name];
  form.images.checked = view.images;
  $("sheet").dataset.light = view.client === "outlook" || view.client === "bare" && view.light === "dark" ? "light" : view.light;
}

// ── the width ──

const room = () => $("table").clientWidth - (innerWidth < 760 ? 0 : 56);

function width() {
  if (view.width) return view.width;
  return WIDTHS[view.device] ?? Math.min(Math.max(room(), PANE[0]), PANE[1]);
}

function widen(to) {
  choose({device: "", width: Math.round(Math.min(Math.max(to, LEAST), MOST))});
}

/* A mail that is wider than the table is shown smaller, as a whole. */
function fit() {
  if (room() <= 0) return;  // not seen: on a phone another part is shown
  const wide = width(), scale = Math.min(1, room() / wide);
  $("sheet").style.width = `${wide * scale}px`;
  const inner = $("window");
  inner.style.width = `${wide}px`;
  inner.style.height = `${($("sheet").clientHeight - $("head").offsetHeight) / scale}px`;
  inner.style.transform = scale < 1 ? `scale(${scale})` : "";
  if (document.activeElement !== $("width")) $("width").value = Math.round(wide);
  $("handle").setAttribute("aria-valuenow", Math.round(wide));
  $("handle").setAttribute("aria-valuetext", `${Math.round(wide)} pixels`);
}

function drag(event) {
  event.preventDefault();
  const handle = $("handle"), from = event.clientX, before = width(), scale = Math.min(1, room() / before);
  handle.focus();
  handle.setPointerCapture(event.pointerId);
  document.body.classList.add("sizing");
  // The sheet stands in the middle, so it grows on both sides by what the hand moves on one.
  handle.onpointermove = (now) => {
    Object.assign(view, {device: "", width: Math.round(Math.min(Math.max(before + ((now.clientX - from) * 2) / scale, LEAST), MOST))});
    set();
    fit();
  };
  handle.onpointerup = handle.onpointercancel = () => {
    handle.onpointermove = handle.onpointerup = handle.onpointercancel = null;
    document.body.classList.remove("sizing");
    write();
  };
}

function nudge(event) {
  const by = {ArrowLeft: -10, ArrowRight: 10, ArrowDown: -10, ArrowUp: 10, PageDown: -100, PageUp: 100}[event.key];
  const to = {Home: LEAST, End: MOST}[event.key] ?? (by && width() + (event.shiftKey ? by / 10 : by));
  if (!to) return;
  event.preventDefault();
  widen(to);
}

// ── the picture ──

/* Put the mail into the frame: a promise, kept when it is seen, or another one is asked for. The old picture stays until the
   new one is there, and the new one starts where it was. */
export async function show({fresh = false} = {}) {
  $("sheet").hidden = false;
  $("fault").hidden = $("empty").hidden = true;
  fit();
  const coming = make("iframe", {title: "The mail", sandbox: SANDBOX, class: "coming", src: frame()});
  const asked = (showing = `${frame()} ${performance.now()}`);
  $("window").append(coming);
  await read(coming);
  if (asked !== showing) return coming.remove();
  const before = current?.contentWindow?.scrollY ?? 0;
  if (!fresh) coming.contentWindow.scrollTo(0, before);
  coming.classList.remove("coming");
  for (const old of [...$("window").children]) if (old !== coming) old.remove();
  current = coming;
  coming.contentDocument.addEventListener("keydown", pressed);
  $("sheet").dataset.shown = view.key;
}

/* When all words of the mail are there. Its pictures may come later: a server that does not answer holds up nothing. */
function read(frame) {
  return new Promise((done) => {
    const look = () => {
      const page = frame.isConnected && frame.contentDocument;
      if (!frame.isConnected) done();
      else if (page && page.URL !== "about:blank" && page.readyState !== "loading") setTimeout(done, PATIENCE);
      else setTimeout(look, 10);
    };
    frame.addEventListener("load", done);
    setTimeout(look);
  });
}

export function head({sender, address, subject}) {
  const [face, from, line] = $("head").children;
  face.textContent = [...(sender || address || "?")][0].toUpperCase();
  from.children[0].textContent = sender || address;
  from.children[1].textContent = sender ? address : "";
  line.textContent = subject;
}

/* Bring a post of the mail into view and let it light up: "post 3" of a finding. */
export function point(number) {
  const target = current?.contentDocument?.getElementById(`p${number}`);
  const row = target?.closest("tr") ?? target;
  row?.scrollIntoView({block: "center", behavior: "smooth"});
  row?.animate([{backgroundColor: "rgba(250, 190, 60, .45)"}, {backgroundColor: "transparent"}], {duration: 2000});
}

function instead(place) {
  showing = "";
  for (const one of ["sheet", "fault", "empty"]) $(one).hidden = one !== place;
}

/* Why there is no picture: the place in the template, with the lines around it. */
export function fault(said) {
  instead("fault");
  const file = said.file?.split("/").slice(-2).join("/");
  const lines = (said.excerpt ?? []).map(([number, text]) =>
    make("div", {class: number === said.line ? "line here" : "line"}, make("span", {class: "no"}, String(number)), make("code", {}, text || " ")));
  $("fault").replaceChildren(
    make("p", {class: "eyebrow"}, said.file ? "The template has an error" : "There is no picture"),
    make("h2", {}, sentence(said.what)),
    said.where ? make("p", {class: "where", title: said.where}, file ? `${file}, line ${said.line}` : said.where) : "",
    lines.length ? make("div", {class: "excerpt"}, lines) : "",
    said.then ? make("p", {}, coded(said.then)) : "",
    said.missing ? "" : make("p", {class: "later"}, "The picture comes back by itself when this is mended and saved."));
}

/* What stands in backticks is something to type. */
const coded = (text) => text.split("`").map((piece, at) => (at % 2 ? make("code", {}, piece) : piece));
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export function empty(...children) {
  instead("empty");
  $("empty").replaceChildren(...children);
}
