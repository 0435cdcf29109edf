// The canvas: vis-network draws, positions are given, nothing moves by itself.
import { change, state } from "./state.js";
import { drawingData, edgeIndex, edges, graph, hasEnded, markOf, nameOf, nodeIndex, nodes, say, visible } from "./model.js";
import { FONT, dashOf, edgeColor, haloOf, headOf, isDark, isPlain, palette } from "./looks.js";
import { canvas, endsOf, hit, linePoints, shown, stage } from "./lines.js";
import { drawHeadings, drawLabels, findLargest, lines, withAmounts } from "./labels.js";
import { arrange, bringNear, byRole, given, isBoxed, prepare, scale } from "./places.js";
import { fit, letGo } from "./camera.js";

let hovered = { node: null, edge: null };
const drawn = new Map();
const markedEdges = edges.filter((edge) => markOf(edge));
const markedNodes = nodes.filter((node) => markOf(node));

/** The links that are emphasised: those of the path, the selected link, or the links of the selected node. */
export const highlighted = () => {
  if (state.path) return state.path.filter((id) => shown.edges.has(id));
  if (state.edge !== null) return shown.edges.has(state.edge) ? [state.edge] : [];
  if (state.node === null) return [];
  return edges.filter((edge) => shown.edges.has(edge.id) && (edge.source === state.node || edge.target === state.node)).map((edge) => edge.id);
};

// Looks ---------------------------------------------------------------------------------------------------------------

const edgeLook = (edge, lit, anyLit) => {
  const ended = hasEnded(edge);
  const plain = isPlain(shown.edges.size);
  return {
    hidden: !shown.edges.has(edge.id),
    dashes: plain ? false : dashOf(edge),
    head: plain ? "" : headOf(edge),
    opacity: anyLit ? (lit ? 1 : 0.07) : ended ? 0.45 : 0.75,
    color: ended ? palette().soft : edgeColor(edge),
    bend: byRole() ? "roles" : "near",
  };
};

const nodeLook = (node, lit, anyLit) => {
  const colors = palette();
  const chosen = node.id === state.node;
  const faded = anyLit && !lit && !chosen;
  return {
    hidden: !shown.nodes.has(node.id),
    fill: chosen ? colors.accent : faded ? colors.faint : colors.fill,
    ink: faded ? colors.faint : colors.ink,
    boxed: isBoxed(nodeIndex.get(node.id)),
    name: nameOf(node.id),
  };
};

/** Between columns a lone link swings from side to side, and several bow less than in the free arrangement. */
const bendOf = (given, columns) => {
  if (!columns) return given || { enabled: false };
  if (!given) return { enabled: true, type: "cubicBezier", forceDirection: "horizontal", roundness: 0.45 };
  return { ...given, roundness: given.roundness * 0.4 };
};

const edgeUpdate = (index, look) => {
  const head = look.head ? { enabled: true, type: look.head, scaleFactor: look.head === "arrow" ? 0.5 : 0.42 } : { enabled: false };
  const smooth = bendOf(drawingData.edges[index].smooth, look.bend === "roles");
  const color = { color: look.color, highlight: look.color, hover: look.color, inherit: false, opacity: look.opacity };
  return { id: `e${index}`, hidden: look.hidden, dashes: look.dashes, arrows: { to: head }, smooth, color };
};

const nodeUpdate = (index, look) => {
  const colors = palette();
  const both = (fill, border) => ({ background: fill, border, highlight: { background: fill, border }, hover: { background: fill, border } });
  if (!look.boxed) return { id: `n${index}`, hidden: look.hidden, shape: given[index].shape, label: " ", color: both(look.fill, look.fill), borderWidth: 1.5 };
  const chosen = look.fill === colors.accent;
  return {
    id: `n${index}`,
    hidden: look.hidden,
    shape: "box",
    label: lines(look.name, 16).join("\n"),
    margin: 6,
    shapeProperties: { borderRadius: 4 },
    borderWidth: chosen ? 2.5 : 1,
    color: both(colors.paper, chosen ? colors.accent : look.ink === colors.faint ? colors.faint : colors.soft),
    font: { size: 14, face: FONT, color: look.ink, strokeWidth: 0 },
  };
};

