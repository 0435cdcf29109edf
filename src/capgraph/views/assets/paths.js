// How two parties are connected, over the links that are shown, in either direction; and the money circles of the data.
import { change, state } from "./state.js";
import { amountText, dateText, edgeIndex, edges, graph, isAllowed, isLive, label, nameOf, nodeIndex, nodes, quantity, say, sizeOf, statusText, verbOf } from "./model.js";
import { edgeColor } from "./looks.js";
import { endsOf, shown } from "./lines.js";
import { revealAll } from "./camera.js";
import { bringIn } from "./places.js";
import { element } from "./evidence.js";
import { matches } from "./search.js";

const from = document.getElementById("path-from");
const to = document.getElementById("path-to");
const list = document.getElementById("path-list");
const MOST_PATHS = 8;
const MOST_HOPS = 6;
const MOST_STEPS = 200000;
let found = null;
let ends = null;

const neighbours = () => {
  const near = new Map();
  const add = (one, other, edge) => near.set(one, [...(near.get(one) || []), [other, edge]]);
  const order = (edge) => [edge.layer === "dependency" ? 1 : 0, -sizeOf(edge), edge.id];
  const byOrder = (a, b) => {
    const [x, y] = [order(a), order(b)];
    return x[0] - y[0] || x[1] - y[1] || (x[2] < y[2] ? -1 : 1);
  };
  [...edges].filter((edge) => isWalked(edge) && edge.source !== edge.target).sort(byOrder).forEach((edge) => {
    add(edge.source, edge.target, edge);
    add(edge.target, edge.source, edge);
  });
  return near;
};

/** Links that are shown, and those that only the overview leaves out: a path brings its parties in. */
const isWalked = (edge) => shown.edges.has(edge.id) || (isLive(edge) && !(isAllowed(edge.source) && isAllowed(edge.target)));

const distances = (near, target) => {
  const far = new Map([[target, 0]]);
  const queue = [target];
  while (queue.length) {
    const node = queue.shift();
    for (const [next] of near.get(node) || []) {
      if (!far.has(next)) {
        far.set(next, far.get(node) + 1);
        queue.push(next);
      }
    }
  }
  return far;
};

/** Simple paths, fewest links first, at most eight; parallel links give paths of their own. */
export const findPaths = (source, target) => {
  const near = neighbours();
  const far = distances(near, target);
  const results = [];
  let steps = 0;
  const walk = (node, path, seen, left) => {
    if (results.length >= MOST_PATHS || ++steps > MOST_STEPS) return;
    if (node === target) {
      if (left === 0) results.push([...path]);
      return;
    }
    for (const [next, edge] of near.get(node) || []) {
      if (seen.has(next) || (far.get(next) ?? Infinity) > left - 1) continue;
      seen.add(next);
      path.push(edge.id);
      walk(next, path, seen, left - 1);
      path.pop();
      seen.delete(next);
    }
  };
  const shortest = far.get(source) ?? Infinity;
  for (let hops = shortest; hops <= MOST_HOPS && results.length < MOST_PATHS && steps <= MOST_STEPS; hops += 1) {
    walk(source, [], new Set([source]), hops);
  }
  return results;
};

const step = (id, at) => {
  const edge = edges[edgeIndex.get(id)];
  const forward = edge.source === at;
  const words = `${nameOf(at)} ${verbOf(edge, !forward)} ${nameOf(forward ? edge.target : edge.source)}`;
  const direction = edge.money === "none" ? say("no_money") : say("money_runs", { from: nameOf(payer(edge)), to: nameOf(payer(edge) === edge.source ? edge.target : edge.source) });
  return element(
    "li",
    { "data-testid": "path-step", "data-edge-id": id },
    element("button", { type: "button", class: "row", onclick: (event) => { event.stopPropagation(); change({ edge: id, node: null }); } },
      element("span", { class: "bar", style: `background:${edgeColor(edge)}` }),
      element("span", {}, words, element("span", { class: "dim" }, ` ${[label("layer", edge.layer) || edge.layer, amountText(edge), dateText(edge), statusText(edge), direction].join(" · ")}`))),
  );
};

const payer = (edge) => (edge.money === "backward" ? edge.target : edge.source);

const steps = (path, start) => {
  let at = start;
  return path.map((id) => {
    const made = step(id, at);
    const edge = edges[edgeIndex.get(id)];
    at = edge.source === at ? edge.target : edge.source;
    return made;
  });
};

const light = (path) => {
  const parties = [...new Set(path.flatMap(endsOf))];
  bringIn(parties);
  change({ path, node: null, edge: null, extra: state.extra });
  if (!parties.every((id) => nodes[nodeIndex.get(id)].overview)) revealAll(parties);
};

export const showPaths = () => {
  if (!ends) {
    list.replaceChildren();
    return;
  }
  const [source, target] = ends;
  if (!found.length) {
    list.replaceChildren(element("li", { class: "dim" }, say("no_path", { from: nameOf(source), to: nameOf(target), most: MOST_HOPS })));
    return;
  }
  const lit = state.path ? state.path.join() : "";
  list.replaceChildren(
    ...found.map((path, number) =>
      element(
        "li",
        { "data-testid": "path-item", class: path.join() === lit ? "lit" : "" },
        element("button", { type: "button", class: "link", "aria-pressed": String(path.join() === lit), onclick: () => { light(path); showPaths(); } }, say("path_number", { number: number + 1, count: path.length })),
        element("ol", { class: "plain" }, ...steps(path, source)),
      ),
    ),
  );
};

const nameToId = (text) => {
  const [hit] = matches(text);
  return hit ? hit.id : null;
};

const search = () => {
  const [source, target] = [nameToId(from.value), nameToId(to.value)];
  const missing = source === null ? from.value : target === null ? to.value : null;
  if (missing !== null) {
    ends = null;
    list.replaceChildren(element("li", { class: "dim" }, say("nobody", { text: missing })));
    return;
  }
  ends = [source, target];
  found = source === target ? [] : findPaths(source, target);
  bringIn([...new Set(found.flat().flatMap(endsOf))]);
  if (found.length) light(found[0]);
  showPaths();
};

document.getElementById("path-find").addEventListener("click", search);
[from, to].forEach((input) => input.addEventListener("keydown", (event) => event.key === "Enter" && search()));

export const nameList = () =>
  document.getElementById("names").replaceChildren(...nodes.map((node) => element("option", { value: nameOf(node.id) })));

export const resetPaths = () => {
  ends = null;
  found = null;
  from.value = "";
  to.value = "";
  list.replaceChildren();
};

// Circles ---------------------------------------------------------------------------------------------------------------

const loopList = document.getElementById("loops");

export const showLoops = () => {
  const loops = (graph.loops || []).filter((loop) => loop.edges.every((id) => edgeIndex.has(id)));
  document.getElementById("loops-part").hidden = !loops.length;
  loopList.replaceChildren(
    ...loops.map((loop) =>
      element(
        "li",
        {},
        element("button", { type: "button", class: "row", onclick: () => change({ path: loop.edges, node: null, edge: null, extra: new Set([...state.extra, ...loop.nodes]) }) },
          element("span", {}, [...loop.nodes, loop.nodes[0]].map(nameOf).join(" → "),
            element("span", { class: "dim" }, ` ${loop.amount ? say("smallest", { amount: quantity(loop.amount, "USD") }) : say("undisclosed")}${loop.rung ? ` · ${label("rung", loop.rung)}` : ""}`))),
      ),
    ),
  );
};
