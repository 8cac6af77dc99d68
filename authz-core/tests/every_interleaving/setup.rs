//! What one walk explores: its size, the faults it may meet, and the flaw it is to find.

use std::time::Duration;

use authz_core::time::UnixTime;

/// The steps of time. Two of them are a minute, so uses fall into several minutes.
const TICK: Duration = Duration::from_secs(30);

/// What one walk explores. Spans of time are in ticks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    /// How many calls come.
    pub(crate) calls: u8,
    /// How many of them are handled at a time, 1 or 2.
    pub(crate) callers: usize,
    /// How many calls 3scale allows in a period.
    pub(crate) limit: u8,
    /// The last instant.
    pub(crate) end: u8,
    /// How long a grant is believed.
    pub(crate) ttl: u8,
    /// How long a ledger without untold uses is kept.
    pub(crate) keep: u8,
    pub(crate) lease: u8,
    pub(crate) rering: u8,
    /// Whether the limit is of a minute, not of eternity.
    pub(crate) resets: bool,
    /// Whether 3scale takes its time to apply what it accepted.
    pub(crate) lags: bool,
    /// Whether 3scale suspends the application at some moment.
    pub(crate) suspends: bool,
    /// How often an operator lets what is remembered be forgotten.
    pub(crate) forgets: u8,
    pub(crate) mishaps: Mishaps,
    pub(crate) flaw: Option<Flaw>,
}

/// How many of each fault may still happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mishaps {
    pub(crate) lost_rings: u8,
    pub(crate) doubled_rings: u8,
    pub(crate) dead_authorizers: u8,
    pub(crate) dead_collectors: u8,
    /// Collectors that go on although their lease has run out.
    pub(crate) late_collectors: u8,
    /// Authreps that 3scale neither answers nor counts.
    pub(crate) outages: u8,
}

/// A mistake in the protocol around the ledger. Each has been a design that looked right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// A collector that finds the key busy drops its message.
    BusyMessageIsConsumed,
    /// A store says what 3scale knows now, not what it knew when it was asked.
    ToldIsReadAtTheStore,
    /// An authrep is not counted as a use.
    OwnUseIsForgotten,
    /// A look that takes nothing never asks for a collection.
    OnlyHitsRing,
    /// An acknowledgement does not mind whose lease it ends.
    AnyoneMayAcknowledge,
    /// All claimed uses are reported with the time of the claim.
    OneTimeForAllUses,
    /// An acknowledgement comes before the report.
    AcknowledgedBeforeTheReport,
    /// An answer is believed whenever it was asked for, as if it were asked for when it is stored.
    OldAnswersAreBelieved,
}

/// One caller, room for all calls but one, and nothing goes wrong.
pub(crate) const CALM: Setup = Setup {
    calls: 4,
    callers: 1,
    limit: 3,
    end: 1,
    ttl: 2,
    keep: 8,
    lease: 1,
    rering: 2,
    resets: false,
    lags: false,
    suspends: false,
    forgets: 0,
    mishaps: NO_MISHAPS,
    flaw: None,
};

pub(crate) const NO_MISHAPS: Mishaps = Mishaps {
    lost_rings: 0,
    doubled_rings: 0,
    dead_authorizers: 0,
    dead_collectors: 0,
    late_collectors: 0,
    outages: 0,
};

impl Setup {
    pub(crate) fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    /// The period that an instant lies in, 0 or 1; the second one has no end.
    pub(crate) fn period(&self, instant: u8) -> usize {
        usize::from(self.resets && instant >= RESET)
    }

    /// When an answer says that it was asked for.
    pub(crate) fn asked(&self, asked: u8) -> UnixTime {
        if self.has(Flaw::OldAnswersAreBelieved) { at(u8::MAX) } else { at(asked) }
    }

    /// Until when an answer is believed that was asked for at one instant and given at another.
    pub(crate) fn fresh(&self, asked: u8, answered: u8) -> u8 {
        let span = if self.resets && answered < RESET { self.ttl.min(RESET - answered) } else { self.ttl };
        asked + span
    }
}

const RESET: u8 = 2;

pub(crate) fn at(instant: u8) -> UnixTime {
    UnixTime::default().after(ticks(instant))
}

pub(crate) fn ticks(count: u8) -> Duration {
    TICK * u32::from(count)
}
