//! What an answer beyond its time is still good for.

use crate::cache::{Entry, Lifetimes};
use crate::ledger::Taken;
use crate::time::UnixTime;
use crate::verdict::Reason;

/// An answer that was remembered and is no longer fresh.
#[derive(Clone, Debug)]
pub(super) struct Stale {
    entry: Entry,
    fresh: UnixTime,
    used_up: bool,
}

/// What it says in 3scale's stead.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum StandIn {
    /// The call may pass.
    Allow {
        /// The application's plan.
        plan: Option<String>,
    },
    /// The call may not pass: the period of a limit that was met is not over.
    Deny(Entry),
}

impl Stale {
    pub(super) fn new(entry: Entry, taken: &Taken) -> Self {
        Self { entry, fresh: taken.fresh, used_up: taken.cap.is_some_and(|cap| taken.uses >= cap) }
    }

    /// A grant stands in within the stale window, a limit that was met until its reset, anything else not at all.
    pub(super) fn stand_in(self, lifetimes: &Lifetimes, now: UnixTime) -> Option<StandIn> {
        if !lifetimes.is_within_stale(self.fresh, now) {
            return None;
        }
        let period_goes_on =
            self.entry.limit().is_some_and(|limit| limit.reset_at.is_none_or(|reset_at| now < reset_at));
        match self.entry {
            Entry::Grant { .. } if self.used_up && period_goes_on => Some(StandIn::Deny(self.entry)),
            Entry::Grant { plan, .. } => Some(StandIn::Allow { plan }),
            Entry::Denial { reason: Reason::LimitsExceeded, .. } if period_goes_on => Some(StandIn::Deny(self.entry)),
            Entry::Denial { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cache::LimitFacts;

    const LIFETIMES: Lifetimes =
        Lifetimes { grant: Duration::from_secs(60), denial: Duration::from_secs(10), stale: Duration::from_secs(300) };

    /// Fresh until second 100, limited until second 200.
    fn at(secs: u64, entry: &Entry, used_up: bool) -> Option<StandIn> {
        let stale = Stale { entry: entry.clone(), fresh: UnixTime::from_secs(100), used_up };
        stale.stand_in(&LIFETIMES, UnixTime::from_secs(secs))
    }

    fn limit(reset_at: Option<u64>) -> LimitFacts {
        LimitFacts { max: Some(5), reset_at: reset_at.map(UnixTime::from_secs) }
    }

    const ALLOW: Option<StandIn> = Some(StandIn::Allow { plan: None });

    #[test]
    fn a_grant_stands_in_within_the_stale_window() {
        let grant = Entry::Grant { plan: None, limit: None };
        assert_eq!(at(399, &grant, false), ALLOW);
        assert_eq!(at(400, &grant, false), None);
    }

    #[test]
    fn a_grant_that_is_used_up_denies_until_its_reset() {
        let grant = Entry::Grant { plan: None, limit: Some(limit(Some(200))) };
        assert_eq!(at(199, &grant, true), Some(StandIn::Deny(grant.clone())));
        assert_eq!(at(200, &grant, true), ALLOW);
        assert_eq!(at(199, &grant, false), ALLOW);
        let eternal = Entry::Grant { plan: None, limit: Some(limit(None)) };
        assert_eq!(at(399, &eternal, true), Some(StandIn::Deny(eternal)));
    }

    #[test]
    fn only_a_denial_for_limits_stands_in() {
        let exceeded = Entry::Denial { reason: Reason::LimitsExceeded, limit: Some(limit(Some(200))) };
        assert_eq!(at(199, &exceeded, true), Some(StandIn::Deny(exceeded.clone())));
        assert_eq!(at(200, &exceeded, true), None);
        let invalid = Entry::Denial { reason: Reason::UserKeyInvalid, limit: None };
        assert_eq!(at(150, &invalid, true), None);
    }
}
