// Each step of the moment that is looked at, and why it was taken.

import { app, onChange, present } from "./app.js";
import { firstDifference } from "./compare.js";
import { byId, el, fill, withCode } from "./dom.js";
import { reveal } from "./editor.js";
import { lineOf, locate } from "./locate.js";
import { outcome } from "./outcome.js";
import { reasonUrl, STEPS } from "./words.js";

/** Shows the steps, and what became of each mapping rule. */
export function mountSteps() {
  onChange(() => {
    const moment = present();
    byId("what").textContent = moment?.what ?? "";
    const differs = firstDifference();
    fill(
      byId("steps"),
      (moment?.steps ?? []).map((step, index) => item(moment, step, index === differs)),
    );
    fill(byId("rules"), moment?.rules && rules(moment.rules));
  });
}

function item(moment, { code, text }, differs) {
  const { reason, tone } = outcome(moment);
  const decides = code === "verdict" || code === "client";
  const facts = { "data-code": code, "data-tone": decides ? tone : "", title: STEPS[code]?.[1] };
  const url = code === "verdict" && reasonUrl(reason);
  return el(
    `li${differs ? ".differs" : ""}`,
    facts,
    el("b", {}, STEPS[code]?.[0] ?? code),
    el("span", {}, ...broken(text), differs && el("em", {}, "first difference")),
    el("span.links", {}, url && el("a", { href: url, title: `What ${reason} means` }, "docs"), place(code)),
  );
}

/** A button that goes to the part of the scenario that a step comes from. */
function place(code) {
  const path = app.text === app.sensible && source(code).find((candidate) => locate(app.text, candidate));
  if (!path) return undefined;
  const line = lineOf(app.text, locate(app.text, path)[0]);
  return el(
    "button.place",
    { type: "button", title: "Show in the scenario", onclick: () => reveal(path) },
    `line ${line}`,
  );
}

/** Where a step may come from, the likeliest first. */
function source(code) {
  const moment = ["timeline", app.selected];
  switch (code) {
    case "ask_3scale":
    case "store":
      return [[...moment, "threescale"], moment];
    case "look_up":
    case "record":
    case "claim":
      return [[...moment, "cache"], moment];
    case "report":
      return [[...moment, "collect", "report"], moment];
    case "usage":
      return [["settings", "MAPPING_RULES"]];
    case "service":
      return [["settings", "SERVICES_MAP"]];
    case "admit":
      return [["settings", "FAIL_MODE"]];
    case "gateway_cache":
      return [["api", "authorizer_ttl_secs"]];
    default:
      return [moment];
  }
}

function rules(lines) {
  const list = lines.map((line) => {
    const sign = / adds \d+ to /.test(line) ? "good" : "calm";
    return el("li", { "data-tone": sign }, ...withCode(line));
  });
  return [el("h3", {}, "Mapping rules, in their order"), el("ol.rules", {}, ...list)];
}

/** Lets an address break after its `&`, where it is too long for a line. */
function broken(text) {
  return withCode(text).flatMap((part) => {
    return typeof part === "string"
      ? part.split(/(?<=[&?])/).flatMap((piece, index) => (index ? [el("wbr"), piece] : [piece]))
      : [part];
  });
}
