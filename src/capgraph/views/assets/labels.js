// Names and amounts on the canvas: of one size at every zoom, never one over another, the important ones first.
import { edgeIndex, edges, nameOf, roughly, say, sizeOf } from "./model.js";
import { FONT, edgeColor, inkOf, palette } from "./looks.js";
import { pointOn, shown } from "./lines.js";

const SIZE = 12.5;
const LINE = 15;
const CELL = 80;
const AMOUNTS = 10;
const WIDE = /[\u2e80-\uffff]/;
const measures = new Map();

/** What already stands on the canvas, by cells, so that a look at one place does not ask everything. */
const plan = () => {
  const cells = new Map();
  const each = (box, visit) => {
    for (let x = Math.floor(box.x / CELL); x <= Math.floor((box.x + box.w) / CELL); x += 1) {
      for (let y = Math.floor(box.y / CELL); y <= Math.floor((box.y + box.h) / CELL); y += 1) visit(`${x} ${y}`);
    }
  };
  const meets = (one, other) => one.x < other.x + other.w && other.x < one.x + one.w && one.y < other.y + other.h && other.y < one.y + one.h;
  return {
    add: (box) => each(box, (cell) => cells.set(cell, [...(cells.get(cell) || []), box])),
    isFree: (box, except) => {
      let free = true;
      each(box, (cell) => (cells.get(cell) || []).forEach((other) => (free = free && (other === except || !meets(box, other)))));
      return free;
    },
  };
};

const width = (context, text) => {
  const key = `${context.font}|${text}`;
  if (!measures.has(key)) measures.set(key, context.measureText(text).width);
  return measures.get(key);
};

const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** A name in at most two lines, about equally long. */
export const lines = (name, signs = WIDE.test(name) ? 12 : 20) => {
  if (name.length <= signs) return [name || " "];
  const far = (place) => Math.abs(place - Math.min(name.length, 2 * signs) / 2);
  const spaces = [...name.matchAll(/\s/g)].map((found) => found.index).filter((place) => place <= signs && place >= 3);
  const split = spaces.length ? spaces.reduce((best, place) => (far(place) < far(best) ? place : best)) : signs;
  return [name.slice(0, split), cut(name.slice(split).trim(), signs)];
};

const font = (strong, size = SIZE) => `${strong ? 600 : 400} ${size}px ${FONT}`;

/** The places for a label around a glyph: below, above, right, left. */
const places = (at, radius, w, h) => [
  { x: at.x - w / 2, y: at.y + radius + 3, w, h },
  { x: at.x - w / 2, y: at.y - radius - 3 - h, w, h },
  { x: at.x + radius + 4, y: at.y - h / 2, w, h },
  { x: at.x - radius - 4 - w, y: at.y - h / 2, w, h },
];

const write = (context, text, x, y, ink) => {
  context.lineWidth = 3.5;
  context.lineJoin = "round";
  context.strokeStyle = palette().paper;
  context.strokeText(text, x, y);
  context.fillStyle = ink;
  context.fillText(text, x, y);
};

/** Push a label into the canvas sideways, if it nearly fits. */
const inside = (spot, room) => {
  const x = Math.min(Math.max(spot.x, 2), room.w - spot.w - 2);
  return Math.abs(x - spot.x) <= spot.w / 2 && spot.y >= 0 && spot.y + spot.h <= room.h ? { ...spot, x } : null;
};

const drawName = (context, taken, item) => {
  const room = { w: context.canvas.clientWidth, h: context.canvas.clientHeight };
  const small = room.w < 600;
  const text = lines(nameOf(item.id));
  context.font = font(item.strong, small ? 11 : SIZE);
  const w = Math.max(...text.map((line) => width(context, line))) + 4;
  const spots = places(item.at, item.radius, w, text.length * LINE).map((spot) => inside(spot, room)).filter(Boolean);
  const box = spots.find((spot) => taken.isFree(spot, item.glyph)) || (item.forced ? spots[0] : undefined);
  if (!box) return;
  taken.add(box);
  text.forEach((line, number) => write(context, line, box.x + box.w / 2, box.y + LINE * (number + 0.5), item.ink));
};

const drawAmount = (context, taken, id, toScreen) => {
  const edge = edges[edgeIndex.get(id)];
  if (!shown.edges.has(id) || !sizeOf(edge)) return;
  const text = edge.shared ? say("together", { amount: roughly(sizeOf(edge)) }) : roughly(sizeOf(edge));
  context.font = font(true, 11.5);
  const w = width(context, text) + 6;
  const box = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.2, 0.8]
    .map((along) => toScreen(pointOn(edgeIndex.get(id), along)))
    .map((point) => ({ x: point.x - w / 2, y: point.y - 8, w, h: 16 }))
    .find((spot) => taken.isFree(spot));
  if (!box) return;
  taken.add(box);
  context.fillStyle = palette().paper;
  context.globalAlpha = 0.88;
  context.fillRect(box.x, box.y, box.w, box.h);
  context.globalAlpha = 1;
  context.fillStyle = inkOf(edgeColor(edge));
  context.fillText(text, box.x + w / 2, box.y + 8.5);
};

/**
 * Draw names and amounts over a finished drawing.
 * `items` are the nodes in order of importance: {id, at, radius, ink, strong, forced, boxed}; `amounts` are ids of links.
 */
export const drawLabels = (context, items, amounts, toScreen) => {
  const ratio = context.canvas.width / context.canvas.clientWidth;
  context.save();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.textAlign = "center";
  context.textBaseline = "middle";
  const taken = plan();
  for (const item of items) {
    const { at, half = item.radius, radius } = item;
    item.glyph = { x: at.x - half, y: at.y - radius, w: 2 * half, h: 2 * radius };
    if (item.ink || item.boxed) taken.add(item.glyph);
  }
  items.filter((item) => !item.boxed && item.ink).forEach((item) => drawName(context, taken, item));
  amounts.forEach((id) => drawAmount(context, taken, id, toScreen));
  context.restore();
};

/** The links whose amounts are written: the lit ones if they are few, else the largest. */
export const withAmounts = (lit, hovered) => {
  const chosen = lit.length ? lit.slice(0, 24) : largest;
  return hovered === null || chosen.includes(hovered) ? chosen : [hovered, ...chosen];
};

let largest = [];
export const findLargest = () => {
  largest = edges.filter((edge) => shown.edges.has(edge.id)).sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, AMOUNTS).map((edge) => edge.id);
};

/** Headings of the columns in the arrangement by role. */
export const drawHeadings = (context, headings, toScreen) => {
  const ratio = context.canvas.width / context.canvas.clientWidth;
  context.save();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.textAlign = "center";
  context.textBaseline = "bottom";
  context.font = font(true, 12);
  for (const { text, x, y } of headings) {
    const at = toScreen({ x, y });
    write(context, text, at.x, at.y, palette().soft);
  }
  context.restore();
};

