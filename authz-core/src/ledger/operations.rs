//! What a ledger is asked, and what it answers.

use std::time::Duration;

use crate::time::{Minute, UnixTime};

/// Counts a use if the entry still allows one, and tells what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Take {
    /// When this is asked.
    pub now: UnixTime,
    /// How long after a ring nobody else needs to ring.
    pub rering: Duration,
    /// As in [`Store::keep`]: the asker of a miss comes back with an answer of 3scale.
    pub keep: Duration,
}

/// Answers a [`Take`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Whether a use was counted: the call is allowed.
    pub took: bool,
    /// Whether the asker must ask for a collection.
    pub ring: bool,
    /// How many uses there are in all, this one included.
    pub uses: u64,
    /// How many of them 3scale knows.
    pub told: u64,
    /// When 3scale's limits reckon with what it was told last.
    pub applied_by: UnixTime,
    /// Until when the entry is believed.
    pub fresh: UnixTime,
    /// Up to how many uses the entry allows; `None` allows any number.
    pub cap: Option<u64>,
    /// The wire form of the entry; `None` if there is none.
    pub entry: Option<String>,
}

impl Taken {
    /// Whether what is remembered refuses the call: a fresh denial, or a fresh grant that is used up.
    ///
    /// A grant that is used up does not refuse once 3scale reckons with every use: asking again then costs one call, which
    /// 3scale answers by what is true now. So uses that were counted against one period and told in the next keep nobody
    /// out for much longer than it takes to tell them.
    pub fn refuses(&self, now: UnixTime) -> bool {
        let is_denial = self.cap == Some(0);
        self.entry.is_some()
            && !self.took
            && now < self.fresh
            && (is_denial || self.told < self.uses || now < self.applied_by)
    }
}

/// Remembers an answer of 3scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// When this is asked.
    pub now: UnixTime,
    /// When 3scale was asked, or before.
    pub asked: UnixTime,
    /// The wire form of the entry.
    pub entry: String,
    /// Until when it may be believed: reckoned from the ask, never from the store.
    pub fresh: UnixTime,
    /// How many more uses 3scale would allow.
    pub room: Room,
    /// `told` as it was when 3scale was asked.
    pub told_at_ask: u64,
    /// Whether 3scale counted a use of its own with this answer (an authrep that it allowed).
    pub own: bool,
    /// How long a ledger without untold uses outlives its last look or change, so that it outlives every answer still
    /// under way: an answer means nothing to a ledger that began anew meanwhile.
    pub keep: Duration,
}

/// How many uses an answer leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Any number.
    Unlimited,
    /// None: the answer is a denial.
    Denied,
    /// So many, beyond those that 3scale knew when it was asked.
    Remaining(u64),
}

impl Room {
    /// The largest number that remains: a script counts in floating point, exactly up to 2^53.
    pub const MOST: u64 = 1 << 52;
}

/// Counts a use that was allowed without 3scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// When this is asked.
    pub now: UnixTime,
    /// How long after a ring nobody else needs to ring.
    pub rering: Duration,
}

/// Takes the untold uses under a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// When this is asked.
    pub now: UnixTime,
    /// Who asks; no two workers have the same name.
    pub owner: String,
    /// For how long nobody else may collect.
    pub lease: Duration,
}

/// Answers a [`Claim`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// Somebody else is collecting.
    Busy {
        /// When that lease ends.
        until: UnixTime,
    },
    /// There is nothing to collect.
    Nothing,
    /// These uses are to be told to 3scale.
    Uses {
        /// `told`, for the store of what 3scale is asked now.
        told: u64,
        /// Uses by the minute in which they were allowed.
        minutes: Vec<(Minute, u64)>,
    },
}

/// Marks claimed uses as told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ack {
    /// Who claimed them.
    pub owner: String,
    /// The uses that were claimed.
    pub minutes: Vec<(Minute, u64)>,
    /// As in [`Store::keep`].
    pub keep: Duration,
    /// When this is asked.
    pub now: UnixTime,
}

/// Answers an [`Ack`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acked {
    /// The lease had gone to somebody else, who tells the same uses again.
    NotTheOwner,
    /// Done; so many uses came in meanwhile.
    Untold(u64),
}

/// Drops what 3scale said, and all that it is about to say to those who asked before. Uses are kept, and are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forget {
    /// When this is asked.
    pub now: UnixTime,
    /// As in [`Store::keep`].
    pub keep: Duration,
}
