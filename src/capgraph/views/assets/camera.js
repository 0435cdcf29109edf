// What part of the drawing the canvas shows.
import { edgeIndex, edges, nodeIndex } from "./model.js";
import { canvas, pointOn, shown, stage } from "./lines.js";
import { byRole } from "./places.js";

const MARGIN = { left: 62, right: 62, top: 34, bottom: 46 };
let fitted = true;

/** The part of the canvas that nothing lies over. */
const room = () => {
  const frame = canvas.getBoundingClientRect();
  const start = { left: 0, top: 0, right: canvas.clientWidth, bottom: canvas.clientHeight };
  return ["evidence", "story"].map((id) => document.getElementById(id)).filter((over) => !over.hidden).reduce((free, over) => {
    const box = over.getBoundingClientRect();
    const cut = { left: box.left - frame.left, right: box.right - frame.left, top: box.top - frame.top, bottom: box.bottom - frame.top };
    if (cut.left >= free.right || cut.right <= free.left || cut.top >= free.bottom || cut.bottom <= free.top) return free;
    const rests = [{ ...free, right: cut.left }, { ...free, left: cut.right }, { ...free, bottom: cut.top }, { ...free, top: cut.bottom }];
    const area = (rest) => Math.max(0, rest.right - rest.left) * Math.max(0, rest.bottom - rest.top);
    return rests.reduce((best, rest) => (area(rest) > area(best) ? rest : best));
  }, start);
};

/** Show these nodes, as large as the room allows, names included. */
const frameNodes = (ids, most) => {
  const boxes = [...ids.map((id) => stage.network.getBoundingBox(`n${nodeIndex.get(id)}`)).filter(Boolean), ...bows(ids)];
  if (!boxes.length) return;
  const [left, right] = [Math.min(...boxes.map((box) => box.left)), Math.max(...boxes.map((box) => box.right))];
  const [top, bottom] = [Math.min(...boxes.map((box) => box.top)), Math.max(...boxes.map((box) => box.bottom))];
  const free = room();
  const narrow = canvas.clientWidth < 600;
  const margin = byRole() ? { left: 30, right: 44, top: 44, bottom: 18 } : narrow ? { ...MARGIN, left: 40, right: 40 } : MARGIN;
  const inner = { left: free.left + margin.left, right: free.right - margin.right, top: free.top + margin.top, bottom: free.bottom - margin.bottom };
  const scale = Math.max(0.02, Math.min((inner.right - inner.left) / (right - left || 1), (inner.bottom - inner.top) / (bottom - top || 1), most));
  const middle = { x: (inner.left + inner.right) / 2 - canvas.clientWidth / 2, y: (inner.top + inner.bottom) / 2 - canvas.clientHeight / 2 };
  stage.network.moveTo({ position: { x: (left + right) / 2 - middle.x / scale, y: (top + bottom) / 2 - middle.y / scale }, scale, animation: false });
};

/** How far curved links reach beyond the few parties that they tie. */
const bows = (ids) => {
  if (ids.length > 12) return [];
  const among = new Set(ids);
  const places = edges.filter((edge) => shown.edges.has(edge.id) && among.has(edge.source) && among.has(edge.target)).flatMap((edge) => [0.3, 0.5, 0.7].map((along) => pointOn(edgeIndex.get(edge.id), along)));
  return places.map(({ x, y }) => ({ left: x, right: x, top: y, bottom: y }));
};

let measured = "";

/** Let vis-network know at once when the canvas has got another size. */
const measure = () => {
  const size = `${canvas.clientWidth} ${canvas.clientHeight}`;
  if (size !== measured) stage.network.setSize("100%", "100%");
  measured = size;
};

/** Fit all shown nodes into what the canvas has free. */
export const fit = () => {
  fitted = true;
  measure();
  frameNodes([...shown.nodes], 1.7);
};

/** A drawing that nobody has moved stays fitted when the room for it changes. */
export const keepFitted = () => {
  if (fitted) fit();
};

/** Bring a node and its neighbours into view. */
export const reveal = (id) => {
  const near = edges.filter((edge) => shown.edges.has(edge.id) && (edge.source === id || edge.target === id));
  fitted = false;
  frameNodes([...new Set([id, ...near.flatMap((edge) => [edge.source, edge.target])])].filter((other) => shown.nodes.has(other)), 1.2);
};

export const revealAll = (ids) => {
  fitted = false;
  frameNodes(ids.filter((id) => shown.nodes.has(id)), 1.4);
};

export const letGo = () => {
  fitted = false;
};
