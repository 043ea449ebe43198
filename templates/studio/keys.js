/* Every key of the studio, and the card that lists them. */

import {copies, put, test} from "./acts.js";
import {$, make} from "./dom.js";
import {move} from "./queue.js";
import {step} from "./shelf.js";
import {choose} from "./stage.js";
import {view} from "./view.js";

const client = (name) => choose({client: view.client === name ? "modern" : name});

const KEYS = new Map([
  ["j", ["The next mail", () => step(1)]],
  ["k", ["The mail before", () => step(-1)]],
  ["/", ["Search", () => ($("search").focus(), $("search").select())]],
  ["1", ["Phone", () => choose({device: "phone", width: 0})]],
  ["2", ["Tablet", () => choose({device: "tablet", width: 0})]],
  ["3", ["Desktop", () => choose({device: "desktop", width: 0})]],
  ["4", ["Light", () => choose({light: "light"})]],
  ["5", ["Dark", () => choose({light: "dark"})]],
  ["6", ["Inverted by force", () => choose({light: "inverted"})]],
  ["7", ["Pictures on and off", () => choose({images: !view.images})]],
  ["8", ["Style sheets stripped, and back", () => client("bare")]],
  ["9", ["Outlook, and back", () => client("outlook")]],
  ["p", ["Pin", () => put("pinned")]],
  ["h", ["Hold", () => put("held")]],
  ["r", ["Release", () => put("waiting")]],
  ["t", ["Send a test", test]],
  ["c", ["A copy to take away", copies]],
  ["?", ["These keys", () => $("help").showModal()]],
]);
const MOVES = {ArrowUp: -1, ArrowDown: 1};

export function start() {
  const named = [...[...KEYS].map(([key, [says]]) => [key, says]), ["Alt ↑ ↓", "Move a pinned thread"], ["Esc", "Close, or leave the search"]];
  $("help-keys").append(...named.map(([key, says]) => make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, says))));
  $("help-open").addEventListener("click", KEYS.get("?")[1]);
  $("help-close").addEventListener("click", () => $("help").close());
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }
  document.addEventListener("keydown", pressed);
}

/* Also called for keys that are pressed inside the mail's frame. */
export function pressed(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (event.altKey) {
    const row = $("list").querySelector('li[data-standing="pinned"]:has([aria-current])');
    if (row && MOVES[event.key]) event.preventDefault(), move(row, MOVES[event.key]);
    return;
  }
  if (event.target.matches?.("input:not([type=radio], [type=checkbox]), textarea, select")) return;
  const key = KEYS.get(event.key);
  if (!key) return;
  event.preventDefault();
  key[1]();
}
