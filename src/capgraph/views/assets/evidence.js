// The panel that opens a link or a party down to its sources.
import { change, state } from "./state.js";
import { amountText, dateText, edgeIndex, edges, figures, graph, label, linksOf, markText, nameOf, nodeIndex, nodes, quantity, ranged, say, statusText, verbOf } from "./model.js";
import { bringNear } from "./places.js";
import { edgeColor, inkOf } from "./looks.js";
import { shown } from "./lines.js";

const panel = document.getElementById("evidence");

/** An element with text and attributes; text is always set as text. */
export const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") made.addEventListener("click", value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
};

const isAddress = (url) => typeof url === "string" && /^https?:\/\//i.test(url);

/** A source as a link if it has an address of the web, else as text. */
const sourceLine = (source, attributes = {}) => {
  const words = [source.publisher, source.title].filter(Boolean).join(": ") || source.url || say("source");
  const made = isAddress(source.url)
    ? element("a", { href: source.url, target: "_blank", rel: "noopener noreferrer", ...attributes }, words)
    : element("span", attributes, [words, words === source.url ? "" : source.url].filter(Boolean).join(" · "));
  return element("li", {}, made, source.date ? element("span", { class: "dim" }, ` ${source.date}`) : "");
};

const field = (name, value, test) =>
  value ? element("div", { class: "field" }, element("dt", {}, say(name)), element("dd", { "data-testid": test }, value)) : null;

const reading = (entry, chosen) => {
  if (typeof entry === "string") return element("li", {}, element("code", {}, entry));
  const value = ranged(entry.figure ?? null, entry.low ?? null, entry.high ?? null, entry.unit);
  const about = [entry.aspect && label("aspect", entry.aspect), entry.basis && label("basis", entry.basis), entry.as_of && say("as_of_date", { date: entry.as_of }), entry.confidence && label("confidence", entry.confidence)];
  const notes = entry.answers === false ? element("span", { class: "tag" }, say("beside")) : chosen ? element("span", { class: "tag strong" }, say("chosen")) : "";
  return element(
    "li",
    { class: entry.answers === false ? "beside" : "" },
    element("div", {}, element("strong", {}, value), " ", notes),
    element("div", { class: "dim" }, about.filter(Boolean).join(" · ")),
    entry.source ? element("ul", { class: "plain" }, sourceLine(entry.source)) : "",
    entry.note ? element("div", { class: "dim small" }, entry.note) : "",
  );
};

const disputes = (edge) => {
  const units = new Map();
  (edge.readings || []).filter((entry) => typeof entry === "object" && entry.answers !== false && isNumber(entry.figure)).forEach((entry) => {
    const key = `${entry.aspect}|${entry.unit}|${entry.as_of}`;
    units.set(key, (units.get(key) || new Set()).add(entry.figure));
  });
  return [...units.values()].some((values) => values.size > 1);
};
const isNumber = (value) => typeof value === "number";

const showEdge = (edge) => {
  const { amount, percent } = figures(edge);
  const chosen = new Set([amount.reading, percent.reading].filter(Boolean));
  if (!chosen.size) (edge.readings || []).slice(0, 1).forEach((entry) => chosen.add(entry));
  const title = `${nameOf(edge.source)} ${verbOf(edge)} ${nameOf(edge.target)}`;
  const readings = edge.readings || [];
  panel.append(
    heading(title, edgeColor(edge), label("layer", edge.layer) || edge.layer),
    element("p", { class: "amount", "data-testid": "evidence-amount" }, amountText(edge), edge.shared ? element("span", { class: "dim small" }, ` ${say("shared")}`) : ""),
    disputes(edge) ? element("p", { class: "warning" }, say("disputed")) : "",
    element(
      "dl",
      {},
      field("date", dateText(edge), "evidence-date"),
      field("status_field", [statusText(edge), edge.confidence ? label("confidence", edge.confidence) : ""].filter(Boolean).join(" · "), "evidence-status"),
      field("kind", edge.code ? label(edge.scheme || edge.kind, edge.code) : null),
      field("public_since", edge.known),
      field("mark", markText(edge), "evidence-mark"),
      field("note", edge.note),
    ),
    element("div", { class: "pair" }, jump(edge.source), jump(edge.target)),
    ...(readings.length ? [element("h3", {}, say("readings", { count: readings.length })), element("ol", { class: "readings" }, ...readings.slice(0, 40).map((entry) => reading(entry, chosen.has(entry))))] : []),
    element("h3", {}, say("sources", { count: (edge.sources || []).length })),
    (edge.sources || []).length ? element("ul", { class: "plain" }, ...edge.sources.map((source) => sourceLine(source, { "data-testid": "evidence-source" }))) : element("p", { class: "dim" }, say("no_source")),
    command(`capgraph evidence ${edge.id.split("#")[0]}`, edge.id.includes("/")),
  );
};

