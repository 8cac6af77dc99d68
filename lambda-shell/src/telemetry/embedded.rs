//! Metrics in the log's own lines, in CloudWatch's embedded metric format.
//!
//! Source: "Specification: Embedded metric format" in the CloudWatch user guide.

use std::time::Duration;

use authz_core::time::UnixTime;
use authz_core::verdict::Reason;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::metric::{Metric, Unit};

/// The namespace of all metrics.
pub(super) const NAMESPACE: &str = "ThreescaleAuthorizer";

/// What a line counts and measures.
#[derive(Debug, Default)]
pub(super) struct Values {
    values: Vec<(Metric, Value)>,
    /// The line's reason, which is a dimension.
    reason: Option<Reason>,
}

impl Values {
    /// Counts a decision.
    pub(super) fn of_decision(reason: Reason) -> Self {
        let mut values = Self { values: Vec::with_capacity(8), reason: Some(reason) };
        values.count(Metric::Decisions, 1);
        values
    }

    /// Counts one thing.
    pub(super) fn one(metric: Metric) -> Self {
        let mut values = Self::default();
        values.count(metric, 1);
        values
    }

    pub(super) fn count(&mut self, metric: Metric, count: u64) {
        self.values.push((metric, Value::Count(count)));
    }

    pub(super) fn time(&mut self, metric: Metric, took: Duration) {
        self.values.push((metric, Value::Millis(millis(took))));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(super) fn reason(&self) -> Option<Reason> {
        self.reason
    }
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
enum Value {
    Count(u64),
    Millis(f64),
}

/// Milliseconds, down to a thousandth; at most an hour.
pub(super) fn millis(span: Duration) -> f64 {
    f64::from(u32::try_from(span.as_micros()).unwrap_or(u32::MAX)) / 1000.0
}

/// The members of a line that CloudWatch makes metrics of. Their dimensions are members of the line, too.
pub(super) struct Embedded<'v> {
    pub(super) values: &'v Values,
    pub(super) at: UnixTime,
    pub(super) has_stage: bool,
}

impl Serialize for Embedded<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let directives = [true, false].map(|by_reason| Directive {
            namespace: NAMESPACE,
            dimensions: dimensions(self.has_stage, by_reason),
            metrics: Definitions { values: self.values, by_reason },
        });
        let has_reason = self.values.reason.is_some();
        let directives = if has_reason { directives.as_slice() } else { directives.split_at(1).1 };
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("_aws", &Metadata { timestamp: self.at, cloud_watch_metrics: directives })?;
        for (metric, value) in &self.values.values {
            members.serialize_entry(metric.name(), value)?;
        }
        members.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'v> {
    timestamp: UnixTime,
    cloud_watch_metrics: &'v [Directive<'v>],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'v> {
    namespace: &'static str,
    dimensions: &'static [&'static [&'static str]],
    metrics: Definitions<'v>,
}

/// The metrics that have the same dimensions.
struct Definitions<'v> {
    values: &'v Values,
    by_reason: bool,
}

impl Serialize for Definitions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let metrics = self.values.values.iter().map(|(metric, _)| *metric);
        let metrics = metrics.filter(|metric| is_by_reason(*metric) == self.by_reason);
        serializer.collect_seq(metrics.map(|metric| Definition { name: metric.name(), unit: metric.unit() }))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: Unit,
}

fn dimensions(has_stage: bool, by_reason: bool) -> &'static [&'static [&'static str]] {
    match (has_stage, by_reason) {
        (true, true) => &[&["service", "stage"], &["service", "stage", "reason"]],
        (true, false) => &[&["service", "stage"]],
        (false, true) => &[&["service"], &["service", "reason"]],
        (false, false) => &[&["service"]],
    }
}

/// Whether a metric is counted for each reason besides.
fn is_by_reason(metric: Metric) -> bool {
    metric == Metric::Decisions
}
