/* What is looked at and how: the mail, the switches, the tab. All of it stands in the address, so that it can be kept. */

export const WIDTHS = {phone: 375, tablet: 768};
const FIRST = {device: "", width: 0, light: "light", client: "modern", images: true, tab: "inbox"};

export const view = {key: "", ...FIRST};

/* "12" is a thread, "i3" an issue, "file" the file of the command line. */
export function path(key) {
  if (key === "file") return "/file";
  return key.startsWith("i") ? `/issues/${key.slice(1)}` : `/threads/${key}`;
}

export function read() {
  const [, kind, number] = location.pathname.split("/");
  view.key = kind === "file" ? "file" : kind === "issues" ? `i${number}` : kind === "threads" ? number : "";
  const asked = new URLSearchParams(location.search);
  view.width = Number(asked.get("width")) || 0;
  view.device = view.width ? "" : asked.get("device") || (innerWidth < 760 ? "phone" : "desktop");
  view.light = asked.get("light") || FIRST.light;
  view.client = asked.get("client") || FIRST.client;
  view.images = asked.get("images") !== "off";
  view.tab = asked.get("tab") || FIRST.tab;
}

function address() {
  const asked = new URLSearchParams();
  if (view.width) asked.set("width", view.width);
  else if (view.device !== (innerWidth < 760 ? "phone" : "desktop")) asked.set("device", view.device);
  for (const name of ["light", "client", "tab"]) if (view[name] !== FIRST[name]) asked.set(name, view[name]);
  if (!view.images) asked.set("images", "off");
  const query = asked.toString();
  return (view.key ? path(view.key) : "/") + (query && `?${query}`);
}

/* `fresh` makes a step that the browser's back button takes back. */
export function write(fresh = false) {
  const to = address();
  if (fresh) history.pushState(null, "", to);
  else history.replaceState(null, "", to);
}

export function frame() {
  const asked = new URLSearchParams({light: view.light, client: view.client, images: view.images ? "on" : "off"});
  return `/frame/${view.key}?${asked}`;
}
