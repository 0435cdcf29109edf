// Where lines run on the screen, and which one a pointer means.
import { edgeIndex, edges, nodeIndex, nodes } from "./model.js";

export const canvas = document.getElementById("canvas");
export const shown = { edges: new Set(), nodes: new Set() };

const REACH = 8;
const SAMPLES = 24;

/** vis-network and the two sets that it draws. */
export const stage = { network: null, nodes: null, edges: null };

const typeOf = (index) => stage.network.body.edges[`e${index}`].edgeType;

/** A point on the drawn line of a link, in the coordinates of the drawing. */
export const pointOn = (index, along) => {
  const type = typeOf(index);
  if (type.from === type.to) {
    const [x, y, radius] = type._getCircleData();
    return { x: x + radius * Math.cos(2 * Math.PI * along), y: y - radius * Math.sin(2 * Math.PI * along) };
  }
  if (!type.options.smooth.enabled) {
    return { x: (1 - along) * type.from.x + along * type.to.x, y: (1 - along) * type.from.y + along * type.to.y };
  }
  return type.getPoint(along);
};

const isStraight = (index) => {
  const type = typeOf(index);
  return type.from !== type.to && !type.options.smooth.enabled;
};

const outline = (index) => {
  const count = isStraight(index) ? 1 : SAMPLES;
  return Array.from({ length: count + 1 }, (_, place) => stage.network.canvasToDOM(pointOn(index, place / count)));
};

/** All shown lines as points within the canvas, with the frame that holds each. */
const outlines = () =>
  [...shown.edges].map((id) => {
    const points = outline(edgeIndex.get(id));
    const xs = points.map((point) => point.x);
    const ys = points.map((point) => point.y);
    return { id, points, left: Math.min(...xs) - REACH, right: Math.max(...xs) + REACH, top: Math.min(...ys) - REACH, bottom: Math.max(...ys) + REACH };
  });

const toSegment = (point, a, b) => {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const along = length ? Math.min(1, Math.max(0, ((point.x - a.x) * dx + (point.y - a.y) * dy) / length)) : 0;
  return Math.hypot(point.x - a.x - along * dx, point.y - a.y - along * dy);
};

const toLine = (point, points) => {
  let least = Infinity;
  for (let place = 1; place < points.length; place += 1) least = Math.min(least, toSegment(point, points[place - 1], points[place]));
  return least;
};

const nearest = (point, lines) => {
  let best = null;
  let least = REACH;
  for (const line of lines) {
    if (point.x < line.left || point.x > line.right || point.y < line.top || point.y > line.bottom) continue;
    const far = toLine(point, line.points);
    if (far < least) [best, least] = [line.id, far];
  }
  return best;
};

/** The node or link at a point within the canvas. */
export const hit = (point, lines = outlines()) => {
  const node = stage.network.getNodeAt(point);
  if (node !== undefined) return { node: nodes[Number(node.slice(1))].id, edge: null };
  return { node: null, edge: nearest(point, lines) };
};

const onScreen = (inside) => {
  const frame = canvas.getBoundingClientRect();
  return { x: frame.left + inside.x, y: frame.top + inside.y };
};

const isOpen = (point) => canvas.contains(document.elementFromPoint(point.x, point.y));

export const nodePoint = (id) => (shown.nodes.has(id) ? onScreen(stage.network.canvasToDOM(stage.network.getPosition(`n${nodeIndex.get(id)}`))) : null);

/** Where along a line to look for an open place: from the middle outwards. */
const PLACES = [0.5, ...Array.from({ length: 240 }, (_, place) => 0.5 + (place % 2 ? 1 : -1) * 0.004 * (Math.floor(place / 2) + 1))];

/** A point where a click hits this link: on its line, away from nodes, other links and what lies over the canvas. */
export const edgePoint = (id) => {
  if (!shown.edges.has(id)) return null;
  const index = edgeIndex.get(id);
  const lines = outlines();
  const candidates = PLACES.map((along) => onScreen(stage.network.canvasToDOM(pointOn(index, along))));
  const whole = ({ x, y }) => ({ x: Math.round(x), y: Math.round(y) });
  const frame = canvas.getBoundingClientRect();
  const hits = (point) => hit({ x: point.x - frame.left, y: point.y - frame.top }, lines).edge === id && isOpen(point);
  return candidates.map(whole).find(hits) || candidates.find(hits) || candidates[0];
};

/** The line of a link as points of the drawing, for an export. */
export const linePoints = (id) => {
  const index = edgeIndex.get(id);
  const count = isStraight(index) ? 1 : SAMPLES;
  return Array.from({ length: count + 1 }, (_, place) => pointOn(index, place / count));
};

export const endsOf = (id) => {
  const edge = edges[edgeIndex.get(id)];
  return [edge.source, edge.target];
};
