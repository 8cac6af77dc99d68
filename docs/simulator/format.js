// JSON as people like to read it.

const WIDTH = 66;

/** Writes a value with an indent of two, and whatever fits on a line on one line. */
export function format(value, indent = 0, taken = 0) {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const line = oneLine(value);
  if (indent > 0 && indent + taken + line.length <= WIDTH) return line;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const entries = membersOf(value);
  if (entries.length === 0) return open + close;
  const inner = " ".repeat(indent + 2);
  const lines = entries.map(([name, member]) => {
    const label = Array.isArray(value) ? "" : `${JSON.stringify(name)}: `;
    return inner + label + format(member, indent + 2, label.length + 1);
  });
  return `${open}\n${lines.join(",\n")}\n${" ".repeat(indent)}${close}`;
}

function oneLine(value) {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(oneLine).join(", ")}]`;
  const members = membersOf(value).map(([name, member]) => `${JSON.stringify(name)}: ${oneLine(member)}`);
  return members.length ? `{ ${members.join(", ")} }` : "{}";
}

function membersOf(value) {
  return Object.entries(value).filter(([, member]) => member !== undefined);
}
