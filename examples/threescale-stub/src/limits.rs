use std::cmp::Ordering;

use crate::counters::Counters;
use crate::usage::{Changes, SentUsage};
use crate::{Application, Period, Service};

/// An application's limit and how much of it is used at a moment.
pub(crate) struct Limit<'a> {
    pub(crate) metric: &'a str,
    pub(crate) period: Period,
    pub(crate) max: u64,
    /// What is counted already, without the call at hand.
    pub(crate) stored: u64,
}

/// A limit as an answer shows it.
pub(crate) struct UsageReport<'a> {
    pub(crate) limit: Limit<'a>,
    /// Includes the call at hand if it is counted.
    pub(crate) current: u64,
    /// How many calls of the same usage are left; -1 for any number.
    calls_left: i64,
}

/// The tightest limit of a call; what the `3scale-limit-*` headers tell.
pub(crate) struct Tightest {
    pub(crate) remaining: i64,
    pub(crate) reset_secs: i64,
    pub(crate) max: Option<u64>,
}

/// Returns the application's limits in the order of the metrics, the longest period first.
pub(crate) fn limits_of<'a>(
    service: &'a Service,
    application: &Application,
    counters: &Counters,
    now_secs: i64,
) -> Vec<Limit<'a>> {
    let mut limits = Vec::new();
    for metric in service.metric_names() {
        for period in Period::ALL {
            if let Some(max) = application.plan.limit_of(metric, period) {
                let stored = counters.value(&service.id, &application.id, metric, period, now_secs);
                limits.push(Limit { metric, period, max, stored });
            }
        }
    }
    limits
}

impl<'a> Limit<'a> {
    /// Returns whether the limit lets the call pass: judged by the changes if there are any, else by the counter.
    pub(crate) fn allows(&self, changes: Option<&Changes>) -> bool {
        let after = match changes {
            None => self.stored,
            Some(changes) => changes.of(self.metric).map_or(0, |change| change.onto(self.stored)),
        };
        after <= self.max
    }

    /// Makes the report of a call that is only asked about, or was denied.
    pub(crate) fn reported(self, usage: Option<&SentUsage>, service: &Service) -> UsageReport<'a> {
        let current = self.stored;
        self.report(current, usage, service)
    }

    /// Makes the report of a call that is counted.
    pub(crate) fn reported_after(self, usage: Option<&SentUsage>, service: &Service) -> UsageReport<'a> {
        let current = usage.map_or(self.stored, |usage| usage.applied_to(self.stored, self.metric, service));
        self.report(current, usage, service)
    }

    fn report(self, current: u64, usage: Option<&SentUsage>, service: &Service) -> UsageReport<'a> {
        let amount = usage.map_or(0, |usage| usage.applied_to(0, self.metric, service));
        let left = self.max.saturating_sub(current);
        let calls_left = match (left, amount) {
            (0, _) => 0,
            (_, 0) => -1,
            (left, amount) => i64::try_from(left / amount).unwrap_or(i64::MAX),
        };
        UsageReport { limit: self, current, calls_left }
    }
}

impl UsageReport<'_> {
    pub(crate) fn is_exceeded(&self) -> bool {
        self.limit.stored > self.limit.max
    }

    /// Orders by calls left, on a tie the longer period first. Not a total order where "any number" meets a number;
    /// 3scale's is not, either, and what it tells then depends on the order of the limits.
    fn compare(&self, other: &UsageReport<'_>) -> Ordering {
        if self.calls_left == other.calls_left {
            self.limit.period.cmp(&other.limit.period)
        } else if other.calls_left == -1 || self.calls_left < other.calls_left {
            Ordering::Less
        } else {
            Ordering::Greater
        }
    }
}

/// Finds the tightest limit that the call's metrics or their ancestors have; of all limits if it has no usage.
pub(crate) fn tightest(
    reports: &[UsageReport<'_>],
    usage: Option<&SentUsage>,
    service: &Service,
    now_ms: u64,
) -> Tightest {
    let touched = |report: &&UsageReport<'_>| {
        usage.is_none_or(|usage| usage.is_empty() || touches(usage, report.limit.metric, service))
    };
    let tightest = reports
        .iter()
        .filter(touched)
        .reduce(|tightest, report| if report.compare(tightest) == Ordering::Less { report } else { tightest });
    match tightest {
        Some(report) if report.calls_left != -1 => Tightest {
            remaining: report.calls_left,
            reset_secs: reset_secs(report.limit.period, now_ms),
            max: Some(report.limit.max),
        },
        _ => Tightest { remaining: -1, reset_secs: -1, max: None },
    }
}

fn touches(usage: &SentUsage, metric: &str, service: &Service) -> bool {
    usage.names().any(|name| name == metric || service.ancestors_of(name).any(|ancestor| ancestor == metric))
}

/// Seconds until the period ends, rounded up; -1 for eternity.
fn reset_secs(period: Period, now_ms: u64) -> i64 {
    // The end is a whole second, so the part of a second that has passed already rounds up by itself.
    let now_secs = whole_secs(now_ms);
    period.bounds(now_secs).map_or(-1, |(_, end)| end - now_secs)
}

pub(crate) fn whole_secs(ms: u64) -> i64 {
    i64::try_from(ms / 1_000).unwrap_or(i64::MAX)
}
