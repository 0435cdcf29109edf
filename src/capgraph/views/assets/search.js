// Find a party by any name: English, Chinese, ticker, id.
import { change, state } from "./state.js";
import { hasOverview, isAllowed, label, nameOf, nodes, say } from "./model.js";
import { reveal } from "./camera.js";
import { bringNear } from "./places.js";
import { element } from "./evidence.js";

const input = document.getElementById("search");
const list = document.getElementById("search-results");
const MOST = 12;
let hits = [];
let active = -1;

export const folded = (text) => String(text).normalize("NFKC").toLowerCase().replace(/[\s\-_.·・]/g, "");

const index = nodes.map((node) => ({ node, names: [node.label, node.label_zh, node.id, ...(node.aliases || [])].filter(Boolean).map(folded) }));

/** Nodes whose label, Chinese label, id or alias begins with the text or holds it, exact names first. */
export const matches = (text) => {
  const wanted = folded(text);
  if (!wanted) return [];
  const rank = ({ names }) => {
    if (names.includes(wanted)) return 0;
    if (names.some((name) => name.startsWith(wanted))) return 1;
    return names.some((name) => name.includes(wanted)) ? 2 : 3;
  };
  return index
    .map((entry) => [rank(entry), entry.node])
    .filter(([place]) => place < 3)
    .sort(([a, one], [b, other]) => a - b || (other.value || 0) - (one.value || 0) || (one.id < other.id ? -1 : 1))
    .map(([, node]) => node);
};

const close = () => {
  list.hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
  active = -1;
};

const render = () => {
  hits = matches(input.value).slice(0, MOST);
  active = -1;
  list.replaceChildren(
    ...hits.map((node, place) =>
      element(
        "li",
        { role: "option", id: `hit-${place}`, "data-testid": "search-result", "data-node-id": node.id, "aria-selected": "false", onclick: () => take(node) },
        element("span", {}, nameOf(node.id)),
        element("span", { class: "dim" }, ` ${[state.lang === "zh" ? node.label : node.label_zh, label("party-kind", node.kind)].filter(Boolean).join(" · ")}`),
      ),
    ),
    ...(input.value.trim() && !hits.length ? [element("li", { class: "dim", role: "option", "aria-disabled": "true" }, say("nobody", { text: input.value }))] : []),
  );
  list.hidden = !input.value.trim();
  input.setAttribute("aria-expanded", String(!list.hidden));
};

const mark = (place) => {
  active = hits.length ? (place + hits.length) % hits.length : -1;
  [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === active)));
  if (active >= 0) input.setAttribute("aria-activedescendant", `hit-${active}`);
};

const take = (node) => {
  input.value = nameOf(node.id);
  close();
  if (hasOverview && !isAllowed(node.id)) bringNear(node.id);
  else change({ node: node.id, edge: null, path: null });
  reveal(node.id);
};

input.addEventListener("input", render);
input.addEventListener("focus", () => input.value && render());
input.addEventListener("blur", () => setTimeout(close, 150));
input.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (list.hidden) render();
    mark(active + (event.key === "ArrowDown" ? 1 : -1) + (active < 0 && event.key === "ArrowUp" ? 1 : 0));
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (list.hidden || !hits.length) render();
    const node = hits[Math.max(0, active)];
    if (node) take(node);
  } else if (event.key === "Escape") {
    close();
    input.blur();
  }
});
