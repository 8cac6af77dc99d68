//! Walks the accounting protocol through every order in which its steps can happen, in instances small enough for that.
//!
//! The model has one key, and its steps are those that the real parties take at once:
//!
//! ```text
//! authorizer   look ─┬─ hit, or denied ──────────────────────────┬─▶ publish, if the look rang
//!                    └─ miss ─▶ ask ─┬─ answered ─▶ store ───────┤
//!                                    └─ not answered ─▶ record ──┘
//! collector    claim ─▶ ask ─▶ store ─▶ report ─▶ acknowledge
//! 3scale       applies what it accepted, at once or later
//!              suspends the application
//! operator     has what is remembered forgotten
//! time         moves on by half a minute
//! ```
//!
//! Two authorizers share a few calls, and two collectors share the messages. As a setup allows, messages get lost or
//! doubled, parties die between any two steps, a collector goes on although its lease has run out, 3scale does not
//! answer, and a period ends. A collector that finds the key busy leaves the message where it is; one that dies, or
//! finds its time too short for a report, lets it come again. Receiving a message and claiming are one step, because
//! between the two nothing happens that others could see.
//!
//! In every world that can come about:
//! - nothing is lost: each use that was allowed without an authrep is acknowledged or still to be told;
//! - untold uses have a message, or somebody who is about to publish one, or a ring that got lost to show for them, so
//!   a busy key's message is never consumed;
//! - a later look at untold uses rings again, whatever became of the first ring;
//! - a remembered grant lets through at most as many calls beyond the limit as authreps are in flight, and as 3scale
//!   had not applied when it was asked;
//! - a ledger that forgot after 3scale had suspended the application lets no call through any longer, whatever was under
//!   way;
//! - when nobody is busy, 3scale counts every call once, in its own period, except what is still to be told and what a
//!   fault had reported twice;
//! - at the end, one look and one collection leave nothing to be told.
//!
//! The flaws at the end are known mistakes. Each must be found, or the walk would prove nothing.

#[path = "every_interleaving/authorizer.rs"]
mod authorizer;
#[path = "every_interleaving/collector.rs"]
mod collector;
#[path = "every_interleaving/promises.rs"]
mod promises;
#[path = "every_interleaving/search.rs"]
mod search;
#[path = "every_interleaving/setup.rs"]
mod setup;
#[path = "every_interleaving/threescale.rs"]
mod threescale;
#[path = "every_interleaving/world.rs"]
mod world;

use promises::Measures;
use search::walk;
use setup::{CALM, Flaw, Mishaps, NO_MISHAPS, Setup};

/// Walks it all, and returns the worst that was seen.
#[expect(clippy::disallowed_macros, reason = "the number of worlds says how much a passing walk is worth")]
fn worst_of(name: &str, setup: &Setup) -> Measures {
    let walk = walk(setup).unwrap_or_else(|violation| panic!("{name}: {violation}"));
    eprintln!("{name}: {} worlds, {:?}", walk.worlds, walk.worst);
    walk.worst
}

/// Asserts that the walk finds the flaw, and by which promise.
#[expect(clippy::disallowed_macros, reason = "a trace shows what becomes of a flaw")]
fn finds(flaw: Flaw, promise: &str, setup: Setup) {
    let Err(violation) = walk(&Setup { flaw: Some(flaw), ..setup }) else { panic!("{flaw:?} goes unnoticed") };
    eprintln!("{flaw:?}: {violation}");
    assert!(violation.broken.contains(promise), "{violation}");
    walk(&setup).unwrap_or_else(|violation| panic!("without the flaw all is well, but {violation}"));
}

#[test]
fn one_caller_never_passes_the_limit() {
    let worst = worst_of("one caller", &Setup { calls: 7, limit: 5, ..CALM });
    assert_eq!(worst, Measures::default());
}

#[test]
fn callers_at_the_same_time_pass_the_limit_by_their_authreps() {
    let worst = worst_of("two callers", &Setup { callers: 2, calls: 7, limit: 4, ..CALM });
    assert_eq!(worst, Measures { overshoot: 1, shortfall: 1, repeated: 0 });
}

#[test]
fn a_grant_that_expires_before_its_uses_are_told_passes_the_limit_by_a_call_each_time() {
    let worst = worst_of("grants expire", &Setup { calls: 6, limit: 3, ttl: 1, end: 3, ..CALM });
    assert_eq!(worst, Measures { overshoot: 2, shortfall: 0, repeated: 0 });
    worst_of("two callers' grants expire", &Setup { callers: 2, ttl: 1, end: 3, ..CALM });
}

#[test]
fn a_ledger_that_is_forgotten_had_nothing_to_tell() {
    worst_of("ledger expires", &Setup { calls: 5, limit: 4, keep: 3, end: 5, ..CALM });
    worst_of("two callers' ledger expires", &Setup { callers: 2, keep: 3, end: 5, ..CALM });
}

#[test]
fn lost_and_doubled_messages_lose_and_double_nothing() {
    let mishaps = Mishaps { lost_rings: 2, doubled_rings: 1, ..NO_MISHAPS };
    let worst = worst_of("lost and doubled", &Setup { calls: 5, limit: 4, end: 3, mishaps, ..CALM });
    assert_eq!(worst.repeated, 0);
}

