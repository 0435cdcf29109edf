// The canvas: vis-network draws, positions are given, nothing moves by itself.
import { change, state } from "./state.js";
import { codes, drawingData, edgeIndex, edges, graph, hasEnded, money, nameOf, nodeIndex, nodes, rungAt, say, sizeOf, visible } from "./model.js";

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
const DASHES = { rumoured: [2, 6], announced: [7, 6], conditional: [7, 6], signed: [15, 5] };
const MANY = 700;
const AMOUNTS = 8;
const big = edges.length > MANY;

export const canvas = document.getElementById("canvas");
let network = null;
let nodeSet = null;
let edgeSet = null;
export const shown = { edges: new Set(), nodes: new Set() };
const drawn = new Map();

export const isDark = () => document.documentElement.dataset.theme === "dark";
export const palette = () =>
  isDark()
    ? { paper: "#12161c", ink: "#e8ecf1", soft: "#9aa5b1", fill: "#c8d1dc", faint: "#2b333d", accent: "#ffd166" }
    : { paper: "#ffffff", ink: "#1b1f24", soft: "#5b6470", fill: "#39424e", faint: "#dfe3e8", accent: "#b3261e" };

export const layerColor = (layer) => {
  const look = codes.looks[layer];
  return look ? (isDark() ? look.dark : look.light) : isDark() ? "#9aa5b1" : "#6b7480";
};

/** The links that are emphasised: those of the path, the selected link, or the links of the selected node. */
export const highlighted = () => {
  if (state.path) return state.path.filter((id) => shown.edges.has(id));
  if (state.edge !== null) return shown.edges.has(state.edge) ? [state.edge] : [];
  if (state.node === null) return [];
  return edges.filter((edge) => shown.edges.has(edge.id) && (edge.source === state.node || edge.target === state.node)).map((edge) => edge.id);
};

const arrowOf = (edge) => {
  if (big && shown.edges.size > MANY) return { to: { enabled: false } };
  const type = edge.money === "none" ? (edge.kind === "tranche" || edge.code === "warrant" ? "diamond" : "vee") : "arrow";
  return { to: { enabled: true, type, scaleFactor: type === "arrow" ? 0.5 : 0.42 } };
};

const edgeLook = (edge, lit, anyLit) => {
  const ended = hasEnded(edge);
  const hidden = !shown.edges.has(edge.id);
  const opacity = anyLit ? (lit ? 1 : 0.08) : ended ? 0.4 : 0.78;
  const rung = rungAt(edge);
  const plain = edge.layer === "dependency" ? [1, 4] : false;
  const dashes = big && shown.edges.size > MANY ? false : ended ? [2, 4] : DASHES[rung] || plain;
  return { hidden, dashes, opacity, color: ended ? palette().soft : layerColor(edge.layer) };
};

const nodeLook = (node, lit, anyLit) => {
  const colors = palette();
  const chosen = node.id === state.node;
  const faded = anyLit && !lit && !chosen;
  return {
    hidden: !shown.nodes.has(node.id),
    label: shortName(node.id),
    fill: chosen ? colors.accent : faded ? colors.faint : colors.fill,
    ink: faded ? colors.faint : colors.ink,
    bold: chosen,
  };
};

const shortName = (id) => {
  const name = nameOf(id);
  return name.length > 28 ? `${name.slice(0, 27)}…` : name || " ";
};

/** Bring the canvas in step with the state, touching only what changed. */
export const redraw = () => {
  Object.assign(shown, visible());
  const lit = new Set(highlighted());
  const litNodes = new Set([...lit].flatMap((id) => [edges[edgeIndex.get(id)].source, edges[edgeIndex.get(id)].target]));
  const anyLit = lit.size > 0 || state.node !== null;
  const changedEdges = [];
  edges.forEach((edge, index) => {
    const look = edgeLook(edge, lit.has(edge.id), anyLit);
    if (differs(`e${index}`, look)) {
      changedEdges.push({ id: `e${index}`, hidden: look.hidden, dashes: look.dashes, arrows: arrowOf(edge), color: { color: look.color, highlight: look.color, hover: look.color, inherit: false, opacity: look.opacity } });
    }
  });
  const changedNodes = [];
  nodes.forEach((node, index) => {
    const look = nodeLook(node, litNodes.has(node.id), anyLit);
    if (differs(`n${index}`, look)) {
      const color = { background: look.fill, border: look.fill, highlight: { background: look.fill, border: look.fill }, hover: { background: look.fill, border: look.fill } };
      changedNodes.push({ id: `n${index}`, hidden: look.hidden, label: look.label, color, font: { size: look.bold ? 16 : 14, face: FONT, color: look.ink, strokeWidth: 4, strokeColor: palette().paper } });
    }
  });
  if (changedEdges.length) edgeSet.update(changedEdges);
  if (changedNodes.length) nodeSet.update(changedNodes);
  network.redraw();
};

