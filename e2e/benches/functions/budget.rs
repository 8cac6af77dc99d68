//! What the authorizer may cost, and whether it does not cost more.

use std::fmt;
use std::time::Duration;

use crate::cold::Cold;
use crate::size::Sizes;
use crate::warm::{Calls, Warm};

/// A line of the budget.
pub(crate) struct Line {
    what: &'static str,
    allowed: String,
    measured: String,
    /// `None` if it was not measured.
    is_met: Option<bool>,
}

pub(crate) fn lines(cold: &Cold, warm: &Warm, sizes: &Sizes) -> Vec<Line> {
    let mut lines = starts(cold);
    lines.extend(calls(warm));
    let megabytes = |what, most: f64, bytes| {
        let measured = in_megabytes(bytes);
        Line::new(what, format!("{most} MB"), format!("{measured:.2} MB"), measured <= most)
    };
    lines.extend([
        megabytes("the program", 6.0, sizes.binary),
        megabytes("the zip of it", 2.8, sizes.zip),
        megabytes("memory, at most", 9.0, warm.hit_over_tls.peak_memory.max(warm.miss_over_tls.peak_memory)),
        Line::new("glibc", "2.34".to_owned(), format!("2.{}", sizes.glibc_minor), sizes.glibc_minor <= 34),
    ]);
    lines
}

fn starts(cold: &Cold) -> Vec<Line> {
    let poll = cold.without_cache.first_poll.median();
    let ratio = ratio(poll, cold.noop.first_poll.median());
    let answer = cold.with_cache.first_answer.median();
    let slow = cold.with_a_share.as_ref().ok().map(|[_, starts]| starts.first_answer.median());
    vec![
        Line::time("ready, without a cache", 2.5, poll),
        Line::new(
            "the same, beside the function that does nothing",
            "1.7 x".to_owned(),
            format!("{ratio:.2} x"),
            ratio <= 1.7,
        ),
        Line::time("the first call answered, with a cache", 5.5, answer),
        slow.map_or_else(
            || Line { is_met: None, ..Line::time("the same with 128 MB", 80.0, Duration::ZERO) },
            |slow| Line::time("the same with 128 MB", 80.0, slow),
        ),
    ]
}

fn calls(warm: &Warm) -> [Line; 3] {
    let beside = |what, floor: &Calls| {
        let ratio = ratio(warm.hit.cycle.median(), floor.cycle.median());
        Line::new(what, "1.3 x".to_owned(), format!("{ratio:.2} x"), ratio <= 1.3)
    };
    let is_one = (warm.round_trips - 1.0).abs() < 0.01;
    [
        beside("a hit, beside a function that does nothing but its script", &warm.script),
        beside("a hit, beside a function that does nothing but a `GET`", &warm.get),
        Line::new("round trips to Redis for a hit", "1".to_owned(), format!("{:.2}", warm.round_trips), is_one),
    ]
}

impl Line {
    fn new(what: &'static str, allowed: String, measured: String, is_met: bool) -> Self {
        Self { what, allowed, measured, is_met: Some(is_met) }
    }

    fn time(what: &'static str, most_millis: f64, measured: Duration) -> Self {
        let measured = 1e3 * measured.as_secs_f64();
        Self::new(what, format!("{most_millis} ms"), format!("{measured:.2} ms"), measured <= most_millis)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, allowed, measured, is_met } = self;
        match is_met {
            Some(true) => writeln!(f, "| {what} | {allowed} | {measured} | met |"),
            Some(false) => writeln!(f, "| {what} | {allowed} | {measured} | **not met** |"),
            None => writeln!(f, "| {what} | {allowed} | | not measured |"),
        }
    }
}

/// Returns bytes in millions of them.
pub(crate) fn in_megabytes(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a program has not that many")]
    let bytes = bytes as f64;
    bytes / 1e6
}

fn ratio(of: Duration, to: Duration) -> f64 {
    of.as_secs_f64() / to.as_secs_f64()
}
