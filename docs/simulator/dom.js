// Elements, briefly.

/** Finds the element of the page that has this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Makes an element, `tag.class`, with its properties, attributes and listeners (`onclick`), and what is in it. */
export function el(name, facts = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  element.classList.add(...classes);
  for (const [key, value] of Object.entries(facts)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element) element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** Puts new children in place of the old ones. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child || child === 0));
}

/** Shows what stands in backticks as code. */
export function withCode(text) {
  return text.split("`").map((part, index) => (index % 2 ? el("code", {}, part) : part));
}

/** Tells people who hear the page. */
export function announce(text) {
  const live = byId("live");
  if (live.textContent !== text) live.textContent = text;
}

/** Shows a message for a while, or until another comes. */
export function notify(text, ...buttons) {
  const notice = byId("notice");
  fill(notice, text, " ", ...buttons, el("button.quiet", { onclick: () => (notice.hidden = true) }, "Close"));
  notice.hidden = false;
}

/** Copies a text, and says on the button that it did. */
export async function copy(text, button) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not allowed here";
  }
  setTimeout(() => (button.textContent = label), 1500);
}
