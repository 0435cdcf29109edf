// Everything together: legend, keys, themes, and the object that scripts may ask.
import { change, onChange, readHash, setFirst, state } from "./state.js";
import { edgeIndex, edges, graph, hasOverview, label, lastDay, layers, markOf, nodeIndex, nodes, rungs, say } from "./model.js";
import { describe, fit, hasRoles, byRole, highlighted, keepFitted, refresh, start } from "./drawing.js";
import { edgeColor, haloOf, isDark, layerColor, palette } from "./looks.js";
import { canvas, edgePoint, nodePoint, shown } from "./lines.js";
import { element, focusEvidence, showEvidence } from "./evidence.js";
import { nameList, resetPaths, showLoops, showPaths } from "./paths.js";
import { showTable } from "./table.js";
import { showMarks, showTime, stopFor } from "./time.js";
import { showStep, showStory, stepState } from "./story.js";

const byId = (id) => document.getElementById(id);

// Legend --------------------------------------------------------------------------------------------------------------

const toggle = (set, name) => (event) => {
  const next = new Set(state[set]);
  if (event.target.checked) next.delete(name);
  else next.add(name);
  change({ [set]: next });
};

const checkbox = (test, checked, listener) => {
  const box = element("input", { type: "checkbox", "data-testid": test });
  box.checked = checked;
  box.addEventListener("change", listener);
  return box;
};

const DASH_OF = { rumoured: "2 5", announced: "7 5", conditional: "7 5", signed: "14 4" };
const SVG = "http://www.w3.org/2000/svg";

const swatch = (attributes, dash) => {
  const drawn = document.createElementNS(SVG, "svg");
  drawn.setAttribute("viewBox", "0 0 34 10");
  drawn.setAttribute("aria-hidden", "true");
  drawn.classList.add("swatch");
  const line = document.createElementNS(SVG, "line");
  Object.entries({ x1: 1, x2: 33, y1: 5, y2: 5, stroke: "currentColor", "stroke-width": 3, "stroke-dasharray": dash || "" }).forEach(([name, value]) => line.setAttribute(name, value));
  drawn.append(line);
  const made = element("span", attributes);
  made.append(drawn);
  return made;
};

const count = (fits) => edges.filter((edge) => shown.edges.has(edge.id) && fits(edge)).length;

/** Classes of links that have a colour of their own. */
const classes = new Map(edges.filter((edge) => edge.color && edge.class).map((edge) => [edge.class, edge]));
const markKinds = [...new Set([...edges, ...nodes].map(markOf).filter(Boolean))].sort();

const showOwnClasses = () => {
  byId("legend-classes").replaceChildren(
    ...[...classes.values()].map((edge) =>
      element(
        "div",
        { class: "key" },
        swatch({ "data-testid": `legend-class-${edge.kind}`, style: `color:${edgeColor(edge)}` }, edge.dash === "dotted" ? "1 4" : ""),
        element("span", {}, (state.lang === "zh" && edge.class_zh) || edge.class),
      ),
    ),
  );
};

const showMarkKinds = () => {
  byId("marks-part").hidden = !markKinds.length;
  byId("legend-marks").replaceChildren(
    ...markKinds.map((kind) =>
      element(
        "div",
        { class: "key" },
        element("span", { class: "halo", style: `background:${kind === "struck" ? palette().accent : haloOf(kind)}`, "aria-hidden": "true" }),
        element("span", {}, say(`mark_${kind}`)),
        element("span", { class: "dim count" }, String(count((edge) => markOf(edge) === kind) || nodes.filter((node) => shown.nodes.has(node.id) && markOf(node) === kind).length)),
      ),
    ),
  );
};

/** The lines that lead through a page about one subject. */
const showLead = () => {
  const lines = Array.isArray(graph.lead) ? graph.lead : [];
  byId("lead-part").hidden = !lines.length;
  byId("lead").replaceChildren(...lines.map((line) => element("li", {}, leadLine(line))));
};

const leadLine = (line) => {
  const text = (state.lang === "zh" && line.text_zh) || line.text || "";
  const links = (line.links || []).flatMap((id) => edges.filter((edge) => edge.id.split("#")[0] === id).map((edge) => edge.id));
  const [only] = links;
  if (!links.length) return element("span", {}, text);
  const open = () => change(links.length === 1 ? { edge: only, node: null, path: null } : { path: links, node: null, edge: null });
  return element("button", { type: "button", class: "row plain-row", onclick: open }, text);
};

