// The moment that is looked at, in full, one tab for each kind.

import { app, onChange, present } from "./app.js";
import { copy, el, byId, fill } from "./dom.js";
import { json } from "./editor.js";
import { entryKind } from "./lanes.js";
import { format } from "./format.js";

const TABS = [
  ["policy", "Policy", (moment) => value(moment.answer, "The authorizer was not asked, or failed.")],
  ["client", "Gateway answer", client],
  ["context", "Context", (moment) => value(moment.backend, "The backend is not called.")],
  ["event", "Event", (moment) => value(moment.event, "The authorizer was sent nothing.")],
  ["message", "Message", (moment) => value(moment.messages, "Nothing was published.")],
  ["log", "Access log", (moment) => value(moment.access_log, "API Gateway logs calls alone.")],
  ["caches", "Caches", caches],
];

let open = "policy";

/** Shows the tabs. */
export function mountDetails() {
  const tabs = el("div.tabs", { role: "tablist", "aria-label": "Details", onkeydown: move });
  for (const [name, label] of TABS) {
    const facts = {
      type: "button",
      id: `tab-${name}`,
      role: "tab",
      "aria-controls": "panel",
      onclick: () => choose(name),
    };
    tabs.append(el("button", facts, label));
  }
  byId("details").append(tabs, el("div.panel", { id: "panel", role: "tabpanel" }));
  onChange(show);
}

function choose(name) {
  open = name;
  show();
}

function show() {
  for (const [name, , view] of TABS) {
    const tab = byId(`tab-${name}`);
    tab.setAttribute("aria-selected", String(name === open));
    tab.tabIndex = name === open ? 0 : -1;
    if (name !== open) continue;
    const moment = present();
    byId("panel").setAttribute("aria-labelledby", tab.id);
    fill(byId("panel"), moment ? view(moment) : "There is no moment.");
  }
}

function move(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const names = TABS.map(([name]) => name);
  choose(names[(names.indexOf(open) + step + names.length) % names.length]);
  byId(`tab-${open}`).focus();
  event.preventDefault();
}

function value(shown, otherwise) {
  if (shown === undefined) return el("p.nothing", {}, otherwise);
  return shownText(json(shown), format(shown));
}

function shownText(element, text) {
  return [
    el("button.quiet.copy", { type: "button", onclick: (event) => copy(text, event.currentTarget) }, "Copy"),
    element,
  ];
}

function client(moment) {
  if (!moment.client)
    return el("p.nothing", {}, moment.backend ? "The backend answers the client." : "No client waits.");
  const { status, headers, body } = moment.client;
  const text = [`HTTP/1.1 ${status}`, ...headers.map((header) => header.join(": ")), "", body].join("\n");
  return shownText(el("pre.json", { tabIndex: 0 }, text), text);
}

function caches({ at, ledgers }) {
  if (ledgers.length === 0) return el("p.nothing", {}, "The authorizer\u2019s cache is empty.");
  const names = ["ledger", "entry", "fresh for", "uses", "told", "cap"];
  const rows = ledgers.map((ledger) => el("tr", {}, ...cells(ledger, app.at - at).map((cell) => el("td", {}, cell))));
  const head = el("tr", {}, ...names.map((name) => el("th", { scope: "col" }, name)));
  const table = el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows));
  const about = "As it stands after this moment, at the time of the clock. A use is told once 3scale knows it.";
  return [el("div.wide", { tabIndex: 0, role: "region", "aria-label": "Ledgers" }, table), el("p.nothing", {}, about)];
}

function cells(ledger, elapsed) {
  const { key, fresh_secs, uses, told, cap } = ledger;
  const kind = entryKind(ledger);
  const entry = ledger.entry?.[kind];
  const fresh = fresh_secs - elapsed;
  return [
    el("code", { title: key }, `\u2026${key.slice(-8)}`),
    `${kind} ${entry?.plan ?? entry?.reason ?? ""}`,
    fresh > 0 ? `${fresh.toFixed(1)} s` : "ended",
    String(uses),
    String(told),
    String(cap ?? "none"),
  ];
}
