// What the reader has chosen, and its form in the address.

export const state = {
  asOf: "",
  knownOn: false,
  lang: document.documentElement.lang.startsWith("zh") ? "zh" : "en",
  theme: "",
  node: null,
  edge: null,
  path: null,
  layersOff: new Set(),
  rungsOff: new Set(),
  ended: false,
  all: false,
  extra: new Set(),
  top: 0,
  roles: false,
  table: false,
  story: -1,
};

const listeners = [];
export const onChange = (listener) => listeners.push(listener);

/** Change the state and let every part of the page follow. */
export const change = (changes) => {
  Object.assign(state, changes);
  listeners.forEach((listener) => listener(Object.keys(changes)));
  writeHash();
};

const joined = (set) => [...set].sort().map(encodeURIComponent).join(",");
const decoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
};
const split = (text) => new Set(text.split(",").map(decoded).filter(Boolean));

let firstAsOf = "";
let firstLang = state.lang;

/** The state as the first view has it; what equals it is left out of the address. */
export const setFirst = (asOf) => {
  firstAsOf = asOf;
  firstLang = state.lang;
};

const writeHash = () => {
  const parts = [];
  const add = (name, value) => value && parts.push(`${name}=${value}`);
  add("at", state.asOf !== firstAsOf ? state.asOf : "");
  add("known", state.knownOn ? "1" : "");
  add("lang", state.lang !== firstLang ? state.lang : "");
  add("theme", state.theme);
  add("node", state.node === null ? "" : encodeURIComponent(state.node));
  add("edge", state.edge === null ? "" : encodeURIComponent(state.edge));
  add("layers-off", joined(state.layersOff));
  add("rungs-off", joined(state.rungsOff));
  add("ended", state.ended ? "1" : "");
  add("all", state.all ? "1" : "");
  add("with", joined(state.extra));
  add("top", state.top ? String(state.top) : "");
  add("roles", state.roles ? "1" : "");
  add("table", state.table ? "1" : "");
  add("step", state.story >= 0 ? String(state.story + 1) : "");
  const hash = parts.length ? `#${parts.join("&")}` : "";
  if (hash !== location.hash) history.replaceState(null, "", hash || location.pathname + location.search);
};

/** The state that an address asks for; what it does not name is as in the first view. */
export const readHash = () => {
  const given = new Map(
    location.hash
      .slice(1)
      .split("&")
      .filter(Boolean)
      .map((part) => [part.split("=")[0], part.slice(part.indexOf("=") + 1)]),
  );
  const text = (name) => given.get(name) || "";
  return {
    asOf: /^\d{4}(-\d\d){0,2}$/.test(text("at")) ? text("at") : firstAsOf,
    knownOn: text("known") === "1",
    lang: ["en", "zh"].includes(text("lang")) ? text("lang") : firstLang,
    theme: ["light", "dark"].includes(text("theme")) ? text("theme") : "",
    node: given.has("node") ? decoded(text("node")) : null,
    edge: given.has("edge") ? decoded(text("edge")) : null,
    path: null,
    layersOff: split(text("layers-off")),
    rungsOff: split(text("rungs-off")),
    ended: text("ended") === "1",
    all: text("all") === "1",
    extra: split(text("with")),
    top: Math.max(0, parseInt(text("top"), 10) || 0),
    roles: text("roles") === "1",
    table: text("table") === "1",
    story: (parseInt(text("step"), 10) || 0) - 1,
  };
};