const showLegend = () => {
  showOwnClasses();
  showMarkKinds();
  byId("legend-layers").replaceChildren(
    ...layers.map((layer) =>
      element(
        "label",
        {},
        checkbox(`layer-toggle-${layer}`, !state.layersOff.has(layer), toggle("layersOff", layer)),
        swatch({ "data-testid": `legend-swatch-${layer}`, style: `color:${layerColor(layer)}` }, layer === "dependency" ? "1 4" : ""),
        element("span", {}, label("layer", layer) || layer),
        element("span", { class: "dim count" }, String(count((edge) => edge.layer === layer))),
      ),
    ),
  );
  byId("legend-rungs").replaceChildren(
    ...[...rungs].reverse().map((rung) =>
      element(
        "label",
        {},
        checkbox(`rung-toggle-${rung || "fact"}`, !state.rungsOff.has(rung), toggle("rungsOff", rung)),
        swatch({ class: "ink" }, DASH_OF[rung] || ""),
        element("span", {}, rung ? label("rung", rung) || rung : say("in_force")),
      ),
    ),
    element("label", {}, checkbox("ended-toggle", state.ended, (event) => change({ ended: event.target.checked })), swatch({ class: "dim" }, "2 4"), element("span", {}, say("show_ended"))),
  );
};

// Words and looks -----------------------------------------------------------------------------------------------------

const showWords = () => {
  document.documentElement.lang = state.lang === "zh" ? "zh-Hans" : "en";
  document.querySelectorAll("[data-say]").forEach((place) => (place.textContent = say(place.dataset.say)));
  document.querySelectorAll("[data-say-label]").forEach((place) => place.setAttribute("aria-label", say(place.dataset.sayLabel)));
  document.querySelectorAll("[data-say-placeholder]").forEach((place) => place.setAttribute("placeholder", say(place.dataset.sayPlaceholder)));
  const meta = graph.meta || {};
  byId("title").textContent = (state.lang === "zh" && meta.title_zh) || meta.title || "capgraph";
  byId("footer").textContent = say("footer", { sources: meta.sources ?? new Set(edges.flatMap((edge) => (edge.sources || []).map((source) => source.url))).size, date: state.asOf, version: meta.data_version || "–" });
  byId("lang-toggle").textContent = state.lang === "zh" ? "English" : "中文";
  byId("lang-toggle").setAttribute("lang", state.lang === "zh" ? "en" : "zh-Hans");
  byId("theme-toggle").textContent = isDark() ? "☀" : "☾";
  byId("all-toggle").hidden = !hasOverview;
  byId("all-toggle").textContent = say(state.all ? "overview" : "all_parties", { count: nodes.length });
  byId("all-toggle").setAttribute("aria-pressed", String(state.all));
  byId("roles-toggle").hidden = !hasRoles;
  byId("roles-toggle").setAttribute("aria-pressed", String(byRole()));
};

const showStatus = () => {
  byId("status").textContent = say(state.knownOn ? "status_known" : "status", { nodes: shown.nodes.size, links: shown.edges.size, date: state.asOf });
  canvas.setAttribute("aria-label", describe());
  byId("known").checked = state.knownOn;
  byId("top").value = String(state.top || byId("top").max);
  byId("top-text").textContent = state.top ? String(state.top) : say("all_links");
};

const darkWished = matchMedia("(prefers-color-scheme: dark)");
const applyTheme = () => {
  document.documentElement.dataset.theme = state.theme || (darkWished.matches ? "dark" : "light");
};
darkWished.addEventListener("change", () => {
  applyTheme();
  showAll();
});

const showAll = () => {
  applyTheme();
  refresh();
  showWords();
  showLegend();
  showTime();
  showMarks();
  showEvidence();
  showPaths();
  showLoops();
  showLead();
  showTable();
  showStory();
  showStatus();
  nameList();
  keepFitted();
};

const LIGHT = new Set(["node", "edge", "path"]);

/** What a mere selection touches. */
const showSelection = () => {
  refresh();
  showEvidence();
  showPaths();
  showStatus();
  if (state.table) showTable();
  keepFitted();
};

const showClocks = () => {
  refresh();
  showTime();
  showLegend();
  showEvidence();
  showTable();
  showStory();
  showStatus();
  showWords();
  keepFitted();
};

onChange((names) => {
  if (names.every((name) => LIGHT.has(name))) showSelection();
  else if (names.includes("lang") || names.includes("theme")) showAll();
  else showClocks();
});

