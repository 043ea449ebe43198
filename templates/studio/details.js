/* The right side: the tabs about the mail that is looked at. Long texts are fetched when their tab is opened. */

import {$, bytes, make, many} from "./dom.js";
import {inbox} from "./inbox.js";
import {point} from "./stage.js";
import {view, write} from "./view.js";
import {text} from "./wire.js";

const TABS = {inbox: "Inbox", findings: "Findings", text: "Text", headers: "Headers", source: "Source", size: "Size"};
const DRAW = {inbox, findings, text: plain, headers, source, size};
let proof = null, drawn = "";

export function start() {
  for (const [key, name] of Object.entries(TABS)) {
    $("tabs").append(make("button", {type: "button", role: "tab", id: `tab-${key}`, "aria-controls": "panel", onclick: () => open(key)}, name));
  }
  $("tabs").addEventListener("keydown", (event) => {
    const keys = Object.keys(TABS), at = keys.indexOf(view.tab);
    const to = {ArrowRight: keys[(at + 1) % keys.length], ArrowLeft: keys.at(at - 1), Home: keys[0], End: keys.at(-1)}[event.key];
    if (!to) return;
    event.preventDefault();
    open(to);
    $(`tab-${to}`).focus();
  });
  if (!DRAW[view.tab]) view.tab = "inbox";
  open(view.tab);
}

export function open(tab) {
  view.tab = tab;
  write();
  for (const button of $("tabs").children) {
    const on = button.id === `tab-${tab}`;
    button.setAttribute("aria-selected", on);
    button.tabIndex = on ? 0 : -1;
  }
  $("panel").setAttribute("aria-labelledby", `tab-${tab}`);
  draw();
}

/* Another mail, or the same one made again. Its letter, and what the checks say of it, come later. */
export function about(made) {
  const {headers, size, findings} = made && made.key === proof?.key ? proof : {};
  proof = made && {...made, headers, size, findings};
  badge();
  draw();
}

export function add(key, more) {
  if (key !== proof?.key) return;
  proof = {...proof, ...more};
  badge();
  draw();
}

function badge() {
  const grave = proof?.findings?.filter((one) => one.level !== "note") ?? [];
  const worst = grave.some((one) => one.level === "error") ? "error" : "warning";
  $("tab-findings").replaceChildren("Findings", grave.length ? make("span", {class: `badge ${worst}`}, String(grave.length)) : "");
}

function draw() {
  const says = JSON.stringify(proof?.[view.tab]) ?? "";
  const now = proof ? `${view.tab} ${proof.key} ${proof.version} ${JSON.stringify(proof.words)} ${says}` : "";
  if (now && now === drawn) return;
  drawn = now;
  const again = $("panel").dataset.tab === view.tab && $("panel").dataset.key === proof?.key;
  const top = again ? $("panel").scrollTop : 0;
  const {id, selectionStart, selectionEnd} = document.activeElement;  // who types on, types on
  const typing = $("panel").contains(document.activeElement);
  Object.assign($("panel").dataset, {tab: view.tab, key: proof?.key ?? ""});
  $("panel").replaceChildren(proof ? DRAW[view.tab](proof) : make("p", {class: "soft"}, "Nothing to say until there is a picture."));
  $("panel").scrollTop = top;
  if (typing && id && $(id)) $(id).focus(), $(id).setSelectionRange?.(selectionStart, selectionEnd);
}

// ── what was found ──

const SAYS = {error: "Error", warning: "Warning", note: "Note"};

const later = () => make("p", {class: "soft"}, "Looking …");

function findings({findings: list, key}) {
  if (key.startsWith("i")) return make("p", {class: "good"}, "It was sent; the checks stood before it.");
  if (!list) return later();
  const [errors, warnings, notes] = ["error", "warning", "note"].map((level) => list.filter((one) => one.level === level));
  return make("div", {class: "findings"},
    errors.length + warnings.length ? make("ul", {}, [...errors, ...warnings].map(found))
      : make("p", {class: "good"}, "Nothing that stands in the way of sending."),
    notes.length ? make("details", {open: notes.length < 4}, make("summary", {}, many(notes.length, "note")), make("ul", {}, notes.map(found))) : "");
}

