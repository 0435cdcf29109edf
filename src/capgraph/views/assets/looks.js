// Colours, dashes and arrowheads: what a link or party looks like at the two clocks.
import { codes, edges, hasEnded, own, rungAt } from "./model.js";

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
export const DASHES = { rumoured: [2, 6], announced: [7, 6], conditional: [7, 6], signed: [15, 5] };
const ENDED = [2, 4];
const DEPENDENCY = [1, 4];
const MANY = 700;

export const isDark = () => document.documentElement.dataset.theme === "dark";

const LIGHT = { paper: "#ffffff", ink: "#1b1f24", soft: "#5b6470", fill: "#39424e", faint: "#dfe3e8", accent: "#b3261e", plus: "#a9d7f5", minus: "#ffd0a1", other: "#3a4149" };
const DARK = { paper: "#12161c", ink: "#e8ecf1", soft: "#9aa5b1", fill: "#c8d1dc", faint: "#2b333d", accent: "#ffd166", plus: "#1d5478", minus: "#7a4310", other: "#676b70" };
export const palette = () => (isDark() ? DARK : LIGHT);

/** The colour of a layer; layers that the ontology does not know share one grey. */
export const layerColor = (layer) => {
  const look = own(codes.looks, layer);
  return look ? (isDark() ? look.dark : look.light) : palette().other;
};

/** The colour of a link: that of its own class where the class has one, else of its layer. */
export const edgeColor = (edge) => {
  const given = isDark() ? edge.color_dark : edge.color;
  return typeof given === "string" && /^#[0-9a-f]{6}$/i.test(given) ? given : layerColor(edge.layer);
};

/** A colour for text: that of a line, brought closer to the ink, so that small letters can be read. */
export const inkOf = (color) => {
  const bytes = (text) => [1, 3, 5].map((place) => parseInt(text.slice(place, place + 2), 16));
  const ink = bytes(palette().ink);
  return `rgb(${bytes(color).map((byte, place) => Math.round(byte * 0.65 + ink[place] * 0.35)).join(" ")})`;
};

const ADDED = new Set(["appeared", "source", "leg"]);

/** The halo of a mark: cold for what is new or comes in, warm for what goes, costs or is hit. */
export const haloOf = (kind) => (ADDED.has(kind) ? palette().plus : palette().minus);

/** In a drawing of very many links arrows and dashes cost more than they tell. */
export const isPlain = (count) => edges.length > MANY && count > MANY;

export const dashOf = (edge) => {
  if (hasEnded(edge)) return ENDED;
  return own(DASHES, rungAt(edge)) || (edge.layer === "dependency" || edge.dash === "dotted" ? DEPENDENCY : false);
};

/** Solid where money runs, a diamond where shares or warrants go, open where neither does. */
export const headOf = (edge) => {
  if (edge.money !== "none") return "arrow";
  return edge.kind === "tranche" || edge.code === "warrant" ? "diamond" : "vee";
};

