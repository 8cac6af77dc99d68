// The settings that are tried most often, as a form. It reads and writes the scenario.

import { app, edit, onChange } from "./app.js";
import { byId, el } from "./dom.js";

/** Where a setting is in the scenario, its label, and what it may be: its choices, or the default of a number or text. */
const FIELDS = [
  [["api", "kind"], "API and authorizer", ["rest-request", "rest-token", "http-1.0", "http-2.0", "websocket"]],
  [["api", "authorizer_ttl_secs"], "API Gateway\u2019s cache, s", 0],
  [["api", "gateway_responses"], "Gateway responses", ["recommended", "default"]],
  [["settings", "POLICY_SCOPE"], "POLICY_SCOPE", ["stage", "exact", "api"]],
  [["settings", "HTTP_API_RESPONSE"], "HTTP_API_RESPONSE", ["simple", "iam"]],
  [["settings", "FAIL_MODE"], "FAIL_MODE", ["closed", "open"]],
  [["settings", "CACHE_GRANT_TTL_SECS"], "CACHE_GRANT_TTL_SECS", 60],
  [["settings", "CACHE_DENIAL_TTL_SECS"], "CACHE_DENIAL_TTL_SECS", 10],
  [["settings", "CACHE_STALE_SECS"], "CACHE_STALE_SECS", 300],
  [["settings", "THREESCALE_TIMEOUT_MS"], "THREESCALE_TIMEOUT_MS", 1500],
  [["settings", "THREESCALE_AUTH_TYPE"], "THREESCALE_AUTH_TYPE", ["user_key", "app_id"]],
  [["settings", "CREDENTIAL_SOURCES"], "CREDENTIAL_SOURCES", "header:apikey"],
];

/** Shows the form. */
export function mountSettings() {
  const form = byId("settings");
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const field of FIELDS) form.append(row(field));
}

function row([[group, name], label, kind]) {
  const control = Array.isArray(kind) ? choices(kind) : entry(kind);
  control.id = `set-${name}`;
  control.addEventListener("change", () => set(group, name, control, kind));
  onChange(() => {
    const value = app.scenario[group]?.[name];
    const text = value === undefined ? "" : String(value);
    if (Array.isArray(kind)) control.value = text || kind[0];
    else if (document.activeElement !== control || control.value === "") control.value = text;
    control.closest("label").classList.toggle("set", value !== undefined);
  });
  return el("label", {}, el("span", {}, label), control);
}

function choices(names) {
  return el("select", {}, ...names.map((name) => el("option", { value: name }, name)));
}

function entry(usual) {
  const facts = typeof usual === "number" ? { type: "number", min: 0, inputMode: "numeric" } : { type: "text" };
  return el("input", { ...facts, placeholder: String(usual), autocomplete: "off" });
}

/** An empty field, and a choice that is the default, need no member. */
function set(group, name, control, kind) {
  const text = control.value.trim();
  const isUsual = text === "" || (Array.isArray(kind) && text === kind[0]);
  edit((scenario) => {
    const members = (scenario[group] ??= {});
    if (isUsual) delete members[name];
    else members[name] = typeof kind === "number" ? Number(text) : text;
    if (Object.keys(members).length === 0) delete scenario[group];
  });
}