#[test]
fn a_collector_that_dies_repeats_one_claim_at_most() {
    let mishaps = Mishaps { dead_collectors: 2, ..NO_MISHAPS };
    let worst = worst_of("dead collectors", &Setup { limit: 4, end: 3, mishaps, ..CALM });
    assert_eq!((worst.overshoot, worst.repeated), (0, 2 * 3), "two deaths, and claims of three uses");
}

#[test]
fn a_collector_that_outlives_its_lease_repeats_one_claim_at_most() {
    let mishaps = Mishaps { late_collectors: 1, ..NO_MISHAPS };
    let worst = worst_of("late collectors", &Setup { limit: 4, end: 2, mishaps, ..CALM });
    assert_eq!((worst.overshoot, worst.repeated), (0, 3), "one is late, with a claim of three uses");
}

#[test]
fn an_authorizer_that_dies_loses_nothing() {
    let mishaps = Mishaps { dead_authorizers: 2, lost_rings: 1, ..NO_MISHAPS };
    let worst = worst_of("dead authorizers", &Setup { callers: 2, end: 2, mishaps, ..CALM });
    assert_eq!(worst.repeated, 0);
}

#[test]
fn a_3scale_that_lags_is_passed_by_what_it_has_not_applied() {
    let worst = worst_of("3scale lags", &Setup { callers: 2, calls: 5, limit: 2, end: 1, lags: true, ..CALM });
    assert_eq!(worst, Measures { overshoot: 3, shortfall: 0, repeated: 0 });
}

#[test]
fn calls_that_pass_without_3scale_are_told_later() {
    let mishaps = Mishaps { outages: 2, dead_authorizers: 1, ..NO_MISHAPS };
    let worst = worst_of("fail open", &Setup { callers: 2, mishaps, ..CALM });
    assert_eq!(worst.repeated, 0);
}

#[test]
fn each_use_is_told_in_its_own_period() {
    let worst = worst_of("reset", &Setup { callers: 2, calls: 4, limit: 2, end: 3, resets: true, ..CALM });
    assert_eq!((worst.overshoot, worst.repeated), (1, 0));
}

#[test]
fn a_credential_that_was_revoked_passes_no_more_and_its_uses_are_told() {
    let worst = worst_of("revoked", &Setup { callers: 2, suspends: true, forgets: 1, ..CALM });
    assert_eq!(worst.repeated, 0);
    let mishaps = Mishaps { dead_collectors: 1, late_collectors: 1, ..NO_MISHAPS };
    worst_of(
        "revoked while collectors fail",
        &Setup { suspends: true, forgets: 1, calls: 3, limit: 3, mishaps, ..CALM },
    );
}

#[test]
fn forgetting_for_nothing_passes_the_limit_by_a_call_each_time() {
    let worst = worst_of("forgotten", &Setup { calls: 6, forgets: 2, end: 2, ..CALM });
    assert_eq!(worst, Measures { overshoot: 2, shortfall: 0, repeated: 0 });
    let keep = Setup { callers: 2, calls: 3, limit: 2, keep: 3, end: 5, suspends: true, forgets: 1, ..CALM };
    worst_of("forgotten, and then the ledger expires", &keep);
}

#[test]
fn all_mishaps_together_break_no_promise() {
    let mishaps = Mishaps { lost_rings: 1, dead_authorizers: 1, dead_collectors: 1, late_collectors: 1, ..NO_MISHAPS };
    let setup = Setup { calls: 3, limit: 2, end: 2, ttl: 1, resets: true, mishaps, ..CALM };
    worst_of("everything", &setup);
}

#[test]
fn finds_that_the_message_of_a_busy_key_is_consumed() {
    finds(Flaw::BusyMessageIsConsumed, "nobody comes", CALM);
}

#[test]
fn finds_that_told_is_read_at_the_store() {
    finds(Flaw::ToldIsReadAtTheStore, "beyond the limit", Setup { callers: 2, ..CALM });
}

#[test]
fn finds_that_an_authrep_is_not_counted_as_a_use() {
    finds(Flaw::OwnUseIsForgotten, "beyond the limit", Setup { callers: 2, ..CALM });
}

#[test]
fn finds_that_only_hits_ring() {
    let mishaps = Mishaps { lost_rings: 1, ..NO_MISHAPS };
    finds(Flaw::OnlyHitsRing, "does not ring", Setup { end: 2, mishaps, ..CALM });
}

#[test]
fn finds_that_anyone_may_acknowledge() {
    let mishaps = Mishaps { late_collectors: 1, ..NO_MISHAPS };
    finds(Flaw::AnyoneMayAcknowledge, "lost its lease in time", Setup { mishaps, ..CALM });
}

#[test]
fn finds_that_all_claimed_uses_are_reported_with_one_time() {
    finds(Flaw::OneTimeForAllUses, "3scale counts [1, 1]", Setup { end: 2, resets: true, ..CALM });
}

#[test]
fn finds_that_uses_are_acknowledged_before_they_are_reported() {
    let mishaps = Mishaps { dead_collectors: 1, ..NO_MISHAPS };
    finds(Flaw::AcknowledgedBeforeTheReport, "3scale counts [1, 0]", Setup { mishaps, ..CALM });
}

#[test]
fn finds_that_an_answer_is_believed_that_was_asked_for_before_the_forgetting() {
    finds(Flaw::OldAnswersAreBelieved, "was revoked", Setup { suspends: true, forgets: 1, callers: 2, ..CALM });
}
