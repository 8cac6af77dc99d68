//! How long a piece of work takes, and how often it allocates.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// What a piece of work costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Half of all samples took no longer.
    pub(crate) median: Duration,
    /// The quickest sample.
    pub(crate) least: Duration,
    /// How often memory was asked for.
    pub(crate) allocations: u64,
    /// How much of it, in bytes.
    pub(crate) bytes: u64,
}

/// How often work is repeated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// How many samples are taken.
    pub(crate) samples: usize,
    /// Of how many repetitions each is the mean.
    pub(crate) repetitions: u32,
}

impl Cost {
    /// Measures `work`; what it was made from and what it makes is dropped in time that counts, too.
    pub(crate) fn of<T>(effort: Effort, work: impl Fn() -> T) -> Self {
        let mut samples: Vec<Duration> = (0..effort.samples).map(|_| sample(effort.repetitions, &work)).collect();
        samples.sort_unstable();
        let allocated = allocation_counter::measure(|| drop(black_box(work())));
        Self {
            median: samples[samples.len() / 2],
            least: samples[0],
            allocations: allocated.count_total,
            bytes: allocated.bytes_total,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn sample<T>(repetitions: u32, work: &impl Fn() -> T) -> Duration {
    let begun = Instant::now();
    for _ in 0..repetitions {
        black_box(work());
    }
    begun.elapsed() / repetitions
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        let Self { median, least, allocations, bytes } = self;
        write!(f, "{:.2} | {:.2} | {allocations} | {bytes}", micros(*median), micros(*least))
    }
}
