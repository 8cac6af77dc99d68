// Scenarios from what one has at hand.

import { app, load } from "./app.js";
import { byId } from "./dom.js";
import { format } from "./format.js";

/** Lets something be imported. */
export function mountImport() {
  byId("open-import").addEventListener("click", openImport);
  byId("import-now").addEventListener("click", () => {
    try {
      load(format(scenarioOf(byId("import-text").value.trim())));
      byId("import").close();
    } catch (error) {
      byId("import-problem").textContent = error.message;
    }
  });
}

/** Asks what to import. */
export function openImport() {
  byId("import-problem").textContent = "";
  byId("import").showModal();
}

/** Makes a scenario of a scenario, an event, a line of the decision log or a `curl` command; fails on all else. */
function scenarioOf(text) {
  if (/^\$?\s*curl\s/.test(text)) return withMoment({ call: callOfCurl(text.replace(/^\$\s*/, "")) });
  const value = parsed(text);
  if (Array.isArray(value?.timeline)) return value;
  if (value?.message === "authorization" && value.method_arn) return ofDecision(value);
  if (value?.methodArn || value?.routeArn || value?.requestContext) return withMoment({ event: value });
  throw new Error("This is no scenario, no event of an authorizer, no line of the decision log and no curl command.");
}

/** Keeps settings and API, and begins a new timeline. */
function withMoment(moment) {
  const { settings, api } = app.scenario;
  return { title: "Imported", settings, api, timeline: [{ at: 0, ...moment }] };
}

/** A line that is cut out of a log may have something before it. */
function parsed(text) {
  const from = text.indexOf("{");
  try {
    return JSON.parse(text.slice(Math.max(0, from)));
  } catch {
    throw new Error("This is no JSON, and it does not begin with `curl`.");
  }
}

/** The log shows no credential, so the call has one that is made up, and 3scale says what it said. */
function ofDecision({ method_arn: arn, reason, cache, decision }) {
  const [, stage = "dev", method = "GET", ...path] = arn.split(":").slice(5).join(":").split("/");
  const call = { method, path: `/${[stage, ...path].join("/")}`, headers: { apikey: "imported-key" } };
  const moment = { at: 0, call, ...(cache === "off" ? { cache: "none" } : {}), ...saidBy3scale(reason, decision) };
  const timeline = cache === "hit" ? [moment, { at: 1, call }] : [moment];
  const about = `Rebuilt from a line of the decision log: ${decision} ${reason} ${cache}.`;
  return { title: "From the decision log", about, settings: decisionSettings(reason, decision), timeline };
}

function saidBy3scale(reason, decision) {
  if (reason === "granted") return {};
  if (reason === "backend_unavailable") return { threescale: { fails: "timed-out" } };
  if (reason === "configuration_error")
    return { threescale: { status: 403, body: '<error code="service_token_invalid"/>' } };
  if (["no_mapping_rule", "gateway_not_mapped", "method_arn_too_long", "method_arn_not_literal"].includes(reason))
    return {};
  return decision === "deny" ? { threescale: { status: 409, headers: { "3scale-rejection-reason": reason } } } : {};
}

/** Without 3scale it is the fail mode that decides. */
function decisionSettings(reason, decision) {
  if (reason !== "backend_unavailable" && reason !== "configuration_error") return app.scenario.settings;
  return { ...app.scenario.settings, FAIL_MODE: decision === "allow" ? "open" : "closed" };
}

/** The method, address and headers; all else that curl may be told is left out. */
function callOfCurl(command) {
  const rest = words(command).slice(1);
  const call = { method: "GET", path: "", headers: {} };
  for (let index = 0; index < rest.length; index += 1) {
    const word = rest[index];
    if (word === "-X" || word === "--request") call.method = rest[(index += 1)] ?? "GET";
    else if (word === "-H" || word === "--header") addHeader(call.headers, rest[(index += 1)] ?? "");
    else if (word === "-u" || word === "--user") call.headers.authorization = `Basic ${btoa(rest[(index += 1)] ?? "")}`;
    else if (/^https?:\/\//.test(word) || word.startsWith("/")) call.path = pathOf(word);
  }
  if (!call.path) throw new Error("The curl command has no address that begins with http.");
  return call;
}

/** The words of a command as a shell has them. */
function words(command) {
  const pieces = command.replaceAll(/\\\r?\n/g, " ").matchAll(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/g);
  const bare = (piece) =>
    piece.replaceAll(
      /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g,
      (_, single, double, one) => single ?? double?.replaceAll(/\\(.)/g, "$1") ?? one,
    );
  return [...pieces].map(([piece]) => bare(piece));
}

function addHeader(headers, line) {
  const [name, ...value] = line.split(":");
  if (value.length) headers[name.trim()] = value.join(":").trim();
}

function pathOf(address) {
  return address.replace(/^https?:\/\/[^/?]*/, "") || "/";
}
