//! What is remembered of one credential and usage, and how its uses are counted until 3scale knows them.
//!
//! One [`Ledger`] is one hash in Redis. Every operation is a pure function on it and names its own instant; the Lua
//! scripts of the Redis cache are the only other place where these rules are written.
//!
//! ```text
//!  entry, fresh   what 3scale last said, and until when it is believed
//!  cap            how many uses may be counted in all: 3scale's `remaining` + what it knew when it was asked
//!  uses ─┬─ told  uses that 3scale knows         uses and told only grow,
//!        └─ untold, by minute                    so late and concurrent answers can't undo each other
//!  applied_by     when 3scale's limits reckon with what it was told last
//!  bell           nobody needs to ask for a collection before this
//!  lease          the worker that is collecting now, and until when
//! ```
//!
//! Simpler designs lose or double uses; `docs/architecture.md` lists them, and `tests/every_interleaving.rs` walks this
//! one through crashes, lost and doubled messages and a backend that lags.

mod operations;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::time::{Minute, UnixTime};
pub use operations::{Ack, Acked, Claim, Claimed, Record, Room, Store, Take, Taken};

/// 3scale voids a batch of reports with a time older than this, so uses are not kept longer.
pub const REPORTABLE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long 3scale may take to reckon with what it was told: it takes authreps and reports at once and applies them
/// later, within about 100 ms (measured) while its queue is short.
pub const APPLYING: Duration = Duration::from_secs(10);

/// What is remembered of one credential and usage.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ledger {
    entry: Option<String>,
    fresh: UnixTime,
    cap: Option<u64>,
    uses: u64,
    told: u64,
    applied_by: UnixTime,
    untold: BTreeMap<Minute, u64>,
    bell: UnixTime,
    lease: Option<Lease>,
    expires: Option<UnixTime>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Lease {
    owner: String,
    until: UnixTime,
}

impl Ledger {
    /// Counts a use if a fresh entry has room for it. Any look rings for untold uses, not only one that takes.
    pub fn take(&mut self, ask: Take) -> Taken {
        self.forget_if_expired(ask.now);
        let has_room = self.cap.is_none_or(|cap| self.uses < cap);
        let took = self.entry.is_some() && ask.now < self.fresh && has_room;
        if took {
            self.count(ask.now);
        } else if self.uses > 0 && self.uses == self.told {
            self.expires = Some(ask.now.after(ask.keep));
        }
        let nobody_collects = self.lease.as_ref().is_none_or(|lease| ask.now >= lease.until);
        let ring = self.uses > self.told && (took || nobody_collects) && self.ring(ask.now, ask.rering);
        Taken {
            took,
            ring,
            uses: self.uses,
            told: self.told,
            applied_by: self.applied_by,
            fresh: self.fresh,
            cap: self.cap,
            entry: self.entry.clone(),
        }
    }

    /// Remembers an answer, unless it came too late to be believed.
    ///
    /// An `own` use counts as told, and raises the base of the cap: 3scale's `remaining` is already without it.
    pub fn store(&mut self, ask: Store) {
        self.forget_if_expired(ask.now);
        let mut base = ask.told_at_ask.min(self.told);
        if ask.own {
            self.uses += 1;
            self.told += 1;
            self.applied_by = ask.now.after(APPLYING);
            base += 1;
        }
        if ask.now < ask.fresh {
            self.entry = Some(ask.entry);
            self.fresh = ask.fresh;
            self.cap = match ask.room {
                Room::Unlimited => None,
                Room::Denied => Some(0),
                Room::Remaining(remaining) => Some(remaining.saturating_add(base)),
            };
        }
        self.expires = Some(if self.uses > self.told {
            ask.now.after(REPORTABLE)
        } else if self.uses > 0 {
            ask.now.after(ask.keep)
        } else {
            ask.fresh
        });
    }

    /// Counts a use that was allowed without 3scale. Returns whether the asker must ask for a collection.
    pub fn record(&mut self, ask: Record) -> bool {
        self.forget_if_expired(ask.now);
        self.count(ask.now);
        self.ring(ask.now, ask.rering)
    }

    /// Takes the untold uses under a lease, and lets the bell ring again.
    pub fn claim(&mut self, ask: Claim) -> Claimed {
        self.forget_if_expired(ask.now);
        if let Some(lease) = &self.lease
            && ask.now < lease.until
        {
            return Claimed::Busy { until: lease.until };
        }
        self.bell = UnixTime::default();
        self.lease = None;
        if self.uses <= self.told {
            return Claimed::Nothing;
        }
        self.lease = Some(Lease { owner: ask.owner, until: ask.now.after(ask.lease) });
        self.expires = Some(ask.now.after(REPORTABLE));
        Claimed::Uses { told: self.told, minutes: self.untold.iter().map(|(m, n)| (*m, *n)).collect() }
    }

