// The examples, which are tests of the functions too.

import { app, load, onChange } from "./app.js";
import { byId, el, fill, notify } from "./dom.js";
import { simulate } from "./engine.js";
import { format } from "./format.js";
import { examples } from "./glue.js";
import { outcome, SIGNS } from "./outcome.js";

let all = [];

/** Makes the menu of the examples; the engine, which has them, is ready. */
export function mountExamples() {
  all = JSON.parse(examples());
  byId("open-examples").addEventListener("click", openExamples);
  byId("example-filter").addEventListener("input", showList);
  onChange(() => {
    byId("title").textContent = app.scenario.title || "A scenario of your own";
    byId("about").textContent = app.scenario.about ?? "";
  });
}

/** Shows the menu. */
export function openExamples() {
  byId("example-filter").value = "";
  showList();
  byId("examples").showModal();
}

/** Opens the example that has this name, and tells whether there is one. */
export function openExample(name) {
  const example = all.find((candidate) => candidate.name === name.replace(/\.json$/, ""));
  if (!example) {
    notify(`There is no example \u201c${name}\u201d.`);
    return false;
  }
  // The schema's address is one of the repository.
  load(format({ ...example.scenario, $schema: undefined }));
  return true;
}

function showList() {
  const wanted = byId("example-filter").value.toLowerCase().split(/\s+/);
  const found = all.filter(({ name, scenario }) => {
    const text = `${name} ${scenario.title} ${scenario.about} ${JSON.stringify(scenario)}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  const items = found.map((example) => el("li", {}, choice(example)));
  fill(byId("example-list"), items.length ? items : el("li.nothing", {}, "No example is about that."));
}

function choice({ name, scenario }) {
  const open = () => {
    byId("examples").close();
    history.replaceState(null, "", `#example=${name}`);
    openExample(name);
  };
  return el(
    "button",
    { type: "button", onclick: open },
    el("b", {}, scenario.title),
    el("span", {}, scenario.about),
    el("i", {}, ...signs(scenario)),
  );
}

/** How each moment ends, at a glance. */
function signs(scenario) {
  const moments = simulate(JSON.stringify(scenario)).moments;
  return moments.map((moment) => {
    const { tone, status, rest } = outcome(moment);
    return el("span", { "data-tone": tone }, `${SIGNS[tone]}${status ?? (moment.what === "collect" ? "" : rest)} `);
  });
}
