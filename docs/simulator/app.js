// What the page is about: one scenario, what came of it, and which moment is looked at.

import { simulate } from "./engine.js";
import { format } from "./format.js";

export const app = {
  /** The scenario as it is written. */
  text: "",
  /** The text of the last scenario that made sense. */
  sensible: "",
  /** The same as a value. */
  scenario: { timeline: [] },
  /** What came of the last scenario that made sense. */
  moments: [],
  lints: [],
  /** What is wrong with the text; empty if it makes sense. */
  problems: [],
  /** Which moment is looked at. */
  selected: 0,
  /** What time it is, in seconds since the beginning. */
  at: 0,
};

/** How long nobody types before the simulation runs, in milliseconds. */
const PAUSE = 100;

const views = [];
let waiting = 0;

/** Calls `view` whenever something changed. */
export function onChange(view) {
  views.push(view);
}

/** Replaces the scenario, and looks at one of its moments. */
export function load(text, selected = 0) {
  app.text = text;
  app.selected = selected;
  run();
}

/** Takes what was typed, and runs it when nobody types any more. */
export function typed(text) {
  app.text = text;
  forgetLink();
  clearTimeout(waiting);
  waiting = setTimeout(run, PAUSE);
}

/** Changes the scenario as a value, where it makes sense; its text is written anew. */
export function edit(change, selected = app.selected) {
  if (waiting) run();
  if (app.problems.some(({ code }) => code === "not_json" || code === "not_a_scenario")) return;
  const scenario = JSON.parse(app.text);
  change(scenario);
  forgetLink();
  load(format(scenario), selected);
}

/** Looks at a moment. */
export function select(index) {
  app.selected = Math.max(0, Math.min(index, app.moments.length - 1));
  app.at = app.moments[app.selected]?.at ?? 0;
  changed();
}

/** Sets the clock, and looks at the last moment up to then. */
export function setClock(at) {
  app.at = at;
  app.selected = Math.max(
    0,
    app.moments.findLastIndex((moment) => moment.at <= at),
  );
  changed();
}

/** Simulates what is written, now. */
export function run() {
  clearTimeout(waiting);
  waiting = 0;
  const result = simulate(app.text);
  app.problems = result.problems ?? [];
  if (result.ok) {
    Object.assign(app, {
      sensible: app.text,
      scenario: JSON.parse(app.text),
      moments: result.moments,
      lints: result.lints,
    });
  }
  select(app.selected);
}

/** The moment that is looked at, as it went; `undefined` if there is none. */
export function present() {
  return app.moments[app.selected];
}

/** A scenario that was changed is no longer the one that the address names. */
function forgetLink() {
  if (location.hash) history.replaceState(null, "", location.href.split("#")[0]);
}

function changed() {
  for (const view of views) view();
}
