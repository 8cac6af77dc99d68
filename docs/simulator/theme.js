// Light or dark: as the system has it, until somebody says otherwise.

import { byId } from "./dom.js";

const NAME = "simulator-theme";
const NEXT = { auto: "light", light: "dark", dark: "auto" };
const SIGNS = { auto: "\u25d0", light: "\u2600", dark: "\u263e" };

/** Lets the theme be chosen, and remembers it where the browser lets us. */
export function mountTheme() {
  byId("theme").addEventListener("click", nextTheme);
  set(remembered());
}

/** Goes on to the next theme. */
export function nextTheme() {
  set(NEXT[document.documentElement.dataset.theme] ?? "auto");
}

function set(theme) {
  document.documentElement.dataset.theme = theme;
  const button = byId("theme");
  button.textContent = SIGNS[theme];
  button.ariaLabel = button.title = `Theme: ${theme}`;
  try {
    localStorage.setItem(NAME, theme);
  } catch {
    // A browser that keeps nothing shows the page all the same.
  }
}

function remembered() {
  try {
    const theme = localStorage.getItem(NAME);
    return theme in NEXT ? theme : "auto";
  } catch {
    return "auto";
  }
}
