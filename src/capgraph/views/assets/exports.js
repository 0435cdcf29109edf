// What is shown, as a picture, a drawing or a table to take away.
import { state } from "./state.js";
import { amountText, edges, figures, graph, nameOf, say, statusText, verbOf } from "./model.js";
import { glyphs, picture, widthOf } from "./drawing.js";
import { dashOf, edgeColor, palette } from "./looks.js";
import { linePoints, shown } from "./lines.js";
import { lines as labelLines } from "./labels.js";
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

const CORNERS = { diamond: 4, triangle: 3, triangleDown: 3, star: 10, hexagon: 6, square: 4 };
const FIRST = { diamond: -90, triangle: -90, triangleDown: 90, star: -90, hexagon: 0, square: 45 };

/** A glyph as vis-network draws it: a circle, or so many corners around its place. */
const glyph = ({ at, radius, shape }, fill) => {
  const corners = CORNERS[shape];
  if (!corners) return `<circle cx="${at.x}" cy="${at.y}" r="${radius.toFixed(1)}" fill="${fill}"/>`;
  const points = Array.from({ length: corners }, (_, place) => {
    const turn = ((FIRST[shape] + (360 / corners) * place) * Math.PI) / 180;
    const far = radius * (shape === "star" && place % 2 ? 0.5 : 1.15);
    return `${(at.x + far * Math.cos(turn)).toFixed(1)},${(at.y + far * Math.sin(turn)).toFixed(1)}`;
  });
  return `<polygon points="${points.join(" ")}" fill="${fill}"/>`;
};

const line = (edge) => {
  const points = linePoints(edge.id);
  const curve = points.map((point, number) => `${number ? "L" : "M"}${point.x.toFixed(1)} ${point.y.toFixed(1)}`).join(" ");
  const dashes = dashOf(edge);
  const dash = dashes ? ` stroke-dasharray="${dashes.join(" ")}"` : "";
  const title = `${nameOf(edge.source)} ${verbOf(edge)} ${nameOf(edge.target)}: ${amountText(edge)}`;
  const color = edgeColor(edge);
  return `<path d="${curve}" fill="none" stroke="${color}" stroke-width="${widthOf(edge.id)}" stroke-opacity="0.8"${dash}><title>${escaped(title)}</title></path>${head(points, edge, color)}`;
};

/** An arrowhead in the middle of a line: where money goes, filled; open where none runs. */
const head = (points, edge, color) => {
  const place = Math.max(1, Math.round((points.length - 1) * 0.62));
  const [a, b] = points.length === 2 ? points : [points[place - 1], points[place]];
  const at = points.length === 2 ? { x: a.x + (b.x - a.x) * 0.62, y: a.y + (b.y - a.y) * 0.62 } : b;
  const turn = (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI;
  const fill = edge.money === "none" ? "none" : color;
  return `<path d="M-4 -4 L5 0 L-4 4" transform="translate(${at.x.toFixed(1)} ${at.y.toFixed(1)}) rotate(${turn.toFixed(1)})" fill="${fill}" stroke="${color}" stroke-width="1.2"/>`;
};

const caption = ({ id, at, radius }, colors) => {
  const lines = labelLines(nameOf(id));
  return lines
    .map((text, number) => `<text x="${at.x}" y="${(at.y + radius + 14 + 14 * number).toFixed(1)}" text-anchor="middle" font-size="12.5" fill="${colors.ink}" paint-order="stroke" stroke="${colors.paper}" stroke-width="3">${escaped(text)}</text>`)
    .join("");
};

const drawing = () => {
  const marks = glyphs();
  const colors = palette();
  const span = (axis, low, high) => [Math.min(0, ...marks.map((mark) => mark.at[axis])) - low, Math.max(0, ...marks.map((mark) => mark.at[axis])) + high];
  const [[left, right], [top, bottom]] = [span("x", 100, 100), span("y", 60, 80)];
  const lines = edges.filter((edge) => shown.edges.has(edge.id)).map(line);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${left} ${top} ${right - left} ${bottom - top}" font-family="system-ui, 'Noto Sans CJK SC', sans-serif" role="img">`,
    `<title>${escaped(document.title)}</title><desc>${escaped(footer())}</desc>`,
    `<rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" fill="${colors.paper}"/>`,
    ...lines,
    ...marks.map((mark) => glyph(mark, colors.fill)),
    ...marks.map((mark) => caption(mark, colors)),
    `<text x="${left + 12}" y="${bottom - 12}" font-size="12" fill="${colors.soft}">${escaped(footer())}</text></svg>\n`,
  ].join("");
};

const cell = (value) => {
  const text = value === null || value === undefined ? "" : String(value);
  const inert = typeof value !== "number" && /^[\s\u0000-\u001f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(inert) ? `"${inert.replace(/"/g, '""')}"` : inert;
};

const CSV = ["id", "source", "source_name", "relation", "target", "target_name", "layer", "amount", "currency", "percent", "date", "end", "status", "sources"];

const isNothing = (value) => value === null || value === undefined;

const rows = () =>
  shownEdges().map((edge) => {
    const { amount, percent } = figures(edge);
    return [edge.id, edge.source, nameOf(edge.source), verbOf(edge), edge.target, nameOf(edge.target), edge.layer, amount.value, isNothing(amount.value) ? null : amount.unit, percent.value, edge.date, edge.end, statusText(edge), (edge.sources || []).map((source) => source.url || source.title).join(" ")];
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
