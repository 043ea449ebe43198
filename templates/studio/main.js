/* The studio: puts its parts together, follows the address, and draws again what was saved. */

import * as acts from "./acts.js";
import * as details from "./details.js";
import {$, make, toast} from "./dom.js";
import * as keys from "./keys.js";
import * as shelf from "./shelf.js";
import * as stage from "./stage.js";
import {read, view, write} from "./view.js";
import {get, listen, Refusal} from "./wire.js";

let asking = new AbortController(), shown = "", next = null, loading = Promise.resolve();

/* Look at a mail. `fresh` says that it is another one, which starts at its top. */
async function look({fresh}) {
  asking.abort();
  asking = new AbortController();
  const {signal} = asking, key = view.key;
  try {
    const proof = await get(`/api/proofs/${key}`, signal);
    if (key !== view.key) return;
    acts.about(proof);
    details.about(proof);
    stage.head(proof.inbox);
    const now = `${key} ${proof.version}`;
    const anew = fresh || now !== shown;
    shown = now;
    if (anew) await stage.show({fresh});
  } catch (error) {
    if (error.name === "AbortError") return;
    if (!(error instanceof Refusal)) throw error;
    shown = "";
    if (fresh) acts.about(null);
    details.about(null);
    stage.fault(error.said);
  }
}

/* Its letter, and what the checks say of it. They take as long as all the rest, so nothing waits for them. */
async function examine() {
  const {signal} = asking, key = view.key;
  if (!shown.startsWith(`${key} `)) return;  // it is not there yet, or cannot be made
  try {
    details.add(key, await get(`/api/letters/${key}`, signal));
    details.add(key, {findings: await get(`/api/findings/${key}`, signal)});
  } catch (error) {
    if (error.name !== "AbortError" && !(error instanceof Refusal)) throw error;  // its picture says what is wrong
  }
}

async function visit() {
  await look({fresh: true});
  await examine();
}

function choose(key) {
  if (key !== view.key) {
    view.key = key;
    write(true);
    shelf.mark();
    visit();
  }
  pane("mail");
}

async function draw() {
  try {
    const all = await get("/api/shelf");
    next = all.next;
    shelf.draw(all);
    if (!view.key && next) {
      view.key = String(next.id);
      write();
      shelf.mark();
    } else if (!view.key) {
      stage.empty(...nothing(all));
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    toast(error.message, "error");
  }
}

function nothing(all) {
  if (all.threads.length) return [make("h2", {}, "Nothing is next"), make("p", {}, all.none), make("p", {}, "Choose any thread on the left to look at it.")];
  return [
    make("h2", {}, "The shelf is empty"),
    make("p", {}, "Save a thread's page and put it here; this page notices by itself."),
    make("p", {}, make("code", {}, "digest import saved-page.html")),
  ];
}

/* One after the other, so that an answer that took long never covers a newer one. */
function again(event) {
  loading = loading.then(async () => {
    const before = view.key;
    if (before) await look({fresh: false});  // first, since that is what the editor looks at
    await draw();
    if (view.key !== before) await look({fresh: true});
    examine();
  });
}

function alive(up) {
  $("live").classList.toggle("up", up);
  $("live").lastElementChild.textContent = up ? "Live" : "Not connected";
}

/* On a phone one part is seen at a time. */
function pane(name) {
  document.body.dataset.pane = name;
  for (const button of $("panes").children) {
    if (button.dataset.to === name) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  window.dispatchEvent(new Event("resize"));
}

async function start() {
  read();
  shelf.start(choose);
  details.start();
  acts.start();
  keys.start();
  stage.start(keys.pressed);
  $("panes").addEventListener("click", (event) => {
    const to = event.target.closest("button")?.dataset.to;
    if (to) pane(to);
  });
  addEventListener("popstate", () => {
    read();
    shelf.mark();
    details.open(view.tab);
    stage.choose({});
    if (view.key) visit();
  });
  listen(again, alive);
  const asked = Boolean(view.key), picture = asked && look({fresh: true});
  await draw();
  if (!asked && view.key) await look({fresh: true});
  await picture;
  examine();
}

start();
