use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where a [`Server`](crate::Server) reads the time. Clones of a frozen clock share its hand.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Frozen(Arc<AtomicU64>),
}

impl Clock {
    /// Creates a clock that shows the machine's time.
    pub fn system() -> Self {
        Clock(Source::System)
    }

    /// Creates a clock that shows `now_ms`, in Unix milliseconds, until it is told otherwise.
    pub fn frozen(now_ms: u64) -> Self {
        Clock(Source::Frozen(Arc::new(AtomicU64::new(now_ms))))
    }

    /// Returns the time in Unix milliseconds.
    pub fn now_ms(&self) -> u64 {
        match &self.0 {
            Source::System => {
                let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                millis(since_epoch)
            }
            Source::Frozen(hand) => hand.load(Ordering::SeqCst),
        }
    }

    /// Sets a frozen clock, in Unix milliseconds; a system clock goes its own way.
    pub fn set(&self, now_ms: u64) {
        match &self.0 {
            Source::System => {}
            Source::Frozen(hand) => hand.store(now_ms, Ordering::SeqCst),
        }
    }

    /// Moves a frozen clock forward; a system clock goes its own way.
    pub fn advance(&self, by: Duration) {
        match &self.0 {
            Source::System => {}
            Source::Frozen(hand) => {
                hand.fetch_add(millis(by), Ordering::SeqCst);
            }
        }
    }
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
