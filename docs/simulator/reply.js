// What 3scale says at the moment that is looked at, as a form. It reads and writes the scenario.

import { app, edit, onChange } from "./app.js";
import { byId, el, fill, withCode } from "./dom.js";
import { xmlMistake } from "./xml.js";

/** Answers that are tried most often. */
const ANSWERS = [
  ["Yes, without a limit", undefined],
  ["Yes, two calls are left", limited(200, 2, {})],
  ["No: the limit is exceeded", limited(409, 0, { "3scale-rejection-reason": "limits_exceeded" })],
  [
    "No: the application is suspended",
    { status: 409, headers: { "3scale-rejection-reason": "application_not_active" } },
  ],
  ["No: nobody knows the key", { status: 403, body: '<error code="user_key_invalid">user key is invalid</error>' }],
  ["Our token is wrong", { status: 403, body: '<error code="service_token_invalid">service token is invalid</error>' }],
  ["503", { status: 503 }],
  ["Nobody accepts the connection", { fails: "not-connected" }],
  ["No answer in time", { fails: "timed-out" }],
  ["The connection breaks", { fails: "cut-off" }],
  ["The answer is too large", { fails: "too-large" }],
];

const controls = {
  which: el("select", {}, option("threescale", "asked"), option("report", "told (the report)")),
  answer: el(
    "select",
    {},
    ...ANSWERS.map(([label], index) => option(String(index), label)),
    option("own", "As written below"),
  ),
  status: el("input", { type: "number", min: 100, max: 599, placeholder: "200" }),
  after_ms: el("input", { type: "number", min: 0, placeholder: "0" }),
  cache: el("select", {}, ...["up", "down", "none"].map((state) => option(state, state))),
  headers: el("textarea", { rows: 3, spellcheck: false, placeholder: "3scale-limit-remaining: 2" }),
  body: el("textarea", { rows: 2, spellcheck: false, placeholder: "one that fits the status" }),
};

/** Shows the form. */
export function mountReply() {
  const form = byId("reply");
  const hint = el("p.hint", { id: "body-hint" });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.append(
    row("when it is", controls.which),
    row("3scale answers", controls.answer, "double"),
    row("status", controls.status),
    row("after, ms", controls.after_ms),
    row("the cache is", controls.cache),
    row("headers", controls.headers, "long"),
    row("body", controls.body, "long"),
    hint,
  );
  controls.which.addEventListener("change", show);
  controls.answer.addEventListener("change", choose);
  for (const name of ["status", "after_ms", "headers", "body"]) controls[name].addEventListener("change", write);
  controls.cache.addEventListener("change", () => change((moment) => put(moment, "cache", controls.cache.value, "up")));
  onChange(show);
}

function show() {
  const moment = app.scenario.timeline[app.selected];
  const isCollect = Boolean(moment?.collect);
  if (!isCollect) controls.which.value = "threescale";
  controls.which.closest("label").hidden = !isCollect;
  byId("reply-moment").textContent = moment ? `if it is asked at +${moment.at ?? 0} s` : "";
  const script = scripted(moment);
  const known = ANSWERS.findIndex(([, answer]) => JSON.stringify(answer) === JSON.stringify(script));
  controls.answer.value = known < 0 ? "own" : String(known);
  keep(controls.status, script?.status ?? "");
  keep(controls.after_ms, script?.after_ms ?? "");
  keep(controls.headers, lines(script?.headers));
  keep(controls.body, script?.body ?? "");
  controls.cache.value = moment?.cache ?? "up";
  fill(byId("body-hint"), bodyHint(script?.body));
  for (const control of Object.values(controls)) control.disabled = !moment;
}

function choose() {
  const [, answer] = ANSWERS[Number(controls.answer.value)] ?? [];
  if (controls.answer.value !== "own") script(answer);
}

function write() {
  const before = scripted(app.scenario.timeline[app.selected]) ?? {};
  const after = { ...before };
  put(after, "status", numeric(controls.status.value));
  put(after, "after_ms", numeric(controls.after_ms.value));
  put(after, "body", controls.body.value || undefined);
  const pairs = controls.headers.value
    .split("\n")
    .map((line) => line.split(/:\s*(.*)/s))
    .filter(([name]) => name.trim());
  put(
    after,
    "headers",
    pairs.length ? Object.fromEntries(pairs.map(([name, text]) => [name.trim(), text ?? ""])) : undefined,
  );
  script(Object.keys(after).length ? after : undefined);
}

function scripted(moment) {
  return controls.which.value === "report" ? moment?.collect?.report : moment?.threescale;
}

function script(answer) {
  const isReport = controls.which.value === "report";
  change((moment) => (isReport ? put(moment.collect, "report", answer) : put(moment, "threescale", answer)));
}

function change(what) {
  const { selected } = app;
  edit((scenario) => what(scenario.timeline[selected]));
}

/** Sets a member; one that is not there, or as usual, is left out. */
function put(members, name, value, usual) {
  if (value === undefined || value === usual) delete members[name];
  else members[name] = value;
}

/** Leaves alone what is being typed in. */
function keep(control, value) {
  if (document.activeElement !== control) control.value = value;
}

/** The status decides, so a body that is no XML is worth a word, not more. */
function bodyHint(body) {
  const mistake = body && xmlMistake(body);
  return mistake ? withCode(`The body is no XML, ${mistake}.`) : [];
}

function limited(status, remaining, headers) {
  const limits = {
    "3scale-limit-remaining": String(remaining),
    "3scale-limit-max-value": "3",
    "3scale-limit-reset": "45",
  };
  return { status, headers: { ...headers, ...limits } };
}

function numeric(text) {
  return text.trim() === "" ? undefined : Number(text);
}

function lines(headers = {}) {
  return Object.entries(headers)
    .map((header) => header.join(": "))
    .join("\n");
}

function option(value, label) {
  return el("option", { value }, label);
}

function row(label, control, kind = "") {
  return el(kind ? `label.${kind}` : "label", {}, el("span", {}, label), control);
}