function found(one) {
  return make("li", {class: one.level},
    make("p", {class: "rule"}, make("b", {}, SAYS[one.level]), ` ${one.rule}`),
    make("p", {class: "what"}, one.what),
    one.where ? place(one.where) : "",
    one.why ? make("p", {}, one.why) : "",
    one.fix ? make("p", {class: "fix"}, one.fix) : "");
}

function place(where) {
  const post = /^post (\d+)$/.exec(where)?.[1];
  if (!post) return make("p", {class: "place"}, where);
  return make("button", {type: "button", class: "place", onclick: () => point(post)}, `Show ${where}`);
}

// ── the long texts ──

function fetched(path, label) {
  const place = make("pre", {class: "long", tabindex: "0", "aria-label": label}, "");
  text(path).then((all) => (place.textContent = all), (refusal) => (place.textContent = refusal.message));
  return place;
}

function plain({key}) {
  return fetched(`/copies/${key}.txt`, "The text part");
}

const SOURCES = {eml: "Message", html: "HTML", mjml: "MJML"};
let kind = "eml";

function source({key}) {
  const place = make("div", {}, fetched(`/copies/${key}.${kind}`, "The source"));
  const radios = Object.entries(SOURCES).map(([value, name]) =>
    make("label", {class: "word"}, make("input", {type: "radio", name: "source", value, checked: value === kind, onchange: () => {
      kind = value;
      place.replaceChildren(fetched(`/copies/${key}.${kind}`, "The source"));
    }}), make("span", {}, name)));
  return make("div", {}, make("fieldset", {class: "set"}, make("legend", {}, "Which source"), radios), place);
}

function headers({headers: list}) {
  if (!list) return later();
  return make("dl", {class: "headers"}, list.map(([name, value]) => [make("dt", {}, name), make("dd", {dir: "auto"}, value)]));
}

// ── how much there is of it ──

const SPENT = {text: "Words", markup: "Tables and tags", styles: "Styles", outlook: "For Outlook alone"};

function size({size: is, cut, posts}) {
  if (!is) return later();
  const percent = (part, whole) => `${Math.min(100, (100 * part) / whole)}%`;
  const meter = make("div", {class: "meter", "aria-hidden": "true"},
    Object.keys(SPENT).map((name) => styled(make("i", {class: name}), {width: percent(is.spent[name], is.clipped)})),
    styled(make("b", {}), {left: percent(is.budget, is.clipped)}));
  const over = is.html > is.clipped;
  return make("div", {class: "size"},
    make("p", {class: "big"}, bytes(is.html)),
    make("p", {}, over
      ? `More than the ${bytes(is.clipped)} where Gmail clips a page, and the way to unsubscribe with it.`
      : `${Math.round((100 * is.html) / is.clipped)} % of the ${bytes(is.clipped)} where Gmail clips a page. We stop at ${bytes(is.budget)}.`),
    meter,
    make("dl", {class: "spent"}, Object.entries(SPENT).map(([name, says]) => [
      make("dt", {}, make("i", {class: name, "aria-hidden": "true"}), says), make("dd", {}, bytes(is.spent[name]))])),
    make("dl", {class: "spent rest"},
      make("dt", {}, "Text part"), make("dd", {}, bytes(is.text)),
      make("dt", {}, "The whole letter, as it travels"), make("dd", {}, bytes(is.letter)),
      make("dt", {}, "Posts"), make("dd", {}, cut ? `${posts - cut} of ${posts}` : String(posts))));
}

function styled(element, style) {
  Object.assign(element.style, style);
  return element;
}
