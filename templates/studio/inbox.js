/* The inbox line as a phone and a desktop show it, with the cut; and the editor's own words for it. */

import {make, toast} from "./dom.js";
import {post} from "./wire.js";

// Where Apple Mail on a phone of 375 px and Gmail on a desk of 1280 px run out of room: px, and the font they set it in.
const PHONE = {subject: [290, "15px system-ui, sans-serif", 1], preheader: [290, "15px system-ui, sans-serif", 2]};
const DESK = {line: [760, "14px system-ui, sans-serif"]};
const pen = document.createElement("canvas").getContext("2d");

/* How many characters of a text go into so many pixels, the dots after them included. */
function fitting(text, [room, font, lines = 1]) {
  pen.font = font;
  if (pen.measureText(text).width <= room * lines) return text.length;
  let low = 0, high = text.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (pen.measureText(`${text.slice(0, middle)}…`).width <= room * lines) low = middle;
    else high = middle - 1;
  }
  return low;
}

function phone({sender, address, subject, preheader}) {
  const shown = [fitting(subject, PHONE.subject), fitting(preheader, PHONE.preheader)];
  return make("figure", {},
    make("figcaption", {}, "On a phone"),
    make("div", {class: "line phone"},
      make("p", {class: "top"}, make("b", {dir: "auto"}, sender || address), make("time", {}, "09:00")),
      make("p", {class: "subject", dir: "auto"}, subject),
      make("p", {class: "preheader", dir: "auto"}, preheader)),
    make("p", {class: "cut"}, says("subject", subject, shown[0]), " ", says("preheader", preheader, shown[1])));
}

function desk({sender, address, subject, preheader}) {
  const at = fitting(`${subject} — ${preheader}`, DESK.line);
  const shown = [Math.min(at, subject.length), Math.max(0, Math.min(at - subject.length - 3, preheader.length))];
  return make("figure", {},
    make("figcaption", {}, "On a desktop, in one line"),
    make("div", {class: "line desk"}, make("b", {dir: "auto"}, sender || address), make("p", {dir: "auto"},
      make("b", {}, subject.slice(0, shown[0])), gone(subject, shown[0]), " — ", preheader.slice(0, shown[1]), gone(preheader, shown[1]))),
    make("p", {class: "cut"}, says("subject", subject, shown[0]), " ", says("preheader", preheader, shown[1])));
}

const gone = (text, at) => (at < text.length ? make("span", {class: "gone"}, text.slice(at)) : "");

function says(name, text, at) {
  if (!text) return `No ${name}.`;
  return at >= text.length ? `The whole ${name}.` : `${at} of ${text.length} characters of the ${name}.`;
}

const FIELDS = {
  title: ["Title", "on the page", 90],
  subject: ["Subject", "in the inbox", 60],
  preheader: ["Preheader", "after it", 110],
};

// What is being typed, so that a save on disk meanwhile takes none of it away.
let typed = {key: "", words: {}};

export function inbox(proof) {
  if (typed.key !== proof.key) typed = {key: proof.key, words: {}};
  const lines = make("div", {class: "lines"}, phone(proof.inbox), desk(proof.inbox));
  if (proof.issue || proof.key.startsWith("i") || proof.key === "file") return lines;
  const found = {title: proof.title, subject: proof.inbox.subject, preheader: proof.inbox.preheader};
  const fields = Object.entries(FIELDS).map(([name, [label, where, good]]) => field(name, label, where, good, proof, found));
  const form = make("form", {class: "words", id: "words"},
    make("h2", {}, "Your own words"),
    make("p", {class: "soft"}, "Leave one empty, and we choose."),
    fields,
    make("div", {class: "row"}, make("button", {type: "submit", class: "act first"}, "Save words")));
  const said = () => Object.fromEntries(Object.keys(FIELDS).map((name) => [name, form.elements[name].value.trim()]));
  form.addEventListener("input", ({target}) => {
    typed.words[target.name] = target.value;
    const now = said();
    const title = now.title || found.title;
    const line = {...proof.inbox, subject: now.subject || (proof.words.subject ? title : now.title || found.subject), preheader: now.preheader || found.preheader};
    lines.replaceChildren(phone(line), desk(line));
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("textarea")) event.preventDefault(), form.requestSubmit();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await post(`/api/threads/${proof.key}/words`, said());
      typed = {key: "", words: {}};
      toast("Your words are kept.");
    } catch (refusal) {
      toast(refusal.message, "error");
    }
  });
  return make("div", {}, lines, form);
}

function field(name, label, where, good, proof, found) {
  const own = proof.words[name];
  const count = make("output", {for: `word-${name}`});
  const input = make("textarea", {id: `word-${name}`, name, rows: 2, placeholder: own ? "" : found[name], dir: "auto", autocomplete: "off", "aria-describedby": `hint-${name}`}, typed.words[name] ?? own);
  const measure = () => {
    const length = [...(input.value || found[name])].length;
    count.textContent = `${length}`;
    count.classList.toggle("long", length > good);
  };
  input.addEventListener("input", measure);
  measure();
  return make("div", {class: "field"},
    make("label", {for: `word-${name}`}, label),
    make("span", {class: "soft", id: `hint-${name}`}, `${where}; up to about ${good} characters`),
    count, input);
}
