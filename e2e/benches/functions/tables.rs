//! The tables, as Markdown.

use std::time::Duration;

use crate::budget::{self, in_megabytes};
use crate::cold::{Cold, LITTLE_MEMORY_MB, Starts};
use crate::samples::Samples;
use crate::size::Sizes;
use crate::warm::{Calls, Warm};

/// Writes all of them.
pub(crate) fn of(cold: &Cold, warm: &Warm, sizes: &Sizes) -> String {
    let lines: String = budget::lines(cold, warm, sizes).iter().map(ToString::to_string).collect();
    format!("{START_HEADS}{}\n{CALL_HEADS}{}\n{BUDGET_HEADS}{lines}", starts(cold), calls(warm))
}

fn starts(cold: &Cold) -> String {
    let row = |name: &str, starts: &Starts| {
        let Starts { first_poll, first_answer, cpu } = starts;
        let times = [first_poll, first_answer].map(|samples| spread(samples, millis)).join(" | ");
        format!("| {name} | {} | {times} | {} |\n", cpu.count(), millis(cpu.median()))
    };
    let rows = row("does nothing", &cold.noop)
        + &row("authorizer without a cache", &cold.without_cache)
        + &row("authorizer, Redis over TLS", &cold.with_cache);
    match &cold.with_a_share {
        Ok([noop, with_cache]) => {
            rows + &row(&format!("does nothing, {LITTLE_MEMORY_MB} MB"), noop)
                + &row(&format!("authorizer, Redis over TLS, {LITTLE_MEMORY_MB} MB"), with_cache)
        }
        Err(_) => rows + &format!("| {LITTLE_MEMORY_MB} MB: **not measured**, no control group |{}\n", " |".repeat(8)),
    }
}

fn calls(warm: &Warm) -> String {
    let row = |name, calls: &Calls| {
        let memory = in_megabytes(calls.peak_memory);
        format!("| {name} | {} | {} | {memory:.1} |\n", spread(&calls.cycle, micros), micros(calls.cpu))
    };
    row("does nothing", &warm.noop)
        + &row("nothing but a `GET`", &warm.get)
        + &row("nothing but the script of a hit", &warm.script)
        + &row("hit", &warm.hit)
        + &row("hit, Redis over TLS", &warm.hit_over_tls)
        + &row("miss, Redis and 3scale over TLS", &warm.miss_over_tls)
}

fn spread(samples: &Samples, unit: impl Fn(Duration) -> String) -> String {
    [samples.least(), samples.median(), samples.p99()].map(unit).join(" | ")
}

fn millis(time: Duration) -> String {
    format!("{:.2}", 1e3 * time.as_secs_f64())
}

fn micros(time: Duration) -> String {
    format!("{:.0}", 1e6 * time.as_secs_f64())
}

const START_HEADS: &str = "\
| a start | times | ready: least ms | median | p99 | first answer: least ms | median | p99 | processor ms |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
";
const CALL_HEADS: &str = "\
| a call | least us | median | p99 | processor us | memory MB |
|---|--:|--:|--:|--:|--:|
";
const BUDGET_HEADS: &str = "\
| | allowed | measured | |
|---|--:|--:|---|
";
