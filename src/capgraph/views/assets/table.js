// The same links as rows.
import { change, state } from "./state.js";
import { amountText, dateText, edges, label, nameOf, say, sizeOf, statusText, verbOf } from "./model.js";
import { shown } from "./lines.js";
import { element, focusEvidence } from "./evidence.js";

const part = document.getElementById("table-part");
const button = document.getElementById("table-toggle");

export const columns = () => ["from", "relation", "to", "layer", "amount", "date", "status"].map((name) => say(`column_${name}`));

export const shownEdges = () =>
  edges.filter((edge) => shown.edges.has(edge.id)).sort((a, b) => sizeOf(b) - sizeOf(a) || (a.id < b.id ? -1 : 1));

const open = (edge) => () => {
  change({ edge: edge.id, node: null, path: null });
  focusEvidence();
};

const row = (edge) =>
  element(
    "tr",
    { "data-testid": "data-row", "data-edge-id": edge.id, class: edge.id === state.edge ? "lit" : "" },
    element("th", { scope: "row" }, nameOf(edge.source)),
    element("td", {}, verbOf(edge)),
    element("td", {}, nameOf(edge.target)),
    element("td", { class: "tight" }, label("layer", edge.layer) || edge.layer),
    element("td", { class: "number" }, element("button", { type: "button", class: "link", onclick: open(edge) }, amountText(edge))),
    element("td", { class: "tight" }, dateText(edge)),
    element("td", {}, statusText(edge)),
  );

export const showTable = () => {
  button.setAttribute("aria-pressed", String(state.table));
  part.hidden = !state.table;
  document.body.classList.toggle("with-table", state.table);
  if (!state.table) {
    part.replaceChildren();
    return;
  }
  const rows = shownEdges();
  const table = element(
    "table",
    { "data-testid": "data-table" },
    element("caption", {}, say("table_caption", { count: rows.length, date: state.asOf })),
    element("thead", {}, element("tr", {}, ...columns().map((name) => element("th", { scope: "col" }, name)))),
    element("tbody", {}, ...rows.map(row)),
  );
  part.replaceChildren(table);
};

button.addEventListener("click", () => change({ table: !state.table }));
