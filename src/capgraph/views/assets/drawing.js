// The canvas: vis-network draws, positions are given, nothing moves by itself.
import { change, state } from "./state.js";
import { drawingData, edgeIndex, edges, graph, hasEnded, isAllowed, linksOf, markOf, nameOf, nodeIndex, nodes, say, visible } from "./model.js";
import { FONT, dashOf, edgeColor, haloOf, headOf, isDark, isPlain, palette } from "./looks.js";
import { canvas, endsOf, hit, linePoints, pointOn, shown, useNetwork } from "./lines.js";
import { drawHeadings, drawLabels, findLargest, lines, withAmounts } from "./labels.js";

let network = null;
let nodeSet = null;
let edgeSet = null;
let hovered = { node: null, edge: null };
const drawn = new Map();
const given = drawingData.nodes;
const markedEdges = edges.filter((edge) => markOf(edge));
const markedNodes = nodes.filter((node) => markOf(node));
export const hasRoles = given.some((node) => node.rx !== undefined);

/** The arrangement by role is made for the first view only. */
export const byRole = () => state.roles && hasRoles && !state.all;

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

const isBoxed = (index) => byRole() && given[index].rx !== undefined;

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
  if (changedEdges.length) edgeSet.update(changedEdges.map(([index, look]) => edgeUpdate(index, look)));
  if (changedNodes.length) nodeSet.update(changedNodes.map(([index, look]) => nodeUpdate(index, look)));
  network.redraw();
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
  const scale = network.getScale();
  const colors = palette();
  const lit = new Set(highlighted().flatMap(endsOf));
  const anyLit = lit.size > 0 || state.node !== null;
  return [...shown.nodes]
    .map((id) => {
      const index = nodeIndex.get(id);
      const boxed = isBoxed(index);
      const bright = !anyLit || lit.has(id) || id === state.node || id === hovered.node;
      const radius = given[index].size * thick;
      const box = boxed ? network.getBoundingBox(`n${index}`) : null;
      const rank = (id === state.node || id === hovered.node ? 1e4 : 0) + (anyLit && lit.has(id) ? 1e3 : 0) + given[index].size;
      return {
        id, rank, boxed,
        at: network.canvasToDOM(network.getPosition(`n${index}`)),
        radius: box ? ((box.bottom - box.top) / 2) * scale : radius * scale,
        half: box ? ((box.right - box.left) / 2) * scale : radius * scale,
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
    context.lineWidth = widthOf(edge.id) * Math.sqrt(thick) + 9 / network.getScale();
    context.beginPath();
    linePoints(edge.id).forEach((point, place) => (place ? context.lineTo(point.x, point.y) : context.moveTo(point.x, point.y)));
    context.stroke();
  });
  markedNodes.filter((node) => shown.nodes.has(node.id)).forEach((node) => drawRing(context, node));
  context.restore();
};

const drawRing = (context, node) => {
  const index = nodeIndex.get(node.id);
  const at = network.getPosition(`n${index}`);
  const box = isBoxed(index) ? network.getBoundingBox(`n${index}`) : null;
  const gap = 7 / network.getScale();
  context.fillStyle = markOf(node) === "struck" ? palette().accent : haloOf(markOf(node));
  context.beginPath();
  if (box) context.rect(box.left - gap, box.top - gap, box.right - box.left + 2 * gap, box.bottom - box.top + 2 * gap);
  else context.arc(at.x, at.y, given[index].size * thick + gap, 0, 2 * Math.PI);
  context.fill();
};

const drawOver = (context) => {
  const toScreen = (point) => network.canvasToDOM(point);
  const hoveredEdge = hovered.edge !== null && shown.edges.has(hovered.edge) ? hovered.edge : null;
  drawLabels(context, labelled(), withAmounts(highlighted(), hoveredEdge), toScreen);
  if (byRole()) drawHeadings(context, headings(), toScreen);
};

const headings = () => {
  const columns = new Map();
  given.forEach((node, index) => {
    if (isBoxed(index) && shown.nodes.has(nodes[index].id)) columns.set(node.role, [...(columns.get(node.role) || []), network.getPosition(node.id)]);
  });
  const top = Math.min(...[...columns.values()].flat().map((place) => place.y));
  const middle = (column) => column.reduce((sum, place) => sum + place.x, 0) / column.length;
  return [...columns].map(([role, column]) => ({ text: say(`role_${role}`), x: middle(column), y: top - 34 }));
};

