// The graph and what of it is shown at the two clocks.
import { compareDates, firstOf, hasCome, lastOf, sortedDates } from "./dates.js";
import { state } from "./state.js";

const json = (id) => JSON.parse(document.getElementById(id).textContent);

export const graph = json("graph-data");
export const drawingData = json("drawing-data");
export const codes = json("code-data");
const words = json("word-data");

export const nodes = graph.nodes;
export const edges = graph.edges;
export const nodeIndex = new Map(nodes.map((node, index) => [node.id, index]));
export const edgeIndex = new Map(edges.map((edge, index) => [edge.id, index]));
export const hasOverview = nodes.some((node) => node.overview) && nodes.some((node) => !node.overview);

export const linksOf = new Map(nodes.map((node) => [node.id, []]));
edges.forEach((edge) => {
  linksOf.get(edge.source).push(edge);
  if (edge.target !== edge.source) linksOf.get(edge.target).push(edge);
});

/** A value that an object itself holds: ids and codes of the data may be named like parts of every object. */
export const own = (object, key) => (Object.hasOwn(object, key) ? object[key] : undefined);

// Words ---------------------------------------------------------------------------------------------------------------

const place = () => (state.lang === "zh" ? 1 : 0);

/** Words of the interface, with {placeholders} filled. */
export const say = (key, values = {}) =>
  (own(words, key) ? words[key][place()] : key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));

/** The label of a code, the code itself where its list has no such code. */
export const label = (scheme, code) => {
  if (!code) return "";
  const known = own(own(codes, scheme) || {}, code);
  return known ? known[place()] : code;
};

export const nameOf = (id) => {
  const node = nodes[nodeIndex.get(id)];
  return (state.lang === "zh" && node.label_zh) || node.label || node.id;
};

/** The verb of a link as the data give it, else the name of its layer. */
export const verbOf = (edge, back = false) => {
  const name = back ? "verb_back" : "verb";
  return (state.lang === "zh" && edge[`${name}_zh`]) || edge[name] || (back ? "←" : "→");
};

const grouped = (number, digits) => number.toLocaleString("en-US", { maximumFractionDigits: digits });

const scaled = (number) => {
  const steps = state.lang === "zh" ? [[1e12, "万亿"], [1e8, "亿"], [1e4, "万"]] : [[1e12, " tn"], [1e9, " bn"], [1e6, " m"]];
  const step = steps.find(([size]) => Math.abs(number) >= size);
  if (!step) return grouped(number, 2);
  const figure = number / step[0];
  const digits = Math.max(0, 3 - Math.floor(Math.log10(Math.abs(figure))));
  return grouped(figure, Math.min(3, digits)) + step[1];
};

export const money = (amount, currency) => {
  if (state.lang !== "zh") return `${currency || "USD"} ${scaled(amount)}`;
  return `${scaled(amount)}${label("unit", currency || "USD")}`;
};

/** An amount in three digits, for the drawing. */
export const roughly = (amount) => {
  const rounded = Number(Number(amount).toPrecision(3));
  return state.lang === "zh" ? money(rounded, "USD") : `$${scaled(rounded).trim()}`;
};

export const quantity = (value, unit) => {
  if (unit === "percent") return state.lang === "zh" ? `${grouped(value, 2)}%` : `${grouped(value, 2)} %`;
  if (!unit || codes.money.includes(unit)) return money(value, unit);
  return state.lang === "zh" ? `${scaled(value)}${label("unit", unit)}` : `${grouped(value, 2)} ${label("unit", unit)}`;
};

/** A value with its range, or a bound alone; the word for undisclosed where there is nothing. */
export const ranged = (value, low, high, unit) => {
  const known = (number) => number !== null && number !== undefined;
  if (known(value)) {
    const wide = (known(low) && low !== value) || (known(high) && high !== value);
    const ends = [known(low) ? low : value, known(high) ? high : value].map((end) => quantity(end, unit));
    return wide ? `${quantity(value, unit)} (${ends.join("–")})` : quantity(value, unit);
  }
  if (known(low) && known(high)) return `${quantity(low, unit)}–${quantity(high, unit)}`;
  if (known(high)) return say("at_most", { value: quantity(high, unit) });
  if (known(low)) return say("at_least", { value: quantity(low, unit) });
  return say("undisclosed");
};

// The clocks ----------------------------------------------------------------------------------------------------------

const dated = edges.flatMap((edge) => [edge.date, edge.end]).filter(Boolean);
const starts = edges.map((edge) => edge.date).filter(Boolean);
const asked = (graph.meta && graph.meta.as_of) || "";

/** The last day of the slider: the day the graph was made for, or the last start if that is later. */
export const lastDay = sortedDates([...(asked ? [lastOf(asked)] : []), ...starts.map(firstOf)]).at(-1) || "1970-01-01";

/** The days on which something begins or ends, up to the last day: whole days, so that the slider never goes back. */
export const stops = sortedDates([...dated.map(firstOf).filter((day) => day <= lastDay), lastDay]);

/** Whether a source of this date was public at the asked day; one without a date counts on the last day only. */
const knownBy = (date) => !state.knownOn || (date ? hasCome(date, state.asOf) : state.asOf === lastDay);

export const hasEnded = (edge) => Boolean(edge.end) && hasCome(edge.end, state.asOf) && (!state.knownOn || !edge.end_known || knownBy(edge.end_known));

