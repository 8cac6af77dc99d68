//! What is measured, and all that is assumed of AWS and 3scale.

use std::fmt;
use std::time::Duration;

/// Two grants long, so that what began together has spread.
pub(crate) const WARM_UP: Duration = Duration::from_secs(120);
/// How long is counted after that.
pub(crate) const MEASURED: Duration = Duration::from_secs(300);

/// From a publish until SNS has invoked the function, or put the message into the queue.
pub(crate) const DELIVERY: Duration = Duration::from_millis(50);
/// How long Lambda waits before it runs a function once more that failed for SNS; after the last time it gives up.
pub(crate) const RUN_AGAIN_AFTER: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(120)];

/// How long the queue hides a message.
pub(crate) const QUEUE_DELAY: Duration = Duration::from_secs(15);
/// How long Lambda gathers a batch, from its first message on.
pub(crate) const BATCH_WINDOW: Duration = Duration::from_secs(15);
/// A batch of so many messages waits no longer.
pub(crate) const BATCH_SIZE: u8 = 100;
/// Lambda gathers so many batches at a time.
pub(crate) const POLLERS: u8 = 5;

/// The default of `CACHE_GRANT_TTL_SECS`.
pub(crate) const GRANT_TTL: Duration = Duration::from_secs(60);
/// How long 3scale takes for a request.
const QUICK: Duration = Duration::from_millis(20);
/// How long it takes from afar.
pub(crate) const SLOW: Duration = Duration::from_millis(100);

/// One row of the table.
#[derive(Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) topology: Topology,
    pub(crate) keys: u32,
    pub(crate) popularity: Popularity,
    /// Of all keys together, each at a random instant.
    pub(crate) calls_per_second: f64,
    /// How long 3scale takes for a request.
    pub(crate) thinking: Duration,
}

/// How messages reach `authrep-async`.
#[derive(Clone, Copy)]
pub(crate) enum Topology {
    /// SNS invokes the function for each.
    Topic,
    /// SNS puts them into a queue, from which Lambda takes batches.
    Queue,
}

/// Whose calls they are.
#[derive(Clone, Copy)]
pub(crate) enum Popularity {
    /// Every key's, with the same probability.
    Even,
    /// The first key's twice as often as the second's, three times as often as the third's.
    Zipf,
}

impl Topology {
    /// Returns what goes into `COLLECT_DELAY_SECS`.
    pub(crate) fn collect_delay(self) -> Duration {
        match self {
            Self::Topic => Duration::ZERO,
            Self::Queue => QUEUE_DELAY + BATCH_WINDOW,
        }
    }
}

impl Scenario {
    /// A queue, and 100 keys that make 1,000 calls a second.
    pub(crate) const fn usual() -> Self {
        let (topology, popularity) = (Topology::Queue, Popularity::Even);
        Self { topology, keys: 100, popularity, calls_per_second: 1_000.0, thinking: QUICK }
    }

    /// Returns how often each key calls in a second.
    pub(crate) fn rates(&self) -> Vec<f64> {
        let weight = |rank| match self.popularity {
            Popularity::Even => 1.0,
            Popularity::Zipf => 1.0 / f64::from(rank),
        };
        let weights: Vec<f64> = (1..=self.keys).map(weight).collect();
        let all: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| self.calls_per_second * weight / all).collect()
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { topology, keys, popularity, calls_per_second, thinking } = self;
        let topology = match topology {
            Topology::Topic => "topic",
            Topology::Queue => "queue",
        };
        let popularity = match popularity {
            Popularity::Even => "",
            Popularity::Zipf => " (Zipf)",
        };
        write!(f, "{topology}, {keys} keys{popularity}, {calls_per_second} calls/s, 3scale {thinking:?}")
    }
}
