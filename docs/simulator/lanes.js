// What the caches remember, along the time.

import { el } from "./dom.js";

/** How many ledgers have a lane; the others are in the table of the caches. */
const MOST_LEDGERS = 6;

/** Shows when API Gateway answers from its own cache. */
export function gatewayLane({ moments, scenario, at }, axis) {
  const ttl = scenario.api?.authorizer_ttl_secs ?? 0;
  if (!ttl)
    return lane(
      "API Gateway",
      "off",
      [{ from: 0, to: axis.end, kind: "off", text: "no cache: the TTL is 0" }],
      axis,
      at,
    );
  const kept = moments.filter((moment) => moment.event && moment.answer && moment.what !== "event");
  const spans = kept.map((moment) => ({
    from: moment.at,
    to: moment.at + ttl,
    kind: "gateway",
    text: `remembers for ${ttl} s`,
  }));
  return lane("API Gateway", `remembers answers for ${ttl} s`, [...spans, ...dots(moments)], axis, at);
}

/** Shows what each ledger of the authorizer's cache holds. */
export function ledgerLanes({ moments, at }, axis) {
  return ledgerKeys(moments)
    .slice(0, MOST_LEDGERS)
    .map((key) => lane(`Ledger \u2026${key.slice(-4)}`, key, spansOf(moments, key, axis.end), axis, at));
}

/** Every ledger there ever was, in the order they came. */
function ledgerKeys(moments) {
  return [...new Set(moments.flatMap((moment) => moment.ledgers.map((ledger) => ledger.key)))];
}

/** What a ledger's entry says: `grant`, `denial`, or that nothing is remembered. */
export function entryKind({ entry }) {
  return entry ? (Object.keys(entry)[0] ?? "nothing") : "nothing";
}

function spansOf(moments, key, end) {
  return moments.flatMap((moment, index) => {
    const ledger = moment.ledgers.find((candidate) => candidate.key === key);
    if (!ledger) return [];
    const next = moments[index + 1]?.at ?? end;
    const fresh = Math.min(next, moment.at + ledger.fresh_secs);
    const isSpent = ledger.uses >= (ledger.cap ?? Infinity);
    const kind = isSpent ? "denial" : entryKind(ledger);
    const text =
      entryKind(ledger) === "denial"
        ? "denied"
        : `${ledger.uses}${ledger.cap === undefined ? "" : ` of ${ledger.cap}`}`;
    const spans = [{ from: moment.at, to: fresh, kind, text }];
    if (fresh < next) spans.push({ from: fresh, to: next, kind: "stale", text: "no longer fresh" });
    return spans;
  });
}

function dots(moments) {
  const replayed = moments.filter(({ outcome }) => outcome.includes("from API Gateway's cache"));
  return replayed.map((moment) => ({ from: moment.at, to: moment.at, kind: "replay", text: moment.outcome }));
}

function lane(name, about, spans, axis, now) {
  const track = el("div.track", { "aria-hidden": "true" });
  for (const { from, to, kind, text } of spans.filter((span) => span.from <= axis.end)) {
    const left = axis.shareOf(from);
    const width = axis.shareOf(to) - left;
    const bar = el(`i.${kind}`, { title: text }, width > axis.room ? text : "");
    bar.style.left = `${100 * left}%`;
    bar.style.width = `${100 * width}%`;
    track.append(bar);
  }
  const hand = el("i.hand");
  hand.style.left = `${100 * axis.shareOf(now)}%`;
  track.append(hand);
  return el("div.lane", { title: about }, el("span.name", {}, name), track);
}
