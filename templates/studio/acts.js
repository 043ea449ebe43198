/* The buttons above the mail: where its thread stands, a test, a copy to take away. */

import {$, make, many, toast} from "./dom.js";
import {view} from "./view.js";
import {blob, post} from "./wire.js";

const COPIES = {
  eml: ["Mail", "for any mail program"],
  html: ["Page", "as it is mailed"],
  txt: ["Text", "the text part"],
  pdf: ["PDF", "to print and to keep"],
  png: ["Picture", "the whole page"],
};
const STANDING = {waiting: "waiting", pinned: "pinned", held: "held back", published: "sent"};
let proof = null;

export function start() {
  for (const [id, standing] of [["pin", "pinned"], ["hold", "held"], ["release", "waiting"]]) {
    $(id).addEventListener("click", () => put(standing));
  }
  $("copies-list").append(...Object.entries(COPIES).map(([kind, [name, says]]) =>
    make("li", {}, make("button", {type: "button", "data-kind": kind, onclick: () => take(kind)}, make("b", {}, name), ` .${kind}`, make("span", {}, says)))));
  $("copies").addEventListener("beforetoggle", under);
  $("test-open").addEventListener("click", test);
  $("test-close").addEventListener("click", () => $("test").close());
  $("test-form").addEventListener("submit", send);
}

/* What the bar says and offers for this mail; null when there is none. */
export function about(made) {
  proof = made;
  const sent = made?.standing === "published", file = made?.key === "file";
  $("title").textContent = made?.title || "\u00a0";
  $("about").replaceChildren(...(made ? facts(made) : ["\u00a0"]));
  const placed = made && !sent && !file;
  $("pin").hidden = $("hold").hidden = !placed || made.standing !== "waiting";
  $("release").hidden = !placed || made.standing === "waiting";
  $("test-open").hidden = !made || sent;
  $("copies-open").hidden = !made;
}

function facts(made) {
  const chip = make("span", {class: `chip ${made.standing}`}, made.key === "file" ? "not on the shelf" : STANDING[made.standing]);
  const letters = made.delivered && `${made.delivered.accepted.toLocaleString("en")} of ${many(made.delivered.total, "letter")} accepted`;
  const says = [made.author, many(made.posts, "post"), letters, made.cut ? `${made.cut} left out for size` : "", made.reason];
  return [chip, make("span", {dir: "auto"}, says.filter(Boolean).join(" · "))];
}

/* Pin, hold or release; nothing for a mail that has no place on the shelf. */
export async function put(standing) {
  if (!proof || proof.key === "file" || proof.standing === "published" || proof.standing === standing) return;
  const focused = document.activeElement?.closest("#acts");
  try {
    await post(`/api/threads/${proof.key}/standing`, {standing});
    proof = {...proof, standing};
    about(proof);
    if (focused) $("acts").querySelector("button:not([hidden])")?.focus();
    toast({pinned: "Pinned: it goes before all that are not.", held: "Held back until it is released.", waiting: "Waiting, like the others."}[standing]);
  } catch (refusal) {
    toast(refusal.message, "error");
  }
}

/* The list hangs under its button, and never leaves the window. */
function under() {
  const {bottom, right} = $("copies-open").getBoundingClientRect();
  $("copies").style.top = `${bottom + 6}px`;
  $("copies").style.left = `${Math.max(8, Math.min(right - 264, innerWidth - 272))}px`;
}

async function take(kind) {
  const button = $("copies-list").querySelector(`[data-kind="${kind}"]`), key = view.key;
  button.disabled = true;
  button.classList.add("busy");
  try {
    const link = make("a", {href: URL.createObjectURL(await blob(`/copies/${key}.${kind}`)), download: `digest-${key}.${kind}`});
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    $("copies").hidePopover();
  } catch (refusal) {
    toast(refusal.message, "error");
  } finally {
    button.disabled = false;
    button.classList.remove("busy");
  }
}

export function test() {
  if ($("test-open").hidden || $("test").open) return;
  $("test-answer").textContent = "";
  $("test-to").value ||= localStorage.getItem("test-to") ?? "";
  $("test").showModal();
  $("test-to").select();
}

async function send(event) {
  event.preventDefault();
  const answer = $("test-answer"), to = $("test-to").value.trim();
  answer.dataset.level = "";
  answer.textContent = "Sending …";
  $("test-send").disabled = true;
  try {
    const {verdict, reply} = await post(`/api/proofs/${view.key}/test`, {to});
    answer.dataset.level = verdict === "accepted" ? "good" : "error";
    answer.textContent = `${to}: ${verdict} (${reply})`;
    localStorage.setItem("test-to", to);
  } catch (refusal) {
    answer.dataset.level = "error";
    answer.textContent = refusal.message;
  } finally {
    $("test-send").disabled = false;
  }
}

export function copies() {
  if (!$("copies-open").hidden) $("copies").togglePopover();
}