// The view ------------------------------------------------------------------------------------------------------------

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
  const boxes = [...ids.map((id) => network.getBoundingBox(`n${nodeIndex.get(id)}`)).filter(Boolean), ...bows(ids)];
  if (!boxes.length) return;
  const [left, right] = [Math.min(...boxes.map((box) => box.left)), Math.max(...boxes.map((box) => box.right))];
  const [top, bottom] = [Math.min(...boxes.map((box) => box.top)), Math.max(...boxes.map((box) => box.bottom))];
  const free = room();
  const narrow = canvas.clientWidth < 600;
  const margin = byRole() ? { left: 30, right: 44, top: 44, bottom: 18 } : narrow ? { ...MARGIN, left: 40, right: 40 } : MARGIN;
  const inner = { left: free.left + margin.left, right: free.right - margin.right, top: free.top + margin.top, bottom: free.bottom - margin.bottom };
  const scale = Math.max(0.02, Math.min((inner.right - inner.left) / (right - left || 1), (inner.bottom - inner.top) / (bottom - top || 1), most));
  const middle = { x: (inner.left + inner.right) / 2 - canvas.clientWidth / 2, y: (inner.top + inner.bottom) / 2 - canvas.clientHeight / 2 };
  network.moveTo({ position: { x: (left + right) / 2 - middle.x / scale, y: (top + bottom) / 2 - middle.y / scale }, scale, animation: false });
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
  if (size !== measured) network.setSize("100%", "100%");
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

// Arrangements --------------------------------------------------------------------------------------------------------

let thick = 1;
let turned = [];
let arranged = null;

const span = (places, axis) => {
  const all = places.map((place) => place[axis]);
  return all.reduce((most, one) => Math.max(most, one), -Infinity) - all.reduce((least, one) => Math.min(least, one), Infinity) || 1;
};

/** Widen or heighten positions to the shape of the canvas; never closer, or names would meet. */
const stretched = (places) => {
  const shape = (canvas.clientWidth / Math.max(1, canvas.clientHeight)) * (span(places, "y") / span(places, "x"));
  const [across, down] = [Math.min(2.4, Math.max(1, shape)), Math.min(2.4, Math.max(1, 1 / shape))];
  return places.map(({ x, y }) => ({ x: Math.round(x * across), y: Math.round(y * down) }));
};

/** On a small canvas all is drawn small; glyphs and lines then grow, so that they can be seen and touched. */
const thickness = (places) => {
  const scale = Math.min(canvas.clientWidth / span(places, "x"), canvas.clientHeight / span(places, "y"));
  return given.length > 400 && !given.some((node) => node.rx !== undefined) ? 1 : Math.min(2.2, Math.max(1, 0.6 / scale));
};

/** The place of every node in the chosen arrangement. */
const placed = () => {
  if (!byRole()) return turned;
  const members = given.filter((node) => node.rx !== undefined);
  const places = new Map(stretched(members.map((node) => ({ x: node.rx, y: node.ry }))).map((place, number) => [members[number].id, place]));
  return given.map((node, index) => places.get(node.id) || turned[index]);
};

/** Put all nodes where the chosen arrangement has them. */
const arrange = () => {
  if (arranged === byRole()) return;
  arranged = byRole();
  nodeSet.update(placed().map((place, index) => ({ id: given[index].id, ...place })));
};

/** Let the neighbours of a node join an overview that leaves them out. */
export const bringNear = (id) => {
  bringIn([id]);
  const near = edges.filter((edge) => edge.source === id || edge.target === id).flatMap((edge) => [edge.source, edge.target]);
  change({ extra: new Set([...state.extra, id, ...near.slice(0, 60)]), node: id, edge: null, path: null });
  settle(id, near);
};

/** Let parties join an overview that leaves them out, each beside one that it is linked to. */
export const bringIn = (ids) => {
  const fresh = ids.filter((id) => !isAllowed(id));
  if (!fresh.length) return;
  const wanted = new Set(ids);
  const anchors = new Map();
  fresh.forEach((id) => {
    const near = linksOf.get(id).map((edge) => (edge.source === id ? edge.target : edge.source)).filter((other) => other !== id && isAllowed(other));
    const anchor = near.find((other) => wanted.has(other)) ?? near[0];
    if (anchor !== undefined) anchors.set(anchor, [...(anchors.get(anchor) || []), id]);
  });
  state.extra = new Set([...state.extra, ...fresh]);
  anchors.forEach((near, anchor) => settle(anchor, near));
};

