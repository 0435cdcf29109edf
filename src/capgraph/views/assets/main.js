// Everything together: legend, keys, themes, and the object that scripts may ask.
import { change, onChange, readHash, setFirst, state } from "./state.js";
import { edgeIndex, edges, graph, hasOverview, lastDay, nodeIndex, nodes, say } from "./model.js";
import { describe, highlighted, refresh, start } from "./drawing.js";
import { fit, keepFitted } from "./camera.js";
import { byRole, hasRoles } from "./places.js";
import { showLead, showLegend } from "./legend.js";
import { isDark } from "./looks.js";
import { canvas, edgePoint, nodePoint, shown } from "./lines.js";
import { focusEvidence, showEvidence } from "./evidence.js";
import { nameList, resetPaths, showLoops, showPaths } from "./paths.js";
import { showTable } from "./table.js";
import { showMarks, showTime, stopFor } from "./time.js";
import { showStep, showStory, stepState } from "./story.js";

const byId = (id) => document.getElementById(id);

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
