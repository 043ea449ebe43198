/* Talking to the studio's server. What it refuses comes as a Refusal that holds the reason. */

export class Refusal extends Error {
  constructor(said) {
    super([said.where ? `${said.where}: ${said.what}` : said.what, said.then].filter(Boolean).join(". "));
    this.said = said;
  }
}

async function answer(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal({what: "The studio does not answer", then: "Is `digest preview` still running?"});
  }
  if (response.ok) return response;
  const json = response.headers.get("content-type")?.startsWith("application/json");
  const said = json ? await response.json() : {what: await response.text()};
  throw new Refusal({...said, missing: response.status === 404});
}

export const get = async (path, signal) => (await answer(path, {signal})).json();
export const text = async (path, signal) => (await answer(path, {signal})).text();
export const blob = async (path) => (await answer(path)).blob();

export const post = async (path, body) =>
  (await answer(path, {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)})).json();

/* What the server tells by itself: `heard(event)` for a save, `state(up)` when the line comes and goes. */
export function listen(heard, state) {
  const line = new EventSource("/live");
  let before = false;
  line.onopen = () => {
    state(true);
    if (before) heard("shelf"), heard("saved");
    before = true;
  };
  line.onerror = () => state(false);
  for (const event of ["saved", "shelf"]) line.addEventListener(event, () => heard(event));
}
