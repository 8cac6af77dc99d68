// What the codes mean, and where they are documented.

/** The reasons of a decision. */
export const REASONS = {
  granted: "3scale allows it",
  limits_exceeded: "it would pass a limit of the plan",
  user_key_invalid: "3scale knows no such key",
  application_not_found: "3scale knows no such application",
  application_key_invalid: "the application's key is missing or wrong",
  application_not_active: "the application is suspended or not yet approved",
  service_not_active: "the service is suspended",
  referrer_not_allowed: "the application may not be used from there",
  authentication_error: "the kinds of credential do not fit together",
  rejected: "3scale refuses, for a reason that is new",
  configuration_error: "3scale refuses how it is asked; the operator can mend that",
  backend_unavailable: "3scale did not answer",
  no_mapping_rule: "no mapping rule matches, so there is nothing to count",
  gateway_not_mapped: "SERVICES_MAP names no service for this gateway and stage",
  method_arn_too_long: "the method is longer than a policy may name",
  method_arn_not_literal: "the method has a character that a policy does not take literally",
};

/** What the authorizer's cache had to do with a decision. */
export const CACHES = {
  hit: "from the cache",
  miss: "3scale was asked",
  stale: "a stale answer stood in",
  unavailable: "the cache was down",
  off: "there is no cache",
  unused: "nobody was asked",
};

/** The kinds of steps. */
export const STEPS = {
  gateway_cache: ["Gateway cache", "API Gateway answers from its own cache, and asks nobody."],
  event: ["Event", "API Gateway sends the authorizer an event."],
  read_event: ["Read", "The authorizer can't use the event."],
  service: ["Service", "Gateway and stage tell which service of 3scale the call belongs to."],
  usage: ["Usage", "The mapping rules tell what the call uses."],
  look_up: ["Look up", "One round trip to the cache: what is remembered, and is there room?"],
  ask_3scale: ["3scale", "3scale is asked, and answers or fails."],
  admit: ["Admit", "FAIL_MODE=open lets few unknown callers pass."],
  record: ["Record", "A use that 3scale did not see is counted."],
  verdict: ["Verdict", "Allow or deny, and why."],
  store: ["Store", "What 3scale said is remembered."],
  publish: ["Publish", "A message asks for a collection."],
  client: ["Client", "What the client gets."],
  claim: ["Claim", "The collector claims the uses that 3scale does not know."],
  report: ["Report", "3scale is told of them."],
  acknowledge: ["Acknowledge", "They are marked as told."],
  collected: ["Collected", "How the collection ended."],
};

/** The keys of the keyboard. */
export const SHORTCUTS = [
  [["Ctrl", "Enter"], "run now (it runs by itself when you stop typing)"],
  [["Alt", "1"], "timeline; 2: scenario; 3: what 3scale says; 4: settings"],
  [["j"], "next moment; k: the one before"],
  [["/"], "examples"],
  [["i"], "import"],
  [["s"], "share"],
  [["p"], "pin this run, and compare it with the next"],
  [["t"], "light or dark"],
  [["?"], "this help"],
];

/** The address of a reason's chapter; nothing where the book is not beside the page. */
export function reasonUrl(code) {
  const book = document.documentElement.dataset.docs;
  return book && code in REASONS ? `${book}reasons.html#${code}` : undefined;
}