const jump = (id) => element("button", { type: "button", class: "chip", onclick: () => change({ node: id, edge: null, path: null }) }, nameOf(id));

const command = (text, fits) =>
  fits ? element("p", { class: "small" }, element("code", {}, text)) : "";

const showNode = (node) => {
  const links = linksOf.get(node.id).filter((edge) => shown.edges.has(edge.id));
  const hiddenLinks = linksOf.get(node.id).length - links.length;
  const worth = isNumber(node.value) ? `${quantity(node.value, "USD")}${node.value_aspect ? ` · ${label("aspect", node.value_aspect)} ${node.value_as_of || ""}` : ""}` : "";
  panel.append(
    heading(nameOf(node.id), null, [label("party-kind", node.kind), label("sector", node.sector)].filter(Boolean).join(" · ")),
    markText(node) ? element("p", { class: "warning", "data-testid": "evidence-mark" }, markText(node)) : "",
    worth ? element("p", { class: "amount" }, worth) : "",
    node.aliases && node.aliases.length ? element("p", { class: "dim" }, node.aliases.join(" · ")) : "",
    hiddenLinks > 0 ? element("p", {}, say("more_links", { count: hiddenLinks }), " ", element("button", { type: "button", class: "chip", onclick: () => bringNear(node.id) }, say("bring_near"))) : "",
    element("h3", {}, say("links", { count: links.length })),
    element("ul", { class: "links" }, ...links.map((edge) => linkRow(edge, node.id))),
  );
};

const linkRow = (edge, from) => {
  const forward = edge.source === from;
  const other = forward ? edge.target : edge.source;
  return element(
    "li",
    {},
    element(
      "button",
      { type: "button", class: "row", onclick: () => change({ edge: edge.id, node: null, path: null }) },
      element("span", { class: "bar", style: `background:${edgeColor(edge)}` }),
      element("span", {}, `${verbOf(edge, !forward)} `, element("strong", {}, nameOf(other)), element("span", { class: "dim" }, ` ${amountText(edge)} · ${dateText(edge)} · ${statusText(edge)}`)),
    ),
  );
};

const heading = (title, color, kind) =>
  element(
    "header",
    {},
    element("div", { class: "kicker", style: color ? `color:${inkOf(color)}` : null }, kind || ""),
    element("h2", { "data-testid": "evidence-title", tabindex: "-1", id: "evidence-title" }, title),
    element("button", { type: "button", class: "close", "aria-label": say("close"), onclick: () => change({ node: null, edge: null, path: null }) }, "×"),
  );

export const showEvidence = () => {
  panel.replaceChildren();
  const edge = state.edge !== null ? edges[edgeIndex.get(state.edge)] : null;
  const node = state.node !== null ? nodes[nodeIndex.get(state.node)] : null;
  panel.setAttribute("aria-label", say("evidence"));
  if (edge) showEdge(edge);
  else if (node) showNode(node);
  else if (graph.meta && graph.meta.intro) panel.append(element("p", {}, graph.meta.intro));
  panel.hidden = !(edge || node);
};

export const focusEvidence = () => document.getElementById("evidence-title")?.focus();
