//! The formula of `docs/cost.md`.

use std::time::Duration;

use crate::scenario::{BATCH_SIZE, BATCH_WINDOW, DELIVERY, GRANT_TTL, POLLERS, RUN_AGAIN_AFTER, Scenario, Topology};
use crate::table::Costs;

/// The collector tells no more keys in one report.
const KEYS_IN_A_REPORT: f64 = 16.0;

/// Returns what a million calls should cost; of batches and reports, what they should cost at the most.
pub(crate) fn predicted(scenario: &Scenario) -> Costs {
    let mut each_second = Costs::default();
    for rate in scenario.rates() {
        let (wait, failing) = collected_after(scenario, rate);
        let quiet = chance_of_none(rate, GRANT_TTL);
        let misses = quiet / (1.0 - quiet);
        let messages = rate / (1.0 + rate * wait + misses);
        each_second.messages += messages;
        each_second.failed += messages * failing;
        each_second.authrep += messages * misses;
        each_second.authorize += messages;
    }
    let messages = each_second.messages;
    (each_second.invocations, each_second.report) = match scenario.topology {
        Topology::Topic => (messages + each_second.failed, messages),
        Topology::Queue => {
            let pollers = f64::from(POLLERS);
            let in_time = pollers / (BATCH_WINDOW.as_secs_f64() + pollers / messages);
            let batches = in_time.max(messages / f64::from(BATCH_SIZE));
            (batches, batches + messages / KEYS_IN_A_REPORT)
        }
    };
    each_second.times(1e6 / scenario.calls_per_second)
}

/// Returns how many seconds after its message a key is collected, and how many invocations fail for it: those that meet
/// one that still collects.
fn collected_after(scenario: &Scenario, rate: f64) -> (f64, f64) {
    match scenario.topology {
        Topology::Topic => {
            let collecting = 2 * scenario.thinking;
            let failing = 1.0 - chance_of_none(rate, collecting.saturating_sub(DELIVERY));
            (DELIVERY.as_secs_f64() + failing * RUN_AGAIN_AFTER[0].as_secs_f64(), failing)
        }
        Topology::Queue => ((DELIVERY + scenario.topology.collect_delay()).as_secs_f64(), 0.0),
    }
}

/// Returns how likely it is that a key does not call during `span`.
fn chance_of_none(rate: f64, span: Duration) -> f64 {
    (-rate * span.as_secs_f64()).exp()
}