const differs = (id, look) => {
  const key = JSON.stringify(look) + (isDark() ? "d" : "l") + state.lang;
  if (drawn.get(id) === key) return false;
  drawn.set(id, key);
  return true;
};

/** Amounts beside the lit links, or the largest few: drawn by hand, because vis-network cannot clear a label. */
const drawAmounts = (context) => {
  const lit = highlighted();
  const scale = network.getScale();
  const chosen = lit.length && lit.length <= 24 ? lit : lit.length ? [] : largest;
  context.font = `${12 / Math.max(scale, 0.8)}px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const taken = [...shown.nodes].map((id) => network.getBoundingBox(`n${nodeIndex.get(id)}`)).filter(Boolean).map((box) => ({ x: box.left, y: box.top, w: box.right - box.left, h: box.bottom - box.top }));
  for (const id of chosen) {
    const edge = edges[edgeIndex.get(id)];
    if (!shown.edges.has(id) || !sizeOf(edge)) continue;
    const text = money(sizeOf(edge), "USD");
    const width = context.measureText(text).width;
    const frame = (at) => ({ x: at.x - width / 2, y: at.y - 8, w: width, h: 16 });
    const isFree = (box) => !taken.some((other) => box.x < other.x + other.w && other.x < box.x + box.w && box.y < other.y + other.h && other.y < box.y + box.h);
    const along = [0.5, 0.4, 0.6, 0.32, 0.68].find((part) => isFree(frame(middle(edgeIndex.get(id), part))));
    if (along === undefined) continue;
    const point = middle(edgeIndex.get(id), along);
    const box = frame(point);
    taken.push(box);
    context.fillStyle = palette().paper;
    context.globalAlpha = 0.9;
    context.fillRect(box.x - 3, box.y, box.w + 6, box.h);
    context.globalAlpha = 1;
    context.fillStyle = layerColor(edge.layer);
    context.fillText(text, point.x, point.y);
  }
};

let largest = [];
const findLargest = () => {
  largest = edges.filter((edge) => shown.edges.has(edge.id)).sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, AMOUNTS).map((edge) => edge.id);
};

const middle = (index, along) => {
  const type = network.body.edges[`e${index}`].edgeType;
  if (type.from === type.to) {
    const [x, y, radius] = type._getCircleData();
    return { x: x + radius * Math.cos(2 * Math.PI * along), y: y - radius * Math.sin(2 * Math.PI * along) };
  }
  return type.getPoint(along);
};

const onScreen = (point) => {
  const inside = network.canvasToDOM(point);
  const frame = canvas.getBoundingClientRect();
  return { x: frame.left + inside.x, y: frame.top + inside.y };
};

export const nodePoint = (id) => {
  if (!shown.nodes.has(id)) return null;
  const position = network.getPosition(`n${nodeIndex.get(id)}`);
  return onScreen(position);
};

/** A point where a click hits this link: on its line, away from nodes and other links if there is such a place. */
export const edgePoint = (id) => {
  if (!shown.edges.has(id)) return null;
  const index = edgeIndex.get(id);
  const places = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.2, 0.8, 0.15, 0.85];
  const free = places.find((along) => {
    const at = network.canvasToDOM(middle(index, along));
    return network.getNodeAt(at) === undefined && network.getEdgeAt(at) === `e${index}`;
  });
  return onScreen(middle(index, free ?? 0.5));
};

/** Fit all shown nodes into what the canvas has free. */
export const fit = () => {
  const ids = [...shown.nodes].map((id) => `n${nodeIndex.get(id)}`);
  if (!ids.length) return;
  network.fit({ nodes: ids, animation: false, minZoomLevel: 0.02, maxZoomLevel: 1.7 });
  const boxes = ids.map((id) => network.getBoundingBox(id)).filter(Boolean);
  if (boxes.length < 2) return;
  const left = Math.min(...boxes.map((box) => box.left));
  const right = Math.max(...boxes.map((box) => box.right));
  const top = Math.min(...boxes.map((box) => box.top));
  const bottom = Math.max(...boxes.map((box) => box.bottom));
  const scale = Math.min((canvas.clientWidth - 24) / (right - left), (canvas.clientHeight - 24) / (bottom - top), 1.7);
  network.moveTo({ position: { x: (left + right) / 2, y: (top + bottom) / 2 }, scale, animation: false });
};

/** Stretch the given positions to the shape of the canvas, so that the drawing fills it both ways. */
const stretched = () => {
  const xs = drawingData.nodes.map((node) => node.x);
  const ys = drawingData.nodes.map((node) => node.y);
  const wide = Math.max(...xs) - Math.min(...xs) || 1;
  const high = Math.max(...ys) - Math.min(...ys) || 1;
  const shape = (canvas.clientWidth / Math.max(1, canvas.clientHeight)) / (wide / high);
  const turn = Math.min(1.6, Math.max(0.5, Math.sqrt(shape)));
  return drawingData.nodes.map((node) => ({ ...node, x: Math.round(node.x * turn), y: Math.round(node.y / turn) }));
};

export const start = (whenDrawn) => {
  Object.assign(shown, visible());
  nodeSet = new vis.DataSet(stretched());
  edgeSet = new vis.DataSet(drawingData.edges);
  const options = { ...drawingData.options, autoResize: true, height: "100%", width: "100%" };
  if (big) options.interaction = { ...options.interaction, hideEdgesOnDrag: true, hideEdgesOnZoom: true, hover: false };
  network = new vis.Network(canvas, { nodes: nodeSet, edges: edgeSet }, options);
  network.on("beforeDrawing", (context) => {
    const { paper } = palette();
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = paper;
    context.fillRect(0, 0, context.canvas.width, context.canvas.height);
    context.restore();
  });
  network.on("afterDrawing", drawAmounts);
  network.on("click", ({ nodes: [node], edges: [edge], pointer }) => {
    if (node !== undefined) change({ node: nodes[Number(node.slice(1))].id, edge: null, path: null });
    else {
      const hit = edge ?? network.getEdgeAt(pointer.DOM);
      change(hit === undefined ? { node: null, edge: null, path: null } : { edge: edges[Number(hit.slice(1))].id, node: null, path: null });
    }
  });
  network.on("doubleClick", ({ nodes: [node] }) => {
    if (node !== undefined) bringNear(nodes[Number(node.slice(1))].id);
  });
  network.once("afterDrawing", whenDrawn);
  redraw();
  findLargest();
  fit();
};

/** Let the neighbours of a node join an overview that leaves them out. */
export const bringNear = (id) => {
  const near = edges.filter((edge) => edge.source === id || edge.target === id).flatMap((edge) => [edge.source, edge.target]);
  change({ extra: new Set([...state.extra, id, ...near.slice(0, 60)]), node: id, edge: null, path: null });
  settle(id, near);
};

/** Place what was brought in around its neighbour, where nothing stands yet. */
const settle = (id, near) => {
  const centre = network.getPosition(`n${nodeIndex.get(id)}`);
  const fresh = [...new Set(near)].filter((other) => other !== id && !nodes[nodeIndex.get(other)].overview);
  const moves = fresh.map((other, place) => {
    const turn = (2 * Math.PI * place) / Math.max(6, fresh.length);
    const ring = 150 + 70 * Math.floor(place / 16);
    return { id: `n${nodeIndex.get(other)}`, x: Math.round(centre.x + ring * 1.4 * Math.cos(turn)), y: Math.round(centre.y + ring * Math.sin(turn)) };
  });
  if (!state.all && moves.length) nodeSet.update(moves);
};

/** Bring a node and its neighbours into view without losing sight of the rest if they are there already. */
export const reveal = (id) => {
  const near = edges.filter((edge) => shown.edges.has(edge.id) && (edge.source === id || edge.target === id));
  const ids = [...new Set([id, ...near.flatMap((edge) => [edge.source, edge.target])])].map((other) => `n${nodeIndex.get(other)}`);
  network.fit({ nodes: ids, animation: false, maxZoomLevel: 1.2, minZoomLevel: 0.05 });
};

export const picture = () => {
  const source = canvas.querySelector("canvas");
  return new Promise((resolve) => source.toBlob(resolve, "image/png"));
};

export const positions = () => new Map([...shown.nodes].map((id) => [id, network.getPosition(`n${nodeIndex.get(id)}`)]));
export const linePoints = (id) => [0.02, 0.25, 0.5, 0.75, 0.98].map((along) => middle(edgeIndex.get(id), along));
export const lookOf = (edge) => edgeLook(edge, true, false);
export const refresh = () => {
  redraw();
  findLargest();
};
export const describe = () => say("canvas_label", { title: (graph.meta && (state.lang === "zh" ? graph.meta.title_zh : graph.meta.title)) || "capgraph", nodes: shown.nodes.size, links: shown.edges.size });

