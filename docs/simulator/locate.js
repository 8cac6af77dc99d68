// Where things stand in a JSON text.

/** Finds the value at a path of names and indices in valid JSON, as `[from, to]`. */
export function locate(text, path) {
  let [from, to] = valueAt(text, 0);
  for (const name of path) {
    const found = members(text, from).find((member) => member.name === name);
    if (!found) return undefined;
    [from, to] = [found.from, found.to];
  }
  return [from, to];
}

/** Counts the line of a position; the first is 1. */
export function lineOf(text, position) {
  return text.slice(0, position).split("\n").length;
}

/** Finds the position of a line and column, both from 1. */
export function positionOf(text, line, column) {
  const before = text.split("\n").slice(0, line - 1);
  return Math.min(text.length, before.join("\n").length + (before.length ? 1 : 0) + Math.max(0, column - 1));
}

/** The members of the object or array that begins at `from`. */
function members(text, from) {
  const found = [];
  const isObject = text[from] === "{";
  if (!isObject && text[from] !== "[") return found;
  let at = blank(text, from + 1);
  for (let index = 0; at < text.length && text[at] !== "}" && text[at] !== "]"; index += 1) {
    let name = index;
    if (isObject) {
      const end = stringEnd(text, at);
      name = JSON.parse(text.slice(at, end));
      at = blank(text, end) + 1;
    }
    const [begins, ends] = valueAt(text, at);
    found.push({ name, from: begins, to: ends });
    at = blank(text, ends);
    if (text[at] === ",") at = blank(text, at + 1);
  }
  return found;
}

function valueAt(text, start) {
  const from = blank(text, start);
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === '"') at = stringEnd(text, at) - 1;
    else if (letter === "{" || letter === "[") depth += 1;
    else if (letter === "}" || letter === "]") depth -= 1;
    const next = text[at + 1];
    if (depth === 0 && (/["}\]]/.test(text[at]) || next === undefined || /[\s,\]}]/.test(next))) return [from, at + 1];
  }
  return [from, text.length];
}

function stringEnd(text, from) {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function blank(text, from) {
  let at = from;
  while (/\s/.test(text[at] ?? "")) at += 1;
  return at;
}