const RINGS = [130, 190, 250, 320];

/** Where around a place there is most room: the first spot with enough, else the widest. */
const openSpot = (centre, taken) => {
  let best = null;
  for (const ring of RINGS) {
    for (let part = 0; part < 20; part += 1) {
      const turn = (2 * Math.PI * part) / 20;
      const spot = { x: Math.round(centre.x + 1.3 * ring * Math.cos(turn)), y: Math.round(centre.y + ring * Math.sin(turn)) };
      const gap = Math.min(...taken.map((other) => Math.hypot((spot.x - other.x) * 0.7, spot.y - other.y)));
      if (!best || gap > best.gap) best = { ...spot, gap };
      if (gap >= 75) return spot;
    }
  }
  return best;
};

/** Place what was brought in around its neighbour. */
const settle = (id, near) => {
  if (state.all) return;
  const centre = network.getPosition(`n${nodeIndex.get(id)}`);
  const fresh = [...new Set(near)].filter((other) => other !== id && !nodes[nodeIndex.get(other)].overview);
  const taken = [...shown.nodes].filter((other) => !fresh.includes(other)).map((other) => network.getPosition(`n${nodeIndex.get(other)}`));
  const moves = fresh.map((other) => {
    const { x, y } = openSpot(centre, [...taken, centre]);
    taken.push({ x, y });
    return { id: `n${nodeIndex.get(other)}`, x, y };
  });
  if (moves.length) nodeSet.update(moves);
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
  network.redraw();
};

const listen = (whenDrawn) => {
  network.on("beforeDrawing", drawUnder);
  network.on("afterDrawing", drawOver);
  network.on("click", ({ pointer }) => change({ ...hit(pointer.DOM), path: null }));
  network.on("doubleClick", ({ pointer }) => {
    const { node } = hit(pointer.DOM);
    if (node !== null) bringNear(node);
  });
  network.on("hoverNode", ({ node }) => hover({ node: nodes[Number(node.slice(1))].id }));
  network.on("blurNode", () => hover({}));
  network.on("hoverEdge", ({ edge }) => hover({ edge: edges[Number(edge.slice(1))].id }));
  network.on("blurEdge", () => hover({}));
  network.on("zoom", () => (fitted = false));
  network.on("dragStart", () => (fitted = false));
  network.once("afterDrawing", whenDrawn);
};

export const start = (whenDrawn) => {
  findShown();
  turned = stretched(given.map(({ x, y }) => ({ x, y })));
  thick = thickness(turned.filter((place, index) => shown.nodes.has(nodes[index].id)));
  nodeSet = new vis.DataSet(given.map((node, index) => ({ id: node.id, shape: node.shape, label: " ", size: node.size * thick, ...turned[index] })));
  edgeSet = new vis.DataSet(drawingData.edges.map((edge) => ({ ...edge, width: edge.width * Math.sqrt(thick) })));
  const options = { ...drawingData.options, autoResize: true, height: "100%", width: "100%" };
  if (isPlain(Infinity)) options.interaction = { ...options.interaction, hideEdgesOnDrag: true, hideEdgesOnZoom: true, hover: false };
  network = new vis.Network(canvas, { nodes: nodeSet, edges: edgeSet }, options);
  useNetwork(network);
  listen(whenDrawn);
  arranged = false;
  refresh();
  fit();
};

// For exports ---------------------------------------------------------------------------------------------------------

export const picture = () => new Promise((resolve) => canvas.querySelector("canvas").toBlob(resolve, "image/png"));

export const glyphs = () =>
  [...shown.nodes].map((id) => {
    const index = nodeIndex.get(id);
    return { id, at: network.getPosition(`n${index}`), radius: given[index].size * thick, shape: given[index].shape };
  });

export const widthOf = (id) => drawingData.edges[edgeIndex.get(id)].width;

export const describe = () => say("canvas_label", { title: (graph.meta && (state.lang === "zh" ? graph.meta.title_zh : graph.meta.title)) || "capgraph", nodes: shown.nodes.size, links: shown.edges.size });
