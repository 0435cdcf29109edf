// A story: ordered steps with a text, a day and the links to look at.
import { change, state } from "./state.js";
import { edgeIndex, edges, graph, lastDay, nameOf, nodeIndex, say } from "./model.js";
import { fit, revealAll } from "./camera.js";
import { bringIn } from "./places.js";
import { stopFor } from "./time.js";
import { element } from "./evidence.js";

const part = document.getElementById("story");
const story = graph.story && Array.isArray(graph.story.steps) && graph.story.steps.length ? graph.story : null;

const told = (step, name) => (state.lang === "zh" && step[`${name}_zh`]) || step[name] || "";

/** The links of a step: named ones, or all among the named parties. */
const focus = (step) => {
  const ids = step.focus || [];
  const links = ids.filter((id) => edgeIndex.has(id));
  const parties = new Set(ids.filter((id) => nodeIndex.has(id)));
  const among = edges.filter((edge) => parties.has(edge.source) && parties.has(edge.target)).map((edge) => edge.id);
  return { path: [...links, ...among], parties: [...parties, ...links.flatMap((id) => [edges[edgeIndex.get(id)].source, edges[edgeIndex.get(id)].target])] };
};

/** What a step asks of the page. */
export const stepState = (number) => {
  const step = story.steps[number];
  const { path } = focus(step);
  return {
    story: number,
    asOf: stopFor(step.date || lastDay),
    knownOn: Boolean(step.known_on),
    ended: Boolean(step.ended),
    path: path.length ? path : null,
    node: null,
    edge: null,
  };
};

export const showStep = (number) => {
  const { parties } = focus(story.steps[number]);
  bringIn(parties);
  if (parties.length) revealAll(parties);
  else fit();
};

export const goTo = (number) => {
  bringIn(focus(story.steps[number]).parties);
  change({ ...stepState(number), extra: state.extra });
  showStep(number);
  part.querySelector("h2")?.focus();
};

/** One button for each link of a step, to open its evidence. */
const chips = (step) =>
  (step.focus || []).filter((id) => edgeIndex.has(id)).map((id) => {
    const edge = edges[edgeIndex.get(id)];
    return element("button", { type: "button", class: "chip", onclick: () => change({ edge: id, node: null, path: null }) }, `${nameOf(edge.source)} → ${nameOf(edge.target)}`);
  });

export const showStory = () => {
  document.getElementById("story-open").hidden = !story;
  part.hidden = !story || state.story < 0;
  if (part.hidden) {
    part.replaceChildren();
    return;
  }
  const step = story.steps[state.story];
  const last = story.steps.length - 1;
  part.replaceChildren(
    element("div", { class: "kicker" }, `${told(story, "title")} · ${state.story + 1}/${last + 1}`),
    element("h2", { tabindex: "-1" }, told(step, "title")),
    element("p", {}, told(step, "text")),
    element("div", { class: "pair" }, ...chips(step)),
    element(
      "div",
      { class: "buttons" },
      element("button", { type: "button", disabled: state.story === 0, onclick: () => goTo(state.story - 1) }, say("back")),
      element("button", { type: "button", class: "strong", onclick: () => (state.story === last ? change({ story: -1, path: null }) : goTo(state.story + 1)) }, say(state.story === last ? "finish" : "next")),
      element("button", { type: "button", class: "link", onclick: () => change({ story: -1, path: null }) }, say("close")),
    ),
  );
};

document.getElementById("story-open").addEventListener("click", () => goTo(0));
