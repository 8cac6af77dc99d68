// The keyboard.

import { app, run, select } from "./app.js";
import { togglePin } from "./compare.js";
import { byId, el, fill } from "./dom.js";
import { openExamples } from "./examples.js";
import { openImport } from "./import.js";
import { openShare } from "./share.js";
import { nextTheme } from "./theme.js";
import { SHORTCUTS, STEPS } from "./words.js";

/** Single keys; they rest while somebody types. */
const KEYS = {
  "/": openExamples,
  i: openImport,
  s: openShare,
  p: togglePin,
  t: nextTheme,
  j: () => select(app.selected + 1),
  k: () => select(app.selected - 1),
  "?": openHelp,
};

/** Where Alt and a digit go. */
const PANES = {
  1: "#timeline [aria-current]",
  2: "#source",
  3: "#reply label:not([hidden]) select",
  4: "#settings select",
};

/** Listens to the keyboard, and explains it. */
export function mountKeys() {
  document.addEventListener("keydown", pressed);
  byId("open-help").addEventListener("click", openHelp);
  fill(
    byId("shortcuts"),
    SHORTCUTS.map(([keys, what]) =>
      el("div", {}, el("dt", {}, ...keys.map((key) => el("kbd", {}, key))), el("dd", {}, what)),
    ),
  );
  fill(
    byId("step-words"),
    Object.values(STEPS).map(([name, what]) => el("div", {}, el("dt", {}, name), el("dd", {}, what))),
  );
}

function pressed(event) {
  if (document.querySelector("dialog[open]")) return;
  if (event.altKey && PANES[event.key]) {
    const pane = document.querySelector(PANES[event.key]);
    pane?.closest("details")?.setAttribute("open", "");
    pane?.focus();
    event.preventDefault();
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    run();
  } else if (!isTyping(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey && KEYS[event.key]) {
    KEYS[event.key]();
    event.preventDefault();
  }
}

function openHelp() {
  byId("help").showModal();
}

function isTyping(element) {
  return ["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName);
}