// Buttons and keys ----------------------------------------------------------------------------------------------------

byId("lang-toggle").addEventListener("click", () => change({ lang: state.lang === "zh" ? "en" : "zh" }));
byId("theme-toggle").addEventListener("click", () => change({ theme: isDark() ? "light" : "dark" }));
byId("all-toggle").addEventListener("click", () => {
  change({ all: !state.all });
  fit();
});
byId("roles-toggle").addEventListener("click", () => {
  change({ roles: !byRole(), all: false });
  fit();
});
byId("known").addEventListener("change", (event) => change({ knownOn: event.target.checked }));
byId("top").max = String(Math.min(edges.length, 400) || 1);
byId("top").addEventListener("input", (event) => change({ top: Number(event.target.value) >= Number(event.target.max) ? 0 : Number(event.target.value) }));
byId("fit").addEventListener("click", fit);
byId("reset").addEventListener("click", () => {
  resetPaths();
  byId("search").value = "";
  change({ asOf: lastDay, knownOn: false, node: null, edge: null, path: null, layersOff: new Set(), rungsOff: new Set(), ended: false, all: false, extra: new Set(), top: 0, roles: false, table: false, story: -1 });
  showLegend();
  fit();
});

const neighbour = (key) => {
  const here = state.node === null ? null : nodePoint(state.node);
  const others = [...shown.nodes].filter((id) => id !== state.node).map((id) => [id, nodePoint(id)]);
  if (!here) return others.sort((a, b) => a[1].x + a[1].y - b[1].x - b[1].y)[0]?.[0];
  const turn = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  const score = ([, point]) => {
    const along = (point.x - here.x) * turn[0] + (point.y - here.y) * turn[1];
    const aside = Math.abs((point.x - here.x) * turn[1]) + Math.abs((point.y - here.y) * turn[0]);
    return along > 1 ? along + 2 * aside : Infinity;
  };
  const [best] = others.map((entry) => [score(entry), entry[0]]).sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1));
  return best && best[0] < Infinity ? best[1] : undefined;
};

canvas.addEventListener("keydown", (event) => {
  if (event.key.startsWith("Arrow")) {
    event.preventDefault();
    const next = neighbour(event.key);
    if (next !== undefined) change({ node: next, edge: null, path: null });
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (state.node !== null || state.edge !== null) focusEvidence();
  } else if (event.key === "Escape") change({ node: null, edge: null, path: null });
});

document.addEventListener("keydown", (event) => {
  const typing = ["INPUT", "TEXTAREA", "SELECT"].includes(event.target.tagName);
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    byId("search").focus();
  } else if (event.key === "Escape" && byId("evidence").contains(event.target)) {
    change({ node: null, edge: null, path: null });
    canvas.focus();
  }
});

/** What an address asks for, as far as this page has it. */
const asked = () => {
  const wanted = readHash();
  const steps = graph.story ? graph.story.steps.length : 0;
  const step = wanted.story >= 0 && wanted.story < steps ? stepState(wanted.story) : {};
  const told = wanted.node === null && wanted.edge === null ? step : {};
  return {
    ...wanted,
    ...told,
    asOf: wanted.asOf && wanted.asOf !== lastDay ? stopFor(wanted.asOf) : step.asOf || lastDay,
    node: nodeIndex.has(wanted.node) ? wanted.node : null,
    edge: edgeIndex.has(wanted.edge) ? wanted.edge : null,
    story: wanted.story < steps ? wanted.story : -1,
  };
};

addEventListener("hashchange", () => change(asked()));

// Start ---------------------------------------------------------------------------------------------------------------

setFirst(lastDay);
Object.assign(state, asked());
applyTheme();

window.graphView = Object.freeze({
  version: 1,
  visibleNodes: () => nodes.filter((node) => shown.nodes.has(node.id)).map((node) => node.id),
  visibleEdges: () => edges.filter((edge) => shown.edges.has(edge.id)).map((edge) => edge.id),
  highlightedEdges: () => [...highlighted()],
  selection: () => ({ node: state.node, edge: state.edge }),
  nodePoint,
  edgePoint,
  asOf: () => state.asOf,
  fit,
});
Object.defineProperty(window, "graphView", { writable: false, configurable: false });

start(() => requestAnimationFrame(() => (document.body.dataset.ready = "true")));
showAll();
if (state.story >= 0 && state.path) {
  showStep(state.story);
  change({ extra: state.extra });
}
addEventListener("resize", () => requestAnimationFrame(keepFitted));
