// A run as text, for a ticket or a terminal.

import { app, present } from "./app.js";
import { redacted } from "./redact.js";

/**
 * Writes the run as Markdown: how each moment ended, and each step of the one that is looked at. A run hides what the
 * authorizer read as a credential, and a query may hold others.
 */
export function report() {
  const { scenario, hide } = redacted(app.scenario);
  const { title, about } = scenario;
  const moments = app.moments.map(({ clock, what, outcome }) => `| ${clock} | ${what} | ${outcome} |`);
  const steps = (present()?.steps ?? []).map(({ code, text }) => `1. **${code}** ${text}`);
  const table = ["| time | what | outcome |", "|---|---|---|", ...moments];
  const parts = [
    `## ${title || "A simulation"}`,
    about ?? "",
    table.join("\n"),
    `### ${present()?.what ?? ""}`,
    steps.join("\n"),
    "",
  ];
  return hide(parts.join("\n\n"));
}

/** Writes the call that is looked at as a `curl` command for the local gateway; nothing if there is none. */
export function curl() {
  const call = redacted(app.scenario).scenario.timeline[app.selected]?.call;
  if (!call) return undefined;
  const headers = Object.entries(call.headers ?? {}).map((header) => `-H ${quoted(header.join(": "))} `);
  return `curl -i -X ${quoted(call.method ?? "GET")} ${headers.join("")}${quoted(`http://127.0.0.1:9100${call.path}`)}`;
}

/** As a shell takes it literally. */
function quoted(text) {
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
