/* The left side: what is next, the queue, the shelf, what was sent. Draws only the rows that changed. */

import {$, icon, make, many} from "./dom.js";
import {queue} from "./queue.js";
import {path, view} from "./view.js";
import {get} from "./wire.js";

const PATIENCE = 120;  // ms without a key, after which the posts are searched, too
const rows = new Map();
let shown = "", found = {words: "", threads: new Set()}, searching;
let choose = () => {};

export function start(chosen) {
  choose = chosen;
  $("search").addEventListener("input", () => {
    filter();
    clearTimeout(searching);
    searching = setTimeout(seek, PATIENCE);
  });
  $("search").addEventListener("keydown", (event) => {
    if (event.key === "Enter") step(0, true);
    if (event.key === "Escape") ($("search").value = ""), filter(), $("list").focus();
  });
  $("list").addEventListener("click", (event) => {
    const link = event.target.closest("a[data-key]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    choose(link.dataset.key);
  });
}

/* Draw what the server says of the shelf; nothing when it says the same as before. */
export function draw(shelf) {
  const now = JSON.stringify(shelf);
  if (now === shown) return;
  shown = now;
  $("name").textContent = shelf.name || "digest";
  document.title = $("page").textContent = `${shelf.name || "digest"} · Studio`;
  const focused = document.activeElement.closest("li[data-key]")?.dataset.key;  // asked before its row is moved
  const tag = document.activeElement.tagName;
  const by = (standing) => shelf.threads.filter((one) => one.standing === standing);
  const pinned = by("pinned").sort((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity) || a.id - b.id);
  const next = shelf.next && shelf.threads.find((one) => one.id === shelf.next.id);
  const waiting = by("waiting").filter((one) => one !== next).reverse();
  const sections = [
    shelf.file && section("This file", [{key: "file", title: "The file you named", meta: "Read again at each save"}]),
    next ? card(next, shelf.next.reason) : shelf.none && make("p", {class: "none"}, shelf.none),
    section("Pinned", pinned.map(thread), "queue"),
    section("Waiting", waiting.map(thread)),
    section("Held back", by("held").reverse().map(thread)),
    section("Sent", shelf.issues.map(issue)),
  ];
  const top = $("list").scrollTop;
  $("list").replaceChildren(...sections.filter(Boolean));
  $("list").scrollTop = top;
  if (focused) $("list").querySelector(`li[data-key="${focused}"] ${tag}`)?.focus();
  filter();
  mark();
  seek();
}

const thread = (one) => ({
  key: String(one.id),
  title: one.title,
  by: one.author,
  meta: [many(one.posts, "post"), one.date, one.deleted && "deleted by its author"].filter(Boolean).join(" · "),
  find: one.handle,
  standing: one.standing,
  thread: one.id,
});

const issue = (one) => ({key: `i${one.number}`, title: one.title, meta: `Issue ${one.number} · ${one.date}`, find: "", standing: "sent", thread: one.thread});

function card(one, reason) {
  const row = thread(one);
  return make("section", {class: "next", "data-find": sought(row), "data-thread": row.thread},
    make("h2", {}, "Next issue"),
    make("a", {href: path(row.key), "data-key": row.key},
      make("span", {class: "title", dir: "auto"}, row.title),
      make("span", {class: "meta"}, row.by && [make("bdi", {}, row.by), " · "], row.meta),
      make("span", {class: "reason"}, reason)));
}

function section(name, list, kind = "") {
  if (!list.length) return null;
  const items = make("ol", {class: `rows ${kind}`}, list.map(item));
  if (kind) queue(items);
  return make("section", {class: "group"},
    make("h2", {}, name, " ", make("span", {class: "count"}, list.length.toLocaleString("en"))), items);
}

/* A row is made again only when it says something else. */
function item(row) {
  const says = JSON.stringify(row);
  const before = rows.get(row.key);
  if (before?.says === says) return before.element;
  const grip = row.standing === "pinned" &&
    make("button", {type: "button", class: "grip", "aria-label": `Move: ${row.title}`, title: "Drag, or press ↑ and ↓"}, icon("grip"));
  const element = make("li", {"data-key": row.key, "data-find": sought(row), "data-thread": row.thread, "data-standing": row.standing},
    make("a", {href: path(row.key), "data-key": row.key},
      make("span", {class: "title", dir: "auto"}, row.title),
      make("span", {class: "meta"}, row.by && [make("bdi", {}, row.by), " · "], row.meta)),
    grip || "");
  rows.set(row.key, {says, element});
  return element;
}

const sought = (row) => `${row.title} ${row.by ?? ""} ${row.find ?? ""} ${row.meta}`.toLocaleLowerCase();
const asked = () => $("search").value.toLocaleLowerCase().split(/\s+/).filter(Boolean);

/* By what a row says at once, by the words of its posts as soon as the server has looked. */
function filter() {
  const wanted = asked(), inside = found.words === wanted.join(" ") ? found.threads : new Set();
  let left = 0;
  for (const row of $("list").querySelectorAll("[data-find]")) {
    row.hidden = !wanted.every((word) => row.dataset.find.includes(word)) && !inside.has(row.dataset.thread);
    left += !row.hidden;
  }
  for (const group of $("list").querySelectorAll(".group")) group.hidden = !group.querySelector("li:not([hidden])");
  $("list").querySelector(".nothing")?.remove();
  if (wanted.length && !left) $("list").append(make("p", {class: "nothing"}, "Nothing by these words."));
}

async function seek() {
  const words = asked().join(" ");
  if (!words) return;
  const threads = await get(`/api/found?${new URLSearchParams({words})}`).catch(() => []);  // then what the rows say must do
  found = {words, threads: new Set(threads.map(String))};
  filter();
}

/* Show which one is looked at. */
export function mark() {
  for (const link of $("list").querySelectorAll("a[data-key]")) {
    if (link.dataset.key === view.key) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function visible() {
  const links = [...$("list").querySelectorAll("a[data-key]")].filter((link) => !link.closest("[hidden]"));
  const listed = new Set(links.filter((link) => link.closest("li")).map((link) => link.dataset.key));
  return links.filter((link) => link.closest("li") || !listed.has(link.dataset.key));
}

/* The next row (1), the one before (-1), or the first that the search left (0). */
export function step(by, focus = false) {
  const links = visible();
  if (!links.length) return;
  const at = links.findIndex((link) => link.dataset.key === view.key);
  const to = by === 0 || at < 0 ? links[0] : links[Math.min(Math.max(at + by, 0), links.length - 1)];
  to.scrollIntoView({block: "nearest"});
  if (focus) to.focus();
  choose(to.dataset.key);
}
