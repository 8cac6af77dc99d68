//! What it costs to tell 3scale of cached calls: SNS messages, invocations of `authrep-async`, and requests to 3scale.
//!
//! The real authorizer and collector, a cache in memory and the 3scale stub live through minutes of virtual time, with
//! SNS, SQS and Lambda between them as `scenario.rs` says. Prints a table in Markdown.

mod aws;
mod formula;
mod scenario;
mod table;
mod world;

use scenario::{Popularity, SLOW, Scenario, Topology};

fn main() {
    let mut rows = Vec::new();
    for scenario in SCENARIOS {
        eprintln!("{scenario} ..");
        rows.push(table::row(&scenario.to_string(), "measured", &world::measured(&scenario)));
        rows.push(table::row("", "formula", &formula::predicted(&scenario)));
    }
    print!("{}", table::table(&rows));
}

const USUAL: Scenario = Scenario::usual();
const SCENARIOS: [Scenario; 8] = [
    Scenario { topology: Topology::Topic, ..USUAL },
    Scenario { topology: Topology::Topic, calls_per_second: 100.0, ..USUAL },
    Scenario { topology: Topology::Topic, thinking: SLOW, ..USUAL },
    USUAL,
    Scenario { popularity: Popularity::Zipf, ..USUAL },
    Scenario { keys: 1_000, ..USUAL },
    Scenario { keys: 1_000, calls_per_second: 100.0, ..USUAL },
    Scenario { keys: 1_000, calls_per_second: 10.0, ..USUAL },
];
