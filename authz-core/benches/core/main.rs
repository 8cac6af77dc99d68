//! What the core's own code costs, without any I/O: time and allocations, as a table and the budget in Markdown.
//!
//! As a test each piece of work is done once, and no budget is looked at.

mod measure;
mod work;

use std::time::Duration;

use measure::{Cost, Effort};
use work::Work;

fn main() {
    // `cargo bench` says so; `cargo test` does not.
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let effort =
        if is_bench { Effort { samples: 5_001, repetitions: 20 } } else { Effort { samples: 1, repetitions: 1 } };
    let costs = work::all(effort);
    if is_bench {
        print(&table(&costs));
    }
}

/// Returns what everything costs, and whether that is within the budget where there is one.
fn table(costs: &[(Work, Cost)]) -> String {
    let rows = costs.iter().map(|(work, cost)| format!("| {} | {cost} | {} |\n", work.name, work.budget.judged(cost)));
    format!("{HEADS}{}", rows.collect::<String>())
}

/// The most that a piece of work may cost.
pub(crate) enum Budget {
    /// It is a part of another piece of work.
    None,
    /// So much time.
    Time(Duration),
    /// So much time, and so many allocations.
    TimeAndAllocations(Duration, u64),
}

impl Budget {
    fn judged(&self, cost: &Cost) -> String {
        let judged = |is_met, budget| format!("{budget}: {}", if is_met { "met" } else { "**not met**" });
        match self {
            Self::None => String::new(),
            Self::Time(time) => judged(cost.median <= *time, format!("{time:?}")),
            Self::TimeAndAllocations(time, allocations) => judged(
                cost.median <= *time && cost.allocations <= *allocations,
                format!("{time:?}, {allocations} allocations"),
            ),
        }
    }
}

#[expect(clippy::disallowed_macros, reason = "a benchmark tells what it measured")]
fn print(table: &str) {
    print!("{table}");
}

const HEADS: &str = "\
| | median us | least us | allocations | bytes | budget |
|---|--:|--:|--:|--:|---|
";