    /// Marks claimed uses as told and ends the lease, if it is still the asker's.
    pub fn ack(&mut self, ask: &Ack) -> Acked {
        self.forget_if_expired(ask.now);
        if self.lease.as_ref().is_none_or(|lease| lease.owner != ask.owner) {
            return Acked::NotTheOwner;
        }
        for (minute, told) in &ask.minutes {
            if let Some(untold) = self.untold.get_mut(minute) {
                *untold = untold.saturating_sub(*told);
            }
            self.told += told;
        }
        self.untold.retain(|_, untold| *untold > 0);
        self.applied_by = ask.now.after(APPLYING);
        self.lease = None;
        let untold = self.uses.saturating_sub(self.told);
        self.expires = Some(ask.now.after(if untold > 0 { REPORTABLE } else { ask.keep }));
        Acked::Untold(untold)
    }

    /// Tells whether nothing of it is worth keeping any longer.
    pub fn is_expired(&self, now: UnixTime) -> bool {
        self.expires.is_none_or(|at| now >= at)
    }

    fn forget_if_expired(&mut self, now: UnixTime) {
        if self.is_expired(now) {
            *self = Self::default();
        }
    }

    fn count(&mut self, now: UnixTime) {
        self.uses += 1;
        *self.untold.entry(now.minute()).or_default() += 1;
        self.expires = Some(now.after(REPORTABLE));
    }

