/* The order of the pinned: dragged by the grip, or moved with the arrow keys on it. The server keeps what is dropped. */

import {announce, toast} from "./dom.js";
import {post} from "./wire.js";

const keys = (list) => [...list.children].map((row) => Number(row.dataset.key));

async function keep(list) {
  try {
    await post("/api/order", {threads: keys(list)});
  } catch (refusal) {
    toast(refusal.message, "error");
  }
}

export function queue(list) {
  list.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest(".grip");
    if (!grip || event.button) return;
    event.preventDefault();
    grip.focus();
    drag(list, grip.closest("li"), event.clientY);
  });
  list.addEventListener("keydown", (event) => {
    const row = event.target.closest(".grip")?.closest("li");
    if (row && ["ArrowUp", "ArrowDown"].includes(event.key)) {
      event.preventDefault();
      move(row, event.key === "ArrowUp" ? -1 : 1);
    }
  });
}

/* One place up or down, by the keyboard. */
export function move(row, by) {
  const list = row.parentElement;
  const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (by < 0) row.after(other);
  else row.before(other);
  announce(`Now in place ${keys(list).indexOf(Number(row.dataset.key)) + 1} of ${list.children.length}.`);
  keep(list);
}

/* The row under the finger stays where it is in the document, and the others step around it: so it keeps the focus. */
function drag(list, row, from) {
  const before = keys(list).join();
  row.classList.add("lifted");
  const follow = (event) => {
    const shift = event.clientY - from;
    const {previousElementSibling: above, nextElementSibling: below} = row;
    if (above && shift < -above.offsetHeight / 2) {
      row.after(above);
      from -= above.offsetHeight;
    } else if (below && shift > below.offsetHeight / 2) {
      row.before(below);
      from += below.offsetHeight;
    }
    row.style.transform = `translateY(${event.clientY - from}px)`;
  };
  const drop = (event) => {
    document.removeEventListener("pointermove", follow);
    document.removeEventListener("pointerup", drop);
    document.removeEventListener("pointercancel", drop);
    row.classList.remove("lifted");
    row.style.transform = "";
    if (keys(list).join() !== before && event.type === "pointerup") keep(list);
  };
  document.addEventListener("pointermove", follow);
  document.addEventListener("pointerup", drop);
  document.addEventListener("pointercancel", drop);
}
