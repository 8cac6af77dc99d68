//! Everything there is at one moment, and the steps that lead on from it.

use std::collections::BTreeMap;

use authz_core::ledger::{Claim, Claimed, Forget, Ledger, Take, Taken};
use authz_core::time::{Minute, UnixTime};

use crate::authorizer::{self, Authorizer};
use crate::collector::{self, Collector};
use crate::setup::{Flaw, Mishaps, Setup, at, ticks};
use crate::threescale::Threescale;

/// Everything there is. The ledger comes last, because it is the dearest to compare.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct World {
    pub(crate) instant: u8,
    /// How many calls are still to come.
    pub(crate) calls: u8,
    pub(crate) authorizers: [Authorizer; 2],
    pub(crate) collectors: [Collector; 2],
    /// How many messages wait for a collector.
    pub(crate) messages: u8,
    /// Whether a ring got lost since the last claim.
    pub(crate) is_ring_lost: bool,
    /// How often what is remembered can still be forgotten.
    pub(crate) forgets: u8,
    /// Whether it was forgotten after 3scale had suspended the application.
    pub(crate) is_revoked: bool,
    pub(crate) mishaps: Mishaps,
    pub(crate) threescale: Threescale,
    pub(crate) tally: Tally,
    pub(crate) ledger: Ledger,
}

/// What really happened, for comparison with what the ledger and 3scale believe.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tally {
    /// Calls that were allowed, by period.
    pub(crate) allowed: [u8; 2],
    /// Of these, those that were allowed without an authrep.
    pub(crate) unasked: u8,
    /// Uses that were acknowledged.
    pub(crate) acknowledged: u8,
    /// Uses that were reported and, for a fault, never acknowledged by their reporter.
    pub(crate) repeated: u8,
    /// Authreps that 3scale counted and that no ledger hears of, because the authorizer died.
    pub(crate) orphans: u8,
    /// The most that 3scale had accepted and not applied when it was asked.
    pub(crate) unapplied: u8,
}

/// One step of one party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    Authorizer(usize, authorizer::Step),
    Collector(usize, collector::Step),
    /// 3scale applies a use of this period.
    Apply(usize),
    /// 3scale suspends the application.
    Suspend,
    /// An operator lets what is remembered be forgotten.
    Forget,
    Tick,
}

/// A broken promise, in words.
pub(crate) type Broken = String;

impl World {
    pub(crate) fn new(setup: &Setup) -> Self {
        Self { calls: setup.calls, forgets: setup.forgets, mishaps: setup.mishaps, ..Self::default() }
    }

    /// Everything that can happen next.
    pub(crate) fn moves(&self, setup: &Setup) -> Vec<Move> {
        let mut moves = Vec::new();
        for who in 0..self.authorizers.len() {
            moves.extend(authorizer::steps(self, setup, who).into_iter().map(|step| Move::Authorizer(who, step)));
        }
        for who in 0..self.collectors.len() {
            moves.extend(collector::steps(self, who).into_iter().map(|step| Move::Collector(who, step)));
        }
        moves.extend([0, 1].into_iter().filter(|period| self.threescale.lagging[*period] > 0).map(Move::Apply));
        moves.extend((setup.suspends && !self.threescale.is_suspended).then_some(Move::Suspend));
        moves.extend((self.forgets > 0).then_some(Move::Forget));
        if self.instant < setup.end
            && self.late_after_a_tick(setup).count() <= usize::from(self.mishaps.late_collectors)
        {
            moves.push(Move::Tick);
        }
        moves
    }

    pub(crate) fn after(&self, step: Move, setup: &Setup) -> Result<Self, Broken> {
        let mut next = self.clone();
        match step {
            Move::Authorizer(who, step) => authorizer::go(&mut next, setup, who, step)?,
            Move::Collector(who, step) => collector::go(&mut next, setup, who, step)?,
            Move::Apply(period) => next.threescale.apply(period),
            Move::Suspend => next.threescale.is_suspended = true,
            Move::Forget => next.forget(setup),
            Move::Tick => next.tick(setup),
        }
        // Authorizers have no names, so it makes no difference which of them does what.
        next.authorizers.sort();
        Ok(next)
    }

    /// Where there is no ledger yet, nothing is forgotten: an authrep under way may begin one.
    fn forget(&mut self, setup: &Setup) {
        self.forgets -= 1;
        let is_found = self.ledger.forget(Forget { now: self.now(), keep: ticks(setup.keep) });
        self.is_revoked |= is_found && self.threescale.is_suspended;
    }

    /// The end of a function's time limit comes before the end of its lease, so only a mishap makes a collector late.
    fn tick(&mut self, setup: &Setup) {
        let late: Vec<usize> = self.late_after_a_tick(setup).collect();
        for who in late {
            self.collectors[who].is_late = true;
            self.mishaps.late_collectors -= 1;
        }
        self.instant += 1;
    }

    fn late_after_a_tick(&self, setup: &Setup) -> impl Iterator<Item = usize> {
        let is_late = |who: &usize| {
            let collector = &self.collectors[*who];
            !collector.is_late && collector.is_over_lease(self.instant + 1, setup)
        };
        (0..self.collectors.len()).filter(is_late)
    }

    pub(crate) fn now(&self) -> UnixTime {
        at(self.instant)
    }

    pub(crate) fn period(&self, setup: &Setup) -> usize {
        setup.period(self.instant)
    }

    /// The ledger's answer to a look; of the messages that it asks for, only those that the protocol asks for too.
    pub(crate) fn look(ledger: &mut Ledger, setup: &Setup, now: UnixTime) -> Taken {
        let mut taken = ledger.take(Take { now, rering: ticks(setup.rering), keep: ticks(setup.keep) });
        taken.ring &= taken.took || !setup.has(Flaw::OnlyHitsRing);
        taken
    }

    /// What a look would find now, without its use.
    pub(crate) fn peek(&self, setup: &Setup) -> Taken {
        let mut taken = Self::look(&mut self.ledger.clone(), setup, self.now());
        taken.uses -= u64::from(taken.took);
        taken
    }

    /// The untold uses, by minute, as if no lease kept us from them.
    pub(crate) fn untold(&self) -> BTreeMap<Minute, u64> {
        let mut ledger = self.ledger.clone();
        let mut claim = |now| ledger.claim(Claim { now, owner: "inspector".to_owned(), lease: ticks(1) });
        let claimed = match claim(self.now()) {
            Claimed::Busy { until } => claim(until),
            claimed => claimed,
        };
        match claimed {
            Claimed::Uses { minutes, .. } => minutes.into_iter().collect(),
            Claimed::Nothing | Claimed::Busy { .. } => BTreeMap::new(),
        }
    }

    /// Whether nobody is in the middle of something.
    pub(crate) fn is_quiet(&self) -> bool {
        self.authorizers.iter().all(Authorizer::is_idle) && self.collectors.iter().all(Collector::is_idle)
    }
}
