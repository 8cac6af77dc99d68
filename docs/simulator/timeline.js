// What happens when: the moments, the clock, and what both caches remember.

import { app, edit, onChange, select, setClock } from "./app.js";
import { axis } from "./axis.js";
import { byId, el, fill } from "./dom.js";
import { gatewayLane, ledgerLanes } from "./lanes.js";
import { outcome, SIGNS } from "./outcome.js";

/** How long a moment is looked at while the timeline plays, in milliseconds. */
const PACE = 900;

/** How fine the clock can be set. */
const STEPS_OF_SLIDER = 1000;

/** How wide a short text is, in pixels. */
const ROOM = 48;

let playing = 0;
let sliding = false;
let line = axis([], 10, 1);

/** Shows the timeline. */
export function mountTimeline() {
  const moments = el("ol.moments", { "aria-label": "Moments" });
  const lanes = el("div.lanes", { role: "group", "aria-label": "What the caches remember" });
  const slider = el("input", {
    type: "range",
    min: 0,
    max: STEPS_OF_SLIDER,
    "aria-label": "Clock, in seconds since the beginning",
  });
  slider.addEventListener("input", () => slide(slider));
  const play = el("button", { type: "button", onclick: () => togglePlay() });
  byId("tools").append(
    play,
    button("+ Call", "Call again, a second later", addCall),
    button("+ Collect", "Collect, a second later", addCollect),
    button("Remove", "Remove this moment", remove),
  );
  byId("timeline").append(moments, el("div.time", {}, slider, lanes));
  onChange(() => {
    line = axis(app.moments, lastInstant(), ROOM / Math.max(ROOM, lanes.clientWidth));
    const value = Math.round(line.shareOf(app.at) * STEPS_OF_SLIDER);
    slider.disabled = app.moments.length === 0;
    if (!sliding) slider.value = value;
    slider.setAttribute("aria-valuetext", `${clockAt(app.at)}, moment ${app.selected + 1} of ${app.moments.length}`);
    byId("clock").textContent = clockAt(app.at);
    play.textContent = playing ? "\u25a0 Stop" : "\u25b6 Play";
    showMoments(moments);
    fill(lanes, gatewayLane(app, line), ...ledgerLanes(app, line), scale());
  });
}

/** Shows one moment after the other, from the first. */
function togglePlay() {
  clearInterval(playing);
  if (playing) {
    playing = 0;
    return select(app.selected);
  }
  playing = setInterval(() => (app.selected + 1 < app.moments.length ? select(app.selected + 1) : togglePlay()), PACE);
  return select(0);
}

/** Sets the clock by hand; the hand stays where it is. */
function slide(slider) {
  sliding = true;
  setClock(roughly(line.timeOf(slider.value / STEPS_OF_SLIDER)));
  sliding = false;
}

function showMoments(list) {
  const hadFocus = list.contains(document.activeElement);
  fill(list, app.moments.map(momentButton));
  const current = list.querySelector("[aria-current]");
  if (hadFocus) current?.focus({ preventScroll: true });
  if (current) list.scrollLeft = current.offsetLeft - list.clientWidth / 2 + current.clientWidth / 2;
}

function momentButton(moment, index) {
  const { status, decision, reason, cache, rest, tone } = outcome(moment);
  const by = rest.startsWith("from API Gateway") ? "gateway cache" : (cache ?? "");
  const said = reason === "granted" ? by : (reason ?? (by || rest));
  const facts = {
    type: "button",
    "data-tone": tone,
    title: moment.outcome,
    "aria-current": index === app.selected ? "step" : undefined,
    onclick: () => select(index),
  };
  return el(
    "li",
    {},
    el(
      "button.moment",
      facts,
      el("small", {}, `+${number(moment.at)} s`, moment.expected === false && " \u2260 expected"),
      el("b", {}, `${SIGNS[tone]} ${status ?? decision ?? "collect"}`),
      el("span", {}, moment.what === "collect" ? rest : path(moment.what)),
      el("small", {}, moment.what === "collect" ? "" : said),
    ),
  );
}

function path(what) {
  return what.replace(/^GET /, "");
}

/** The end of the axis: a little after the last moment, so that one sees what is remembered. */
function lastInstant() {
  const last = app.moments.at(-1);
  if (!last) return 10;
  const fresh = Math.max(0, ...last.ledgers.map((ledger) => ledger.fresh_secs));
  return Math.ceil(last.at + Math.max(5, Math.min(fresh * 1.1, Math.max(last.at, 60))));
}

/** The times of the moments, where there is room for them. */
function scale() {
  const ticks = [];
  let last = -1;
  for (const { at, share } of line.stops) {
    if (share - last < line.room) continue;
    last = share;
    const tick = el("span", {}, `${number(at)} s`);
    tick.style.left = `${100 * share}%`;
    ticks.push(tick);
  }
  return el("div.scale", { "aria-hidden": "true" }, ...ticks);
}

function clockAt(at) {
  const time = new Date(((app.scenario.begins ?? 1784543415) + at) * 1000);
  return Number.isNaN(time.getTime()) ? "" : time.toISOString().slice(11, 19);
}

/** Whole seconds, where that is fine enough. */
function roughly(at) {
  return line.end > 30 ? Math.round(at) : Math.round(at * 10) / 10;
}

function number(at) {
  return String(Math.round(at * 1000) / 1000);
}

function addCall() {
  const here = app.scenario.timeline[app.selected];
  const call = here?.call ?? app.scenario.timeline.find((moment) => moment.call)?.call;
  insert({ call: call ?? { path: "/dev/greetings", headers: { apikey: "demo-key" } } });
}

function addCollect() {
  insert({ collect: {} });
}

function insert(moment) {
  const { timeline } = app.scenario;
  const index = Math.min(app.selected + 1, timeline.length);
  const before = timeline[index - 1]?.at ?? 0;
  const at = timeline.length === 0 ? 0 : Math.min(before + 1, timeline[index]?.at ?? Infinity);
  edit((scenario) => scenario.timeline.splice(index, 0, { at, ...moment }), index);
}

function remove() {
  const { selected } = app;
  edit((scenario) => scenario.timeline.splice(selected, 1), Math.max(0, selected - 1));
}

function button(text, title, onclick) {
  return el("button", { type: "button", title, onclick }, text);
}
