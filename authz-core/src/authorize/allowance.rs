//! How many unknown callers pass while nobody can judge them.

use crate::time::{Minute, UnixTime};

/// Counts, for one process, the calls of a minute that passed although 3scale never granted their caller.
///
/// Without a bound, random keys would fill the cache, and later 3scale, while it is down.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allowance {
    minute: Option<Minute>,
    passed: u64,
}

impl Allowance {
    /// Lets another call pass if fewer than `most` did in this minute.
    pub fn admit(&mut self, now: UnixTime, most: u64) -> bool {
        if self.minute != Some(now.minute()) {
            *self = Self { minute: Some(now.minute()), passed: 0 };
        }
        let admits = self.passed < most;
        self.passed += u64::from(admits);
        admits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_pass_in_each_minute() {
        let mut allowance = Allowance::default();
        let mut admit = |secs| allowance.admit(UnixTime::from_secs(secs), 2);
        assert_eq!([0, 30, 59, 60, 61, 62].map(&mut admit), [true, true, false, true, true, false]);
    }

    #[test]
    fn an_allowance_of_nothing_admits_nobody() {
        assert!(!Allowance::default().admit(UnixTime::from_secs(1), 0));
    }
}
