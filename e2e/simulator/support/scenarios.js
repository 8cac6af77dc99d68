// The scenarios of the repository.

import fs from "node:fs";
import path from "node:path";

const directory = path.resolve(__dirname, "../../../examples/scenarios");

/** Every example: its name, its text, and what it is. */
export const scenarios = fs
  .readdirSync(directory)
  .sort()
  .map((file) => {
    const text = fs.readFileSync(path.join(directory, file), "utf8");
    return { name: file.replace(".json", ""), text, scenario: JSON.parse(text) };
  });

/** Makes texts that are nearly scenarios, the same ones every time. */
export function mutants(count) {
  const next = dice(20260723);
  const pick = (list) => list[Math.floor(next() * list.length)];
  const scraps = [
    '"',
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "-1",
    "1e308",
    "99999999999999999999",
    '"\\u0000"',
    "\u{1f511}",
    "é",
    "%2F",
    "*",
    "?",
    "$",
    "",
  ];
  return Array.from({ length: count }, () => {
    let text = pick(scenarios).text;
    for (let edits = 1 + Math.floor(next() * 4); edits > 0; edits -= 1) {
      const from = Math.floor(next() * text.length);
      const to = from + Math.floor(next() ** 3 * 40);
      const piece = next() < 0.5 ? pick(scraps) : pick(scenarios).text.slice(from, to + 12);
      text = text.slice(0, from) + piece + text.slice(to);
    }
    return text.toWellFormed();
  });
}

/** Makes texts of anything at all. */
export function noise(count) {
  const next = dice(11);
  const letters = '{}[]",:0123456789.eE+-\\ntruefalsnul \u0000\u00e9\ud83d\udd11\uffff';
  const length = () => Math.floor(next() ** 2 * 300);
  return Array.from({ length: count }, () => {
    const text = Array.from({ length: length() }, () => letters[Math.floor(next() * letters.length)]);
    return text.join("").toWellFormed();
  });
}

/** Numbers between 0 and 1 that look random. */
function dice(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
