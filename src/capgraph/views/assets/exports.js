// What is shown, as a picture, a drawing or a table to take away.
import { change, state } from "./state.js";
import { amountText, dateText, edgeIndex, edges, figures, graph, nameOf, nodeIndex, nodes, say, statusText, verbOf } from "./model.js";
import { layerColor, linePoints, lookOf, palette, picture, positions, shown } from "./drawing.js";
import { shownEdges } from "./table.js";

const download = (content, type, name) => {
  const link = document.createElement("a");
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 4000);
};

const escaped = (text) =>
  String(text)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/g, "")
    .replace(/[&<>"']/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" })[sign]);

const footer = () => [say("as_of_date", { date: state.asOf }), graph.meta && graph.meta.data_version].filter(Boolean).join(" · ");

const drawing = () => {
  const places = positions();
  const points = [...places.values()];
  const left = Math.min(...points.map((point) => point.x), 0) - 90;
  const right = Math.max(...points.map((point) => point.x), 0) + 90;
  const top = Math.min(...points.map((point) => point.y), 0) - 60;
  const bottom = Math.max(...points.map((point) => point.y), 0) + 70;
  const colors = palette();
  const lines = edges.filter((edge) => shown.edges.has(edge.id)).map((edge) => {
    const look = lookOf(edge);
    const curve = linePoints(edge.id).map((point, number) => `${number ? "L" : "M"}${point.x.toFixed(1)} ${point.y.toFixed(1)}`).join(" ");
    const dash = look.dashes ? ` stroke-dasharray="${look.dashes.join(" ")}"` : "";
    const title = `${nameOf(edge.source)} ${verbOf(edge)} ${nameOf(edge.target)}: ${amountText(edge)}`;
    return `<path d="${curve}" fill="none" stroke="${layerColor(edge.layer)}" stroke-width="1.6" stroke-opacity="0.75"${dash} marker-end="url(#tip)"><title>${escaped(title)}</title></path>`;
  });
  const dots = [...places].map(([id, point]) => {
    const size = 4 + Math.sqrt(Math.sqrt((nodes[nodeIndex.get(id)].value || 0) / 1e9)) * 2;
    return `<circle cx="${point.x}" cy="${point.y}" r="${size.toFixed(1)}" fill="${colors.fill}"/><text x="${point.x}" y="${(point.y + size + 14).toFixed(1)}" text-anchor="middle" font-size="13" fill="${colors.ink}" paint-order="stroke" stroke="${colors.paper}" stroke-width="3">${escaped(nameOf(id))}</text>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="${left} ${top} ${right - left} ${bottom - top}" font-family="system-ui, sans-serif" role="img"><title>${escaped(document.title)}</title><desc>${escaped(footer())}</desc><defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="${colors.soft}"/></marker></defs><rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" fill="${colors.paper}"/>${lines.join("")}${dots.join("")}<text x="${left + 12}" y="${bottom - 12}" font-size="12" fill="${colors.soft}">${escaped(footer())}</text></svg>\n`;
};

const cell = (value) => {
  const text = value === null || value === undefined ? "" : String(value);
  const inert = typeof value !== "number" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(inert) ? `"${inert.replace(/"/g, '""')}"` : inert;
};

const CSV = ["id", "source", "source_name", "relation", "target", "target_name", "layer", "amount", "currency", "percent", "date", "end", "status", "sources"];

const rows = () =>
  shownEdges().map((edge) => {
    const { amount, percent } = figures(edge);
    return [edge.id, edge.source, nameOf(edge.source), verbOf(edge), edge.target, nameOf(edge.target), edge.layer, amount.value, edge.currency, percent.value, edge.date, edge.end, statusText(edge), (edge.sources || []).map((source) => source.url || source.title).join(" ")];
  });

const csv = () => `\ufeff${[CSV, ...rows()].map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;

const copy = async (text, done) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say(done);
  document.getElementById("status").textContent = say(done);
};

const quoted = (word) => (/^[\w./-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`);

/** The command that makes a page like this one. */
export const commandLine = () => {
  const words = (graph.meta && graph.meta.command ? graph.meta.command : "capgraph view").split(" ");
  const picked = state.node !== null && !words.includes("--around") ? ["--around", quoted(state.node), "--hops", "1"] : [];
  const clock = graph.meta && graph.meta.as_of && state.asOf !== graph.meta.as_of ? [state.knownOn ? "--known-on" : "--as-of", state.asOf] : [];
  return [...words, ...picked, ...clock, "-o", "view.html"].join(" ");
};

document.getElementById("export-png").addEventListener("click", async () => download(await picture(), "image/png", "capgraph.png"));
document.getElementById("export-svg").addEventListener("click", () => download(drawing(), "image/svg+xml", "capgraph.svg"));
document.getElementById("export-csv").addEventListener("click", () => download(csv(), "text/csv;charset=utf-8", "capgraph.csv"));
document.getElementById("share").addEventListener("click", () => copy(location.href, "copied"));
document.getElementById("copy-command").addEventListener("click", () => copy(commandLine(), "copied_command"));