/** The status of a link at the clocks: the last row of its log that had come and was public, else as given. */
export const statusAt = (edge) => {
  const log = (edge.statuses || []).filter((row) => (!row.date || hasCome(row.date, state.asOf)) && knownBy(row.known));
  const rank = (row) => own(codes.ladder, row.rung) || 0;
  const last = log.reduce((best, row) => {
    if (!best) return row;
    const order = compareDates(row.date || "0000", best.date || "0000");
    return order > 0 || (order === 0 && rank(row) >= rank(best)) ? row : best;
  }, null);
  return last || { status: edge.status || null, rung: edge.rung || null };
};

const LADDER_WORDS = ["rumoured", "announced", "conditional", "signed", "closed"];

/** The rung of a link: in force (empty) for things that are no promises. */
export const rungAt = (edge) => {
  const { status, rung } = statusAt(edge);
  return rung || (LADDER_WORDS.includes(status) ? status : "");
};

export const rungs = LADDER_WORDS.concat("").filter((rung) =>
  edges.some((edge) => rungAt(edge) === rung || (edge.statuses || []).some((row) => row.rung === rung)),
);
export const layers = [...new Set(Object.keys(codes.looks).concat(edges.map((edge) => edge.layer)))].filter((layer) =>
  edges.some((edge) => edge.layer === layer),
);

const isKnown = (number) => number !== null && number !== undefined;

/** The figures of a link at the clocks: the first ranked reading that qualifies, else as given. */
export const figures = (edge) => {
  const ranked = (edge.readings || []).filter((reading) => typeof reading === "object" && reading.answers !== false);
  const isPercent = (reading) => reading.unit === "percent";
  const isMoney = (reading) => !reading.unit || codes.money.includes(reading.unit);
  const last = state.asOf === lastDay && !state.knownOn;
  const chosen = (fits) =>
    ranked.find((reading) => fits(reading) && (!reading.as_of || hasCome(lastOf(reading.as_of), state.asOf)) && knownBy(reading.known));
  const given = (name) => edge[name] ?? null;
  const pick = (fits, name, unit) => {
    const stands = [given(name), given(`${name}_low`), given(`${name}_high`)];
    if (!ranked.some(fits) || (last && stands.some(isKnown))) return { value: stands[0], low: stands[1], high: stands[2], unit };
    const reading = chosen(fits);
    return reading
      ? { value: reading.figure ?? null, low: reading.low ?? null, high: reading.high ?? null, unit: reading.unit || unit, reading }
      : { value: null, low: null, high: null, unit };
  };
  return { amount: pick(isMoney, "amount", edge.currency || "USD"), percent: pick(isPercent, "percent", "percent") };
};

export const amountText = (edge) => {
  const { amount, percent } = figures(edge);
  const parts = [];
  if ([percent.value, percent.low, percent.high].some(isKnown)) parts.push(ranged(percent.value, percent.low, percent.high, "percent"));
  if ([amount.value, amount.low, amount.high].some(isKnown)) parts.push(ranged(amount.value, amount.low, amount.high, amount.unit));
  return parts.length ? parts.join(state.lang === "zh" ? "，" : ", ") : say("undisclosed");
};

export const sizeOf = (edge) => edge.amount_usd ?? (edge.currency && edge.currency !== "USD" ? 0 : edge.amount) ?? 0;

export const dateText = (edge) => {
  const from = edge.date ? (edge.date_inferred ? say("by_date", { date: edge.date }) : edge.date) : say("undated");
  return edge.end ? `${from} – ${edge.end}` : from;
};

const stands = (edge) => {
  if (hasEnded(edge)) return say("ended");
  const { status, rung } = statusAt(edge);
  return status ? label("status", status) || label("rung", rung) : say("in_force");
};

/** The word beside a link or party on a page about a change, a shock or a plan: its kind, empty on other pages. */
export const markOf = (item) => (item.mark && typeof item.mark.kind === "string" ? item.mark.kind : "");

/** What a mark says of this very link or party. */
export const markText = (item) => (markOf(item) ? (state.lang === "zh" && item.mark.text_zh) || item.mark.text || say(`mark_${markOf(item)}`) : "");

export const statusText = (edge) => [stands(edge), markOf(edge) ? say(`mark_${markOf(edge)}`) : ""].filter(Boolean).join(" · ");

// What is shown -------------------------------------------------------------------------------------------------------

/** Whether a link is there at the clocks, in a layer and on a rung that are ticked. */
export const isLive = (edge) => {
  if (state.layersOff.has(edge.layer) || state.rungsOff.has(rungAt(edge))) return false;
  if (edge.date && !hasCome(edge.date, state.asOf)) return false;
  if (!knownBy(edge.known)) return false;
  return state.ended || markOf(edge) === "went" || !hasEnded(edge);
};

export const isAllowed = (id) => !hasOverview || state.all || nodes[nodeIndex.get(id)].overview || state.extra.has(id);

/** The links and nodes on the page now, as sets of ids. */
export const visible = () => {
  let shown = edges.filter((edge) => isLive(edge) && isAllowed(edge.source) && isAllowed(edge.target));
  if (state.top && shown.length > state.top) {
    const kept = new Set([...shown].sort((a, b) => sizeOf(b) - sizeOf(a) || (a.id < b.id ? -1 : 1)).slice(0, state.top));
    shown = shown.filter((edge) => kept.has(edge) || edge.id === state.edge || edge.source === state.node || edge.target === state.node);
  }
  const ids = new Set(shown.flatMap((edge) => [edge.source, edge.target]));
  if (state.node !== null && nodeIndex.has(state.node)) ids.add(state.node);
  return { edges: new Set(shown.map((edge) => edge.id)), nodes: ids };
};
