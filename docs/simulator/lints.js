// What works otherwise than most people expect, and how to mend it.

import { app, edit, onChange } from "./app.js";
import { byId, el, fill, withCode } from "./dom.js";

/** Shows the lints, each with a button that mends it. */
export function mountLints() {
  onChange(() => fill(byId("lints"), app.lints.map(shown)));
}

function shown({ code, text, fix }) {
  const mend = () => edit((scenario) => layOver(scenario, fix));
  return el(
    "div.lint",
    {},
    el("p", {}, el("code", {}, code), " ", ...withCode(text)),
    el("button", { type: "button", onclick: mend, title: JSON.stringify(fix) }, "Fix"),
  );
}

/** Sets every member of `fix` in `value`, and leaves the others. */
function layOver(value, fix) {
  for (const [name, member] of Object.entries(fix)) {
    if (member !== null && typeof member === "object" && !Array.isArray(member)) layOver((value[name] ??= {}), member);
    else value[name] = member;
  }
}