    fn ring(&mut self, now: UnixTime, rering: Duration) -> bool {
        let rings = now >= self.bell;
        if rings {
            self.bell = now.after(rering);
        }
        rings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(secs: u64) -> UnixTime {
        UnixTime::from_secs(secs)
    }

    fn take(secs: u64) -> Take {
        Take { now: at(secs), rering: MINUTE, keep: MINUTE * 6 }
    }

    fn claim(secs: u64, owner: &str) -> Claim {
        Claim { now: at(secs), owner: owner.to_owned(), lease: Duration::from_secs(10) }
    }

    fn ack(secs: u64, owner: &str, minutes: &[(u64, u64)]) -> Ack {
        let minutes = minutes.iter().map(|(m, n)| (Minute::from_number(*m), *n)).collect();
        Ack { owner: owner.to_owned(), minutes, keep: MINUTE, now: at(secs) }
    }

    /// An answer that was asked and stored at second 0 and is believed for a minute.
    fn answer(room: Room, told_at_ask: u64, own: bool) -> Store {
        Store { now: at(0), entry: "entry".to_owned(), fresh: at(60), room, told_at_ask, own, keep: MINUTE * 6 }
    }

    fn granted(remaining: u64) -> Ledger {
        let mut ledger = Ledger::default();
        ledger.store(answer(Room::Remaining(remaining), 0, true));
        ledger
    }

    #[test]
    fn nothing_is_taken_from_an_empty_ledger() {
        assert_eq!(Ledger::default().take(take(0)), Taken::default());
    }

    #[test]
    fn a_grant_lets_as_many_through_as_3scale_said() {
        let mut ledger = granted(2);
        assert_eq!([1, 2, 3, 4].map(|s| ledger.take(take(s)).took), [true, true, false, false]);
        assert_eq!(ledger.uses, 3, "the authrep and two hits");
    }

    #[test]
    fn a_grant_without_limits_lets_any_number_through() {
        let mut ledger = Ledger::default();
        ledger.store(answer(Room::Unlimited, 0, true));
        assert!((0..1000).all(|_| ledger.take(take(1)).took));
    }

    #[test]
    fn a_denial_lets_nothing_through() {
        let mut ledger = Ledger::default();
        ledger.store(answer(Room::Denied, 0, false));
        let taken = ledger.take(take(1));
        assert!(!taken.took);
        assert_eq!(taken.entry.as_deref(), Some("entry"));
    }

    #[test]
    fn an_entry_is_not_believed_at_its_last_instant() {
        let mut ledger = granted(9);
        assert!(ledger.take(take(59)).took);
        assert!(!ledger.take(take(60)).took);
    }

    #[test]
    fn an_answer_that_comes_too_late_counts_but_is_not_believed() {
        let mut ledger = Ledger::default();
        ledger.store(Store { now: at(60), ..answer(Room::Remaining(9), 0, true) });
        assert!(!ledger.take(take(61)).took);
        assert_eq!((ledger.uses, ledger.told), (1, 1));
    }

    #[test]
    fn the_first_use_rings_and_the_next_ones_do_not() {
        let mut ledger = granted(9);
        assert_eq!([1, 2, 3].map(|s| ledger.take(take(s)).ring), [true, false, false]);
    }

    #[test]
    fn a_lost_message_heals_at_the_next_look_even_if_it_takes_nothing() {
        let mut ledger = granted(1);
        assert!(ledger.take(take(1)).ring);
        let look = ledger.take(take(61));
        assert_eq!((look.took, look.ring), (false, true));
    }

    #[test]
    fn a_claim_makes_way_for_the_next_ring() {
        let mut ledger = granted(9);
        ledger.take(take(1));
        ledger.claim(claim(2, "w1"));
        assert!(ledger.take(take(3)).ring, "a use after the claim is in nobody's hands yet");
        assert!(!ledger.take(take(4)).ring);
    }

    #[test]
    fn only_one_worker_collects_at_a_time() {
        let mut ledger = granted(9);
        ledger.take(take(1));
        assert_eq!(ledger.claim(claim(2, "w1")), Claimed::Uses { told: 1, minutes: vec![(Minute::from_number(0), 1)] });
        assert_eq!(ledger.claim(claim(3, "w2")), Claimed::Busy { until: at(12) });
        assert!(matches!(ledger.claim(claim(12, "w2")), Claimed::Uses { .. }), "the lease ran out");
    }

    #[test]
    fn what_was_acknowledged_is_told_and_the_rest_stays() {
        let mut ledger = granted(9);
        ledger.take(take(1));
        ledger.claim(claim(2, "w1"));
        ledger.take(take(3));
        assert_eq!(ledger.ack(&ack(4, "w1", &[(0, 1)])), Acked::Untold(1));
        assert_eq!(ledger.claim(claim(5, "w1")), Claimed::Uses { told: 2, minutes: vec![(Minute::from_number(0), 1)] });
        assert_eq!(ledger.ack(&ack(6, "w1", &[(0, 1)])), Acked::Untold(0));
        assert_eq!(ledger.claim(claim(7, "w1")), Claimed::Nothing);
    }

    #[test]
    fn a_worker_that_lost_its_lease_erases_nothing() {
        let mut ledger = granted(9);
        ledger.take(take(1));
        ledger.claim(claim(2, "slow"));
        ledger.claim(claim(12, "next"));
        assert_eq!(ledger.ack(&ack(13, "slow", &[(0, 1)])), Acked::NotTheOwner);
        assert_eq!(ledger.ack(&ack(14, "next", &[(0, 1)])), Acked::Untold(0));
    }

    #[test]
    fn an_answer_asked_before_an_ack_forgets_no_use() {
        let mut ledger = granted(3);
        ledger.take(take(1));
        let told_before = ledger.told;
        ledger.claim(claim(2, "w1"));
        ledger.ack(&ack(3, "w1", &[(0, 1)]));
        ledger.store(Store { now: at(4), ..answer(Room::Remaining(3), told_before, false) });
        assert_eq!([5, 6, 7].map(|s| ledger.take(take(s)).took), [true, true, false]);
    }

    #[test]
    fn uses_are_counted_in_the_minute_of_the_call() {
        let mut ledger = Ledger::default();
        ledger.store(Store { fresh: at(300), ..answer(Room::Unlimited, 0, true) });
        for secs in [59, 60, 61] {
            ledger.take(take(secs));
        }
        let Claimed::Uses { minutes, .. } = ledger.claim(claim(62, "w")) else { panic!("there are uses") };
        assert_eq!(minutes, [(Minute::from_number(0), 1), (Minute::from_number(1), 2)]);
    }

    #[test]
    fn a_recorded_use_is_collected_like_any_other() {
        let mut ledger = Ledger::default();
        assert!(ledger.record(Record { now: at(1), rering: MINUTE }));
        assert!(!ledger.record(Record { now: at(2), rering: MINUTE }));
        assert_eq!(ledger.claim(claim(3, "w")), Claimed::Uses { told: 0, minutes: vec![(Minute::from_number(0), 2)] });
    }

    #[test]
    fn untold_uses_outlive_the_entry_by_a_day() {
        let mut ledger = granted(9);
        ledger.take(take(1));
        assert!(!ledger.is_expired(at(86_400)));
        assert!(ledger.is_expired(at(86_401)));
    }

    #[test]
    fn a_ledger_outlives_the_answer_that_a_look_will_come_back_with() {
        let mut ledger = granted(9);
        assert!(!ledger.take(take(359)).took);
        assert!(!ledger.is_expired(at(360)));
        assert!(ledger.is_expired(at(359 + 360)));
    }

    #[test]
    fn a_grant_that_is_used_up_refuses_until_3scale_reckons_with_every_use() {
        let mut ledger = granted(1);
        ledger.take(take(1));
        assert!(ledger.take(take(30)).refuses(at(30)), "there is a use that 3scale does not know");
        ledger.claim(claim(31, "w"));
        ledger.ack(&ack(32, "w", &[(0, 1)]));
        assert!(ledger.take(take(41)).refuses(at(41)), "3scale may not reckon with it yet");
        assert!(!ledger.take(take(42)).refuses(at(42)), "3scale is asked again");
    }

    #[test]
    fn an_authrep_that_took_the_last_use_is_not_asked_again_at_once() {
        let mut ledger = granted(0);
        assert!(ledger.take(take(9)).refuses(at(9)));
        assert!(!ledger.take(take(10)).refuses(at(10)));
    }

    #[test]
    fn a_denial_refuses_while_it_is_fresh() {
        let mut ledger = granted(9);
        ledger.store(answer(Room::Denied, 1, false));
        assert!(ledger.take(take(59)).refuses(at(59)));
        assert!(!ledger.take(take(60)).refuses(at(60)));
    }

    #[test]
    fn a_denial_of_an_unused_key_leaves_with_its_time() {
        let mut ledger = Ledger::default();
        ledger.store(answer(Room::Denied, 0, false));
        assert!(!ledger.is_expired(at(59)));
        assert!(ledger.is_expired(at(60)));
    }
}
