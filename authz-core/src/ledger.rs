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
//!  forgotten      when an operator had the entry dropped: nothing that was asked by then is believed
//! ```
//!
//! Simpler designs lose or double uses; `docs/architecture.md` lists them, and `tests/every_interleaving.rs` walks this
//! one through crashes, lost and doubled messages and a backend that lags.

mod operations;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::time::{Minute, UnixTime};
pub use operations::{Ack, Acked, Claim, Claimed, Forget, Record, Room, Store, Take, Taken};

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
    forgotten: Option<UnixTime>,
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
        self.begin_anew_if_expired(ask.now);
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

    /// Remembers an answer, unless it came too late to be believed, or was asked for before the ledger was to forget.
    ///
    /// An `own` use counts as told, and raises the base of the cap: 3scale's `remaining` is already without it.
    pub fn store(&mut self, ask: Store) {
        self.begin_anew_if_expired(ask.now);
        let mut base = ask.told_at_ask.min(self.told);
        if ask.own {
            self.uses += 1;
            self.told += 1;
            self.applied_by = ask.now.after(APPLYING);
            base += 1;
        }
        if ask.now < ask.fresh && self.forgotten.is_none_or(|at| ask.asked > at) {
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
        } else if self.uses > 0 || self.forgotten.is_some() {
            ask.now.after(ask.keep)
        } else {
            ask.fresh
        });
    }

    /// Counts a use that was allowed without 3scale. Returns whether the asker must ask for a collection.
    pub fn record(&mut self, ask: Record) -> bool {
        self.begin_anew_if_expired(ask.now);
        self.count(ask.now);
        self.ring(ask.now, ask.rering)
    }

    /// Takes the untold uses under a lease, and lets the bell ring again.
    pub fn claim(&mut self, ask: Claim) -> Claimed {
        self.begin_anew_if_expired(ask.now);
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
        self.begin_anew_if_expired(ask.now);
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

    /// Drops the entry, and has the ledger outlive every answer that was asked for before. Returns whether there was a
    /// ledger.
    pub fn forget(&mut self, ask: Forget) -> bool {
        self.begin_anew_if_expired(ask.now);
        if self.expires.is_none() {
            return false;
        }
        self.entry = None;
        self.fresh = UnixTime::default();
        self.cap = None;
        self.forgotten = Some(ask.now);
        self.expires = Some(ask.now.after(if self.uses > self.told { REPORTABLE } else { ask.keep }));
        true
    }

    /// Tells whether nothing of it is worth keeping any longer.
    pub fn is_expired(&self, now: UnixTime) -> bool {
        self.expires.is_none_or(|at| now >= at)
    }

    fn begin_anew_if_expired(&mut self, now: UnixTime) {
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
mod tests;
