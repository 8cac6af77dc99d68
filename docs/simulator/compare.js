// Two runs side by side: what changed, and which step differs first.

import { app, load, onChange, present } from "./app.js";
import { byId, el, fill } from "./dom.js";

let pinned;

/** Lets a run be pinned, and compares the next ones with it. */
export function mountCompare() {
  byId("pin").addEventListener("click", togglePin);
  onChange(() => {
    byId("pin").textContent = pinned ? "Unpin" : "Pin this run";
    fill(byId("compared"), pinned && comparison());
  });
}

/** Pins the run, or lets it go. */
export function togglePin() {
  pinned = pinned ? undefined : { text: app.text, moments: app.moments };
  load(app.text, app.selected);
}

/** Finds the first step of this moment that the pinned run did not take; -1 if there is none. */
export function firstDifference() {
  const before = pinned?.moments[app.selected];
  if (!before) return -1;
  return (present()?.steps ?? []).findIndex((step, index) => {
    const then = before.steps[index];
    return then?.code !== step.code || then?.text !== step.text;
  });
}

function comparison() {
  if (pinned.text === app.text) return "This run is pinned. Change something, and see which step differs first.";
  const changed = app.moments.flatMap((moment, index) =>
    pinned.moments[index]?.outcome === moment.outcome ? [] : [index + 1],
  );
  const before = pinned.moments[app.selected]?.outcome ?? "not there";
  const summary =
    changed.length === 0 ? "Every moment ends as it did." : `Moments that end otherwise: ${changed.join(", ")}.`;
  const back = () => load(pinned.text, app.selected);
  return [
    summary,
    " Pinned: ",
    el("code", {}, before),
    " ",
    el("button.quiet", { type: "button", onclick: back }, "Back to the pinned"),
  ];
}
