//! Keeps a dead server from costing every call its time limit.

use std::time::Duration;

use authz_core::time::UnixTime;

/// One failure can be chance; so many in a row are none.
const FAILURES: u32 = 2;
const FIRST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(16);

/// Counts failures in a row. From the second on the server is left alone for a second, then for two, up to 16.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Breaker {
    failures: u32,
    rests_until: UnixTime,
}

impl Breaker {
    /// Whether the server may be asked.
    pub(crate) fn lets_through(&self, now: UnixTime) -> bool {
        now >= self.rests_until
    }

    /// The server answered.
    pub(crate) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// The server did not answer.
    pub(crate) fn failed(&mut self, now: UnixTime) {
        self.failures = self.failures.saturating_add(1);
        if let Some(doublings) = self.failures.checked_sub(FAILURES) {
            let rest = FIRST_REST.saturating_mul(2_u32.saturating_pow(doublings));
            self.rests_until = now.after(rest.min(LONGEST_REST));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after_failures(failures: u32) -> Breaker {
        let mut breaker = Breaker::default();
        (0..failures).for_each(|_| breaker.failed(UnixTime::from_secs(100)));
        breaker
    }

    #[test]
    fn one_failure_changes_nothing() {
        assert!(after_failures(1).lets_through(UnixTime::from_secs(100)));
    }

    #[test]
    fn each_further_failure_doubles_the_rest() {
        for (failures, rest) in [(2, 1), (3, 2), (6, 16), (50, 16)] {
            let breaker = after_failures(failures);
            assert!(!breaker.lets_through(UnixTime::from_millis(99_999 + rest * 1000)), "{failures}");
            assert!(breaker.lets_through(UnixTime::from_secs(100 + rest)), "{failures}");
        }
    }

    #[test]
    fn an_answer_makes_good() {
        let mut breaker = after_failures(9);
        breaker.succeeded();
        breaker.failed(UnixTime::from_secs(100));
        assert!(breaker.lets_through(UnixTime::from_secs(100)));
    }
}