const differs = (id, look) => {
  const key = JSON.stringify(look) + (isDark() ? "d" : "l");
  if (drawn.get(id) === key) return false;
  drawn.set(id, key);
  return true;
};

/** Bring the canvas in step with the state, touching only what changed. */
const redraw = () => {
  Object.assign(shown, visible());
  const lit = new Set(highlighted());
  const litNodes = new Set([...lit].flatMap(endsOf));
  const anyLit = lit.size > 0 || state.node !== null;
  const changedEdges = edges.map((edge, index) => [index, edgeLook(edge, lit.has(edge.id), anyLit)]).filter(([index, look]) => differs(`e${index}`, look));
  const changedNodes = nodes.map((node, index) => [index, nodeLook(node, litNodes.has(node.id), anyLit)]).filter(([index, look]) => differs(`n${index}`, look));
  if (changedEdges.length) stage.edges.update(changedEdges.map(([index, look]) => edgeUpdate(index, look)));
  if (changedNodes.length) stage.nodes.update(changedNodes.map(([index, look]) => nodeUpdate(index, look)));
  stage.network.redraw();
};

export const refresh = () => {
  arrange();
  findShown();
  redraw();
};

const findShown = () => {
  Object.assign(shown, visible());
  findLargest();
};

// Names and amounts ---------------------------------------------------------------------------------------------------

const labelled = () => {
  const zoom = stage.network.getScale();
  const colors = palette();
  const lit = new Set(highlighted().flatMap(endsOf));
  const anyLit = lit.size > 0 || state.node !== null;
  return [...shown.nodes]
    .map((id) => {
      const index = nodeIndex.get(id);
      const boxed = isBoxed(index);
      const bright = !anyLit || lit.has(id) || id === state.node || id === hovered.node;
      const radius = given[index].size * scale.thick;
      const box = boxed ? stage.network.getBoundingBox(`n${index}`) : null;
      const rank = (id === state.node || id === hovered.node ? 1e4 : 0) + (anyLit && lit.has(id) ? 1e3 : 0) + given[index].size;
      return {
        id, rank, boxed,
        at: stage.network.canvasToDOM(stage.network.getPosition(`n${index}`)),
        radius: box ? ((box.bottom - box.top) / 2) * zoom : radius * zoom,
        half: box ? ((box.right - box.left) / 2) * zoom : radius * zoom,
        ink: bright ? colors.ink : "",
        strong: id === state.node || given[index].size >= 17,
        forced: id === state.node || id === hovered.node,
      };
    })
    .sort((a, b) => b.rank - a.rank || (a.id < b.id ? -1 : 1));
};

/** The halos of marked links and parties, under everything else. */
const drawUnder = (context) => {
  fillPaper(context);
  context.save();
  context.lineCap = "round";
  context.lineJoin = "round";
  const lit = new Set(highlighted());
  const anyLit = lit.size > 0 || state.node !== null;
  context.globalAlpha = anyLit ? 0.45 : 1;
  markedEdges.filter((edge) => shown.edges.has(edge.id) && (!anyLit || lit.has(edge.id))).forEach((edge) => {
    context.strokeStyle = haloOf(markOf(edge));
    context.lineWidth = widthOf(edge.id) * Math.sqrt(scale.thick) + 9 / stage.network.getScale();
    context.beginPath();
    linePoints(edge.id).forEach((point, place) => (place ? context.lineTo(point.x, point.y) : context.moveTo(point.x, point.y)));
    context.stroke();
  });
  markedNodes.filter((node) => shown.nodes.has(node.id)).forEach((node) => drawRing(context, node));
  context.restore();
};

