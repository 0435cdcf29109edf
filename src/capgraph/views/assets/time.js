// The slider of days, its marks and its play button.
import { change, state } from "./state.js";
import { compareDates, firstOf, lastOf } from "./dates.js";
import { graph, lastDay, say, stops } from "./model.js";

const slider = document.getElementById("time");
const text = document.getElementById("time-label");
const marks = document.getElementById("time-marks");
const play = document.getElementById("play");
let timer = 0;

slider.max = String(stops.length - 1);
slider.min = "0";
slider.step = "1";

const nearestStop = (date) => {
  const later = stops.findIndex((stop) => stop > date);
  return later < 0 ? stops.length - 1 : Math.max(0, later - 1);
};

/** A date of the address or of a story, as the stop that shows it. */
export const stopFor = (date) => stops[nearestStop(lastOf(date))];

export const showTime = () => {
  const place = stops.indexOf(state.asOf);
  slider.value = String(place < 0 ? stops.length - 1 : place);
  text.textContent = state.asOf;
  slider.setAttribute("aria-valuetext", state.knownOn ? say("time_known", { date: state.asOf }) : say("time_text", { date: state.asOf }));
  slider.setAttribute("aria-label", say("time"));
  play.textContent = timer ? "❚❚" : "▶";
  play.setAttribute("aria-label", say(timer ? "pause" : "play"));
};

export const showMarks = () => {
  const events = (graph.events || []).filter((event) => event.date && compareDates(event.date, lastDay) <= 0);
  marks.replaceChildren(
    ...events.map((event) => {
      const mark = document.createElement("button");
      mark.type = "button";
      mark.tabIndex = -1;
      mark.className = "mark";
      mark.style.left = `${(100 * nearestStop(firstOf(event.date))) / Math.max(1, stops.length - 1)}%`;
      mark.title = `${event.date} ${state.lang === "zh" ? event.label_zh || event.label : event.label}`;
      mark.setAttribute("aria-hidden", "true");
      mark.addEventListener("click", () => change({ asOf: stopFor(event.date) }));
      return mark;
    }),
  );
};

const stop = () => {
  clearInterval(timer);
  timer = 0;
  showTime();
};

play.addEventListener("click", () => {
  if (timer) {
    stop();
    return;
  }
  let place = stops.indexOf(state.asOf);
  if (place >= stops.length - 1) place = 0;
  const stride = Math.max(1, Math.round(stops.length / 80));
  timer = setInterval(() => {
    place = Math.min(stops.length - 1, place + stride);
    change({ asOf: stops[place] });
    if (place === stops.length - 1) stop();
  }, 450);
  change({ asOf: stops[place] });
});

slider.addEventListener("input", () => {
  if (timer) stop();
  change({ asOf: stops[Number(slider.value)] });
});
