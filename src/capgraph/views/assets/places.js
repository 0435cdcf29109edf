// Where parties stand: two given arrangements, and what joins an overview later.
import { change, state } from "./state.js";
import { drawingData, edges, isAllowed, linksOf, nodeIndex, nodes } from "./model.js";
import { canvas, shown, stage } from "./lines.js";

export const given = drawingData.nodes;
export const hasRoles = given.some((node) => node.rx !== undefined);

/** The arrangement by role is made for the first view only. */
export const byRole = () => state.roles && hasRoles && !state.all;

export const isBoxed = (index) => byRole() && given[index].rx !== undefined;

/** How much thicker than given glyphs and lines are drawn. */
export const scale = { thick: 1 };
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
  const zoom = Math.min(canvas.clientWidth / span(places, "x"), canvas.clientHeight / span(places, "y"));
  return given.length > 400 && !given.some((node) => node.rx !== undefined) ? 1 : Math.min(2.2, Math.max(1, 0.6 / zoom));
};

/** The place of every node in the chosen arrangement. */
const placed = () => {
  if (!byRole()) return turned;
  const members = given.filter((node) => node.rx !== undefined);
  const places = new Map(stretched(members.map((node) => ({ x: node.rx, y: node.ry }))).map((place, number) => [members[number].id, place]));
  return given.map((node, index) => places.get(node.id) || turned[index]);
};

/** Put all nodes where the chosen arrangement has them. */
export const arrange = () => {
  if (arranged === byRole()) return;
  arranged = byRole();
  stage.nodes.update(placed().map((place, index) => ({ id: given[index].id, ...place })));
};

/** Fit both arrangements to the shape of the canvas; the places of the free one. */
export const prepare = () => {
  turned = stretched(given.map(({ x, y }) => ({ x, y })));
  scale.thick = thickness(turned.filter((place, index) => shown.nodes.has(nodes[index].id)));
  arranged = false;
  return turned;
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
  const centre = stage.network.getPosition(`n${nodeIndex.get(id)}`);
  const fresh = [...new Set(near)].filter((other) => other !== id && !nodes[nodeIndex.get(other)].overview);
  const taken = [...shown.nodes].filter((other) => !fresh.includes(other)).map((other) => stage.network.getPosition(`n${nodeIndex.get(other)}`));
  const moves = fresh.map((other) => {
    const { x, y } = openSpot(centre, [...taken, centre]);
    taken.push({ x, y });
    return { id: `n${nodeIndex.get(other)}`, x, y };
  });
  if (moves.length) stage.nodes.update(moves);
};