const drawRing = (context, node) => {
  const index = nodeIndex.get(node.id);
  const at = stage.network.getPosition(`n${index}`);
  const box = isBoxed(index) ? stage.network.getBoundingBox(`n${index}`) : null;
  const gap = 7 / stage.network.getScale();
  context.fillStyle = markOf(node) === "struck" ? palette().accent : haloOf(markOf(node));
  context.beginPath();
  if (box) context.rect(box.left - gap, box.top - gap, box.right - box.left + 2 * gap, box.bottom - box.top + 2 * gap);
  else context.arc(at.x, at.y, given[index].size * scale.thick + gap, 0, 2 * Math.PI);
  context.fill();
};

const drawOver = (context) => {
  const toScreen = (point) => stage.network.canvasToDOM(point);
  const hoveredEdge = hovered.edge !== null && shown.edges.has(hovered.edge) ? hovered.edge : null;
  drawLabels(context, labelled(), withAmounts(highlighted(), hoveredEdge), toScreen);
  if (byRole()) drawHeadings(context, headings(), toScreen);
};

const headings = () => {
  const columns = new Map();
  given.forEach((node, index) => {
    if (isBoxed(index) && shown.nodes.has(nodes[index].id)) columns.set(node.role, [...(columns.get(node.role) || []), stage.network.getPosition(node.id)]);
  });
  const top = Math.min(...[...columns.values()].flat().map((place) => place.y));
  const middle = (column) => column.reduce((sum, place) => sum + place.x, 0) / column.length;
  return [...columns].map(([role, column]) => ({ text: say(`role_${role}`), x: middle(column), y: top - 34 }));
};

// Start ---------------------------------------------------------------------------------------------------------------

const fillPaper = (context) => {
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = palette().paper;
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.restore();
};

const hover = (next) => {
  hovered = { node: null, edge: null, ...next };
  stage.network.redraw();
};

const listen = (whenDrawn) => {
  stage.network.on("beforeDrawing", drawUnder);
  stage.network.on("afterDrawing", drawOver);
  stage.network.on("click", ({ pointer }) => change({ ...hit(pointer.DOM), path: null }));
  stage.network.on("doubleClick", ({ pointer }) => {
    const { node } = hit(pointer.DOM);
    if (node !== null) bringNear(node);
  });
  stage.network.on("hoverNode", ({ node }) => hover({ node: nodes[Number(node.slice(1))].id }));
  stage.network.on("blurNode", () => hover({}));
  stage.network.on("hoverEdge", ({ edge }) => hover({ edge: edges[Number(edge.slice(1))].id }));
  stage.network.on("blurEdge", () => hover({}));
  stage.network.on("zoom", letGo);
  stage.network.on("dragStart", letGo);
  stage.network.once("afterDrawing", whenDrawn);
};

export const start = (whenDrawn) => {
  findShown();
  const places = prepare();
  stage.nodes = new vis.DataSet(given.map((node, index) => ({ id: node.id, shape: node.shape, label: " ", size: node.size * scale.thick, ...places[index] })));
  stage.edges = new vis.DataSet(drawingData.edges.map((edge) => ({ ...edge, width: edge.width * Math.sqrt(scale.thick) })));
  const options = { ...drawingData.options, autoResize: true, height: "100%", width: "100%" };
  if (isPlain(Infinity)) options.interaction = { ...options.interaction, hideEdgesOnDrag: true, hideEdgesOnZoom: true, hover: false };
  stage.network = new vis.Network(canvas, { nodes: stage.nodes, edges: stage.edges }, options);
  listen(whenDrawn);
  refresh();
  fit();
};

// For exports ---------------------------------------------------------------------------------------------------------

export const picture = () => new Promise((resolve) => canvas.querySelector("canvas").toBlob(resolve, "image/png"));

export const glyphs = () =>
  [...shown.nodes].map((id) => {
    const index = nodeIndex.get(id);
    return { id, at: stage.network.getPosition(`n${index}`), radius: given[index].size * scale.thick, shape: given[index].shape };
  });

export const widthOf = (id) => drawingData.edges[edgeIndex.get(id)].width;

export const describe = () => say("canvas_label", { title: (graph.meta && (state.lang === "zh" ? graph.meta.title_zh : graph.meta.title)) || "capgraph", nodes: shown.nodes.size, links: shown.edges.size });
