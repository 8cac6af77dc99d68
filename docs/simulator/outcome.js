// Outcomes, taken apart.

/** Reads `200 allow granted hit`, and all that an outcome may be besides. */
export function outcome(moment) {
  const [, status, rest] = /^(?:(\d{3}) )?(.*)$/s.exec(moment.outcome);
  const [, decision, reason, cache] = /^(allow|deny) (\w+) (\w+)$/.exec(rest) ?? [];
  return {
    status: status && Number(status),
    decision,
    reason,
    cache,
    rest,
    tone: tone(moment, status, decision, rest),
  };
}

/** The sign of a tone: nobody has to tell colours apart. */
export const SIGNS = { good: "\u2713", bad: "\u2717", trouble: "!", calm: "\u21bb" };

function tone(moment, status, decision, rest) {
  if (moment.what === "collect") return /^must|lost/.test(rest) ? "trouble" : "calm";
  if (status) return status < "400" ? "good" : status < "500" ? "bad" : "trouble";
  return decision === "allow" ? "good" : decision === "deny" ? "bad" : "trouble";
}
