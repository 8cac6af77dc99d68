// The scenario as text: line numbers, colours, and mistakes where they are.

import { app, load, onChange, typed } from "./app.js";
import { byId, el, fill, withCode } from "./dom.js";
import { format } from "./format.js";
import { lineOf, locate, positionOf } from "./locate.js";

/** Names, texts, and everything else that JSON has. */
const TOKENS = /("(?:\\.|[^"\\\n])*")(\s*:)?|-?\d[\d.eE+-]*|\b(?:true|false|null)\b/g;

/** A longer text is not coloured: a browser would need too long for each letter. */
const MOST_COLOURED = 60_000;

/** Shows the scenario, and takes what is typed. */
export function mountEditor() {
  const source = byId("source");
  source.addEventListener("input", () => {
    typed(source.value);
    paint();
  });
  source.addEventListener("scroll", follow);
  byId("format").addEventListener("click", () => load(format(JSON.parse(app.text)), app.selected));
  onChange(() => {
    if (source.value !== app.text) source.value = app.text;
    byId("format").disabled = app.problems.some(({ code }) => code === "not_json");
    showProblems();
    paint();
    if (document.activeElement !== source) followMoment();
  });
}

/** Goes to what stands at a path of the scenario. */
export function reveal(path) {
  const place = app.text === app.sensible && locate(app.text, path);
  if (place) mark(...place);
}

function mark(from, to) {
  const source = byId("source");
  source.focus({ preventScroll: true });
  source.setSelectionRange(from, to);
  const height = parseFloat(getComputedStyle(source).lineHeight);
  source.scrollTop = Math.max(0, (lineOf(app.text, from) - 4) * height);
  source.scrollLeft = 0;
  source.closest(".editor").scrollIntoView({ block: "nearest" });
}

function showProblems() {
  const count = app.problems.length;
  const validity = byId("validity");
  validity.className = count ? "trouble" : "fine";
  validity.textContent = count ? `${count} to mend` : "\u2713 valid";
  byId("source").setAttribute("aria-invalid", String(count > 0));
  fill(byId("problems"), app.problems.map(problem));
}

function problem({ line, column, message, help }) {
  const place = line && el("button.place", { type: "button", onclick: () => jump(line, column) }, `${line}:${column}`);
  return el("li", {}, place, el("span", {}, ...withCode(message)), el("small", {}, help));
}

function jump(line, column) {
  const from = positionOf(app.text, line, column);
  mark(from, from + 1);
}

/** Colours the text, underlines mistakes, and numbers the lines. */
function paint() {
  const text = byId("source").value;
  const wrong = new Map(app.problems.map(({ line, column }) => [line, column]));
  fill(byId("paint"), coloured(text, wrong), "\n");
  const [from, to] = selection(text);
  const numbers = text.split("\n").map((_, index) => {
    const line = index + 1;
    const kind = wrong.has(line) ? ".wrong" : line >= from && line <= to ? ".now" : "";
    return el(`i${kind}`, {}, String(line));
  });
  fill(byId("gutter"), numbers);
  follow();
}

/** The lines of the moment that is looked at. */
function selection(text) {
  if (text !== app.sensible || app.moments.length === 0) return [0, -1];
  return locate(text, ["timeline", app.selected]).map((position) => lineOf(text, position));
}

/** Keeps the moment that is looked at in sight. */
function followMoment() {
  const [from, to] = selection(app.text);
  const source = byId("source");
  const height = parseFloat(getComputedStyle(source).lineHeight);
  const isSeen = from * height > source.scrollTop && to * height < source.scrollTop + source.clientHeight;
  if (app.selected === 0) source.scrollTop = 0;
  else if (from > 0 && !isSeen) source.scrollTop = (from - 3) * height;
}

/** Colours each line; what is wrong is underlined from its column on. */
function coloured(text, wrong) {
  if (text.length > MOST_COLOURED) return [text];
  return text.split("\n").flatMap((line, index) => {
    const column = wrong.get(index + 1);
    const begin = index ? ["\n"] : [];
    if (!column) return [...begin, ...tokens(line)];
    const at = Math.min(column, line.length) - 1;
    return [...begin, ...tokens(line.slice(0, at)), el("mark", {}, ...tokens(line.slice(at)))];
  });
}

function tokens(line) {
  const parts = [];
  let done = 0;
  for (const match of line.matchAll(TOKENS)) {
    const [all, string, colon] = match;
    const kind = string ? (colon ? "name" : "text") : "value";
    parts.push(line.slice(done, match.index), el(`span.${kind}`, {}, string ?? all), colon ?? "");
    done = match.index + all.length;
  }
  return [...parts, line.slice(done)].filter(Boolean);
}

function follow() {
  const source = byId("source");
  byId("gutter").scrollTop = source.scrollTop;
  byId("paint").scrollTop = source.scrollTop;
  byId("paint").scrollLeft = source.scrollLeft;
}

/** Shows a value as coloured JSON. */
export function json(value) {
  const text = format(value);
  return el("pre.json", { tabIndex: 0 }, ...coloured(text, new Map()));
}
