//! How long an answer is believed.

use std::time::Duration;

use crate::time::UnixTime;

/// No call to 3scale takes so long.
const UNDER_WAY: Duration = Duration::from_secs(60);

/// For how long answers of 3scale are believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// A grant, and a denial because of limits (`CACHE_GRANT_TTL_SECS`).
    pub grant: Duration,
    /// Any other denial (`CACHE_DENIAL_TTL_SECS`).
    pub denial: Duration,
    /// A grant, beyond its time, while 3scale can't be asked (`CACHE_STALE_SECS`).
    pub stale: Duration,
}

impl Lifetimes {
    /// Until when a grant, or a denial because of limits, is believed: for the grant's time, but not beyond the reset.
    ///
    /// Both are reckoned from the ask. 3scale rounds the reset up to whole seconds.
    pub fn grant_until(&self, asked: UnixTime, reset: Option<Duration>) -> UnixTime {
        asked.after(reset.map_or(self.grant, |reset| reset.min(self.grant)))
    }

    /// Until when a denial that has nothing to do with limits is believed.
    pub fn denial_until(&self, asked: UnixTime) -> UnixTime {
        asked.after(self.denial)
    }

    /// Whether a grant that was believed until `fresh` may stand in for 3scale at `now`.
    pub fn is_within_stale(&self, fresh: UnixTime, now: UnixTime) -> bool {
        now < fresh.after(self.stale)
    }

    /// How long a ledger with uses is kept: while its answer is of any use, and longer than any answer is under way.
    pub fn keep(&self) -> Duration {
        self.grant.saturating_add(self.stale).saturating_add(UNDER_WAY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIMES: Lifetimes =
        Lifetimes { grant: Duration::from_secs(60), denial: Duration::from_secs(10), stale: Duration::from_secs(300) };

    #[test]
    fn a_grant_ends_with_its_time_or_with_the_period() {
        let asked = UnixTime::from_secs(1000);
        assert_eq!(LIFETIMES.grant_until(asked, None), UnixTime::from_secs(1060));
        assert_eq!(LIFETIMES.grant_until(asked, Some(Duration::from_secs(7))), UnixTime::from_secs(1007));
        assert_eq!(LIFETIMES.grant_until(asked, Some(Duration::from_secs(700))), UnixTime::from_secs(1060));
    }

    #[test]
    fn the_stale_window_begins_where_the_grant_ends() {
        let fresh = UnixTime::from_secs(1000);
        assert!(LIFETIMES.is_within_stale(fresh, UnixTime::from_millis(1_299_999)));
        assert!(!LIFETIMES.is_within_stale(fresh, UnixTime::from_secs(1300)));
    }
}
