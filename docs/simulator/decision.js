// What the client gets, in one line that stays in sight.

import { app, onChange, present } from "./app.js";
import { announce, byId, el, fill, withCode } from "./dom.js";
import { outcome, SIGNS } from "./outcome.js";
import { CACHES, reasonUrl, REASONS } from "./words.js";

/** Shows the decision of the moment that is looked at. */
export function mountDecision() {
  onChange(() => {
    const moment = present();
    document.body.classList.toggle("broken", app.problems.length > 0);
    if (app.problems.length > 0) showProblem();
    else if (moment) show(moment);
    else fill(byId("decision"), headline("calm", "Nothing happens", "The timeline is empty."));
  });
}

function show(moment) {
  const facts = outcome(moment);
  const decision = byId("decision");
  decision.dataset.tone = facts.tone;
  fill(
    decision,
    headline(facts.tone, title(moment, facts), why(moment, facts)),
    el(
      "dl.facts",
      {},
      fact("client gets", clientGets(moment, facts)),
      fact("cache", cacheSays(facts)),
      expectation(moment),
    ),
  );
  announce(`${moment.what}: ${moment.outcome}`);
}

function showProblem() {
  const decision = byId("decision");
  decision.dataset.tone = "trouble";
  const [first] = app.problems;
  const count = app.problems.length;
  fill(decision, headline("trouble", count === 1 ? "One mistake" : `${count} mistakes`, ...withCode(first.message)));
  announce(first.message);
}

function headline(tone, text, ...why) {
  return [
    el("span.sign", { "aria-hidden": "true" }, SIGNS[tone]),
    el("p.headline", {}, el("strong", {}, text), " ", el("span", {}, ...why)),
  ];
}

function title(moment, { decision, status, rest }) {
  if (moment.what === "collect") return "Collect";
  if (decision) return decision === "allow" ? "Allow" : "Deny";
  if (rest.startsWith("from API Gateway")) return status < 400 ? "Allow" : "Deny";
  return status === 401 ? "Unauthorized" : "Error";
}

function why(moment, { reason, rest }) {
  if (!reason) return [rest];
  const url = reasonUrl(reason);
  const code = el("code", {}, reason);
  return [
    url ? el("a", { href: url, title: "What this reason means" }, code) : code,
    el("span.words", {}, ` ${REASONS[reason] ?? ""}`),
  ];
}

function clientGets(moment, { status }) {
  if (!status) return undefined;
  if (!moment.client) return [el("b", {}, String(status)), " from the backend"];
  const retry = moment.client.headers.find(([name]) => name.toLowerCase() === "retry-after");
  return [el("b", {}, String(status)), " ", el("code", {}, moment.client.body), retry && ` Retry-After: ${retry[1]}`];
}

function cacheSays({ cache, rest }) {
  if (rest.startsWith("from API Gateway")) return ["API Gateway\u2019s own"];
  return cache && [el("b", {}, cache), ` ${CACHES[cache] ?? ""}`];
}

function expectation({ expected }) {
  if (expected === undefined) return undefined;
  return fact("expected", [expected ? "\u2713 as the scenario says" : "\u2717 the scenario says otherwise"]);
}

function fact(name, text) {
  return text && el("div", {}, el("dt", {}, name), el("dd", {}, ...text.filter(Boolean)));
}
