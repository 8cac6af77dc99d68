//! How much a call uses, by metric.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How much one call uses of each metric: at least one metric, none by zero.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, u64>", into = "BTreeMap<String, u64>")]
pub struct Usage(BTreeMap<String, u64>);

impl Usage {
    /// The usage of a call when nothing else is said: so many `hits`, the metric that every service has.
    pub fn hits(amount: u64) -> Self {
        Self(BTreeMap::from([("hits".to_owned(), amount.max(1))]))
    }

    /// Takes amounts by metric. The last amount of a metric wins.
    pub fn new(amounts: impl IntoIterator<Item = (String, u64)>) -> Result<Self, UsageError> {
        let amounts: BTreeMap<_, _> = amounts.into_iter().collect();
        match amounts.iter().find(|(metric, amount)| !is_metric(metric) || **amount == 0) {
            _ if amounts.is_empty() => Err(UsageError::Empty),
            Some((metric, 0)) => Err(UsageError::Zero(metric.clone())),
            Some((metric, _)) => Err(UsageError::NotAMetric(metric.clone())),
            None => Ok(Self(amounts)),
        }
    }

    /// Returns metric and amount, sorted by metric.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(metric, amount)| (metric.as_str(), *amount))
    }

    /// Returns the usage of so many calls.
    #[must_use]
    pub fn times(&self, calls: u64) -> Self {
        Self(self.0.iter().map(|(metric, amount)| (metric.clone(), amount.saturating_mul(calls))).collect())
    }
}

impl TryFrom<BTreeMap<String, u64>> for Usage {
    type Error = UsageError;

    fn try_from(amounts: BTreeMap<String, u64>) -> Result<Self, UsageError> {
        Self::new(amounts)
    }
}

impl From<Usage> for BTreeMap<String, u64> {
    fn from(usage: Usage) -> Self {
        usage.0
    }
}

/// Why amounts are no usage.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UsageError {
    /// There is no metric.
    #[error("a usage names at least one metric")]
    Empty,
    /// Nothing is used of a metric.
    #[error("the usage of metric `{0}` is zero")]
    Zero(String),
    /// The name can't be that of a metric.
    #[error("`{0}` is no metric name: letters, digits, `_`, `-`, `/` and `.`, not more than 255")]
    NotAMetric(String),
}

/// A system name as 3scale's admin portal accepts it, with the `.N` that metrics of backends carry.
fn is_metric(name: &str) -> bool {
    (1..=255).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-/.".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usage_names_metrics_and_amounts() {
        let usage = Usage::new([("write".to_owned(), 2), ("hits.42".to_owned(), 1)]).unwrap();
        assert_eq!(usage.times(3).iter().collect::<Vec<_>>(), [("hits.42", 3), ("write", 6)]);
        assert_eq!(Usage::hits(1).times(u64::MAX).times(2), Usage::hits(u64::MAX));
    }

    #[test]
    fn what_3scale_would_refuse_is_refused_here() {
        assert_eq!(Usage::new([]), Err(UsageError::Empty));
        assert_eq!(Usage::new([("hits".to_owned(), 0)]), Err(UsageError::Zero("hits".to_owned())));
        for name in ["", "a b", "a]", "é"] {
            assert!(matches!(Usage::new([(name.to_owned(), 1)]), Err(UsageError::NotAMetric(_))), "{name}");
        }
    }
}
