// Where a text is no XML.

const ATTRIBUTES = /(?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*/.source;
const TAG = `<(/?)([A-Za-z_][\\w.:-]*)${ATTRIBUTES}\\s*(/?)>`;
const COMMENT = /<!(?:--[\s\S]*?--|\[CDATA\[[\s\S]*?\]\]|[A-Z][^>]*)>|<\?[\s\S]*?\?>/.source;
const LONE_AMPERSAND = /&(?!(?:#\d+|#x[\da-fA-F]+|\w+);)/.source;

/** What XML is made of besides its text, and what must not stand alone. */
const PIECES = new RegExp([COMMENT, TAG, "<", LONE_AMPERSAND].join("|"), "g");

/** Finds the first mistake, as `line:column: what`; nothing if there is none. */
export function xmlMistake(text) {
  const open = [];
  for (const { 0: piece, 1: closes, 2: name, 3: empty, index } of text.matchAll(PIECES)) {
    if (piece === "<") return at(text, index, "a tag is not complete");
    if (piece === "&") return at(text, index, "`&` has to be written `&amp;`");
    if (!name || empty) continue;
    if (!closes) open.push(name);
    else if (open.pop() !== name) return at(text, index, `nothing opens what \`</${name}>\` closes`);
  }
  return open.length ? at(text, text.length, `\`<${open.at(-1)}>\` is not closed`) : undefined;
}

function at(text, position, what) {
  const lines = text.slice(0, position).split("\n");
  return `${lines.length}:${lines.at(-1).length + 1}: ${what}`;
}
