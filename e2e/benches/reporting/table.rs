//! The table, as Markdown.

/// What so many calls cost, besides the authorizer's own invocations.
#[derive(Clone, Copy, Default)]
pub(crate) struct Costs {
    /// SNS messages.
    pub(crate) messages: f64,
    /// Invocations of `authrep-async`.
    pub(crate) invocations: f64,
    /// Those of them that failed, so that Lambda ran the function again.
    pub(crate) failed: f64,
    /// Requests to 3scale that authorize and report one call.
    pub(crate) authrep: f64,
    /// Requests to 3scale that authorize.
    pub(crate) authorize: f64,
    /// Requests to 3scale that report the uses of many calls.
    pub(crate) report: f64,
}

impl Costs {
    /// Returns what was added to `before`.
    pub(crate) fn since(self, before: Self) -> Self {
        let Self { messages, invocations, failed, authrep, authorize, report } = before.times(-1.0);
        Self {
            messages: self.messages + messages,
            invocations: self.invocations + invocations,
            failed: self.failed + failed,
            authrep: self.authrep + authrep,
            authorize: self.authorize + authorize,
            report: self.report + report,
        }
    }

    /// Returns what `factor` times as many calls cost.
    pub(crate) fn times(self, factor: f64) -> Self {
        Self {
            messages: self.messages * factor,
            invocations: self.invocations * factor,
            failed: self.failed * factor,
            authrep: self.authrep * factor,
            authorize: self.authorize * factor,
            report: self.report * factor,
        }
    }

    fn sum(&self) -> f64 {
        self.messages + self.invocations + self.authrep + self.authorize + self.report
    }
}

/// Returns the row of what a million calls cost.
///
/// The ancestor publishes a message for each cached call, and makes an authrep for each message; it has as many misses.
pub(crate) fn row(scenario: &str, kind: &str, costs: &Costs) -> String {
    let Costs { messages, invocations, failed, authrep, authorize, report } = *costs;
    let ancestor = 3.0 * (1e6 - authrep) + authrep;
    let numbers = [messages, invocations, failed, authrep, authorize, report, costs.sum()].map(grouped).join(" | ");
    format!("| {scenario} | {kind} | {numbers} | {:.2} % |\n", 100.0 * costs.sum() / ancestor)
}

/// Returns the rows under their heads.
pub(crate) fn table(rows: &[String]) -> String {
    format!("{HEADS}{}", rows.concat())
}

/// Writes 1234567.8 as 1,234,568.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let group =
        |(place, digit)| (place > 0 && (digits.len() - place) % 3 == 0).then_some(',').into_iter().chain([digit]);
    digits.chars().enumerate().flat_map(group).collect()
}

const HEADS: &str = "\
| a million calls | | SNS messages | `authrep-async` | of these failed | authrep | authorize | report | sum | of the ancestor's |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|
| the ancestor, all calls cached | | 1,000,000 | 1,000,000 | 0 | 1,000,000 | 0 | 0 | 3,000,000 | 100 % |
";
