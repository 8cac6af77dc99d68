use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where a [`Server`](crate::Server) reads the time. Clones share its hand.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    /// The machine's time, and so much more.
    System {
        ahead_ms: Arc<AtomicU64>,
    },
    Frozen(Arc<AtomicU64>),
}

impl Clock {
    /// Creates a clock that shows the machine's time.
    pub fn system() -> Self {
        Clock(Source::System { ahead_ms: Arc::default() })
    }

    /// Creates a clock that shows `now_ms`, in Unix milliseconds, until it is told otherwise.
    pub fn frozen(now_ms: u64) -> Self {
        Clock(Source::Frozen(Arc::new(AtomicU64::new(now_ms))))
    }

    /// Returns the time in Unix milliseconds.
    pub fn now_ms(&self) -> u64 {
        match &self.0 {
            Source::System { ahead_ms } => {
                let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                millis(since_epoch).saturating_add(ahead_ms.load(Ordering::SeqCst))
            }
            Source::Frozen(hand) => hand.load(Ordering::SeqCst),
        }
    }

    /// Sets a frozen clock, in Unix milliseconds; a system clock goes its own way.
    pub fn set(&self, now_ms: u64) {
        match &self.0 {
            Source::System { .. } => {}
            Source::Frozen(hand) => hand.store(now_ms, Ordering::SeqCst),
        }
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        match &self.0 {
            Source::System { ahead_ms: hand } | Source::Frozen(hand) => hand.fetch_add(millis(by), Ordering::SeqCst),
        };
    }
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_go_ahead_together() {
        for clock in [Clock::system(), Clock::frozen(1)] {
            let (before, clone) = (clock.now_ms(), clock.clone());
            clock.advance(Duration::from_secs(86_400));
            assert!(clone.now_ms() >= before + 86_400_000);
        }
    }
}
