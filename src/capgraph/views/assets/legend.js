// The legend, which is also where layers and rungs are ticked; the marks and the lead of a page about one subject.
import { change, state } from "./state.js";
import { edges, graph, label, layers, markOf, nodes, rungs, say } from "./model.js";
import { edgeColor, haloOf, layerColor, palette } from "./looks.js";
import { shown } from "./lines.js";
import { element } from "./evidence.js";

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
  document.getElementById("legend-classes").replaceChildren(
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
  document.getElementById("marks-part").hidden = !markKinds.length;
  document.getElementById("legend-marks").replaceChildren(
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
export const showLead = () => {
  const lines = Array.isArray(graph.lead) ? graph.lead : [];
  document.getElementById("lead-part").hidden = !lines.length;
  document.getElementById("lead").replaceChildren(...lines.map((line) => element("li", {}, leadLine(line))));
};

const leadLine = (line) => {
  const text = (state.lang === "zh" && line.text_zh) || line.text || "";
  const links = (line.links || []).flatMap((id) => edges.filter((edge) => edge.id.split("#")[0] === id).map((edge) => edge.id));
  const [only] = links;
  if (!links.length) return element("span", {}, text);
  const open = () => change(links.length === 1 ? { edge: only, node: null, path: null } : { path: links, node: null, edge: null });
  return element("button", { type: "button", class: "row plain-row", onclick: open }, text);
};

export const showLegend = () => {
  showOwnClasses();
  showMarkKinds();
  document.getElementById("legend-layers").replaceChildren(
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
  document.getElementById("legend-rungs").replaceChildren(
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
