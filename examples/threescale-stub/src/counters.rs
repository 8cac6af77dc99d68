use std::collections::BTreeMap;

use crate::usage::{Change, Changes};
use crate::{Application, Period};

/// Everything that was counted, by service, application, metric and period.
#[derive(Clone, Default)]
pub(crate) struct Counters {
    applications: BTreeMap<(String, String), Counted>,
}

#[derive(Clone)]
struct Counted {
    /// Kept here because the application may be gone when somebody looks.
    credential: String,
    metrics: BTreeMap<String, BTreeMap<(Period, i64), u64>>,
}

impl Counters {
    /// Counts usage of `at_secs`, in every period that holds it.
    pub(crate) fn count(&mut self, service_id: &str, application: &Application, changes: &Changes, at_secs: i64) {
        let key = (service_id.to_owned(), application.id.clone());
        let counted = self
            .applications
            .entry(key)
            .or_insert_with(|| Counted { credential: application.credential().to_owned(), metrics: BTreeMap::new() });
        for (metric, change) in changes.iter() {
            let counts = counted.metrics.entry(metric.to_owned()).or_default();
            for period in Period::ALL {
                apply(counts, (period, start(period, at_secs)), change);
            }
        }
    }

    /// Returns what was counted in the period that holds `at_secs`.
    pub(crate) fn value(&self, service_id: &str, app_id: &str, metric: &str, period: Period, at_secs: i64) -> u64 {
        let key = (service_id.to_owned(), app_id.to_owned());
        let counts = self.applications.get(&key).and_then(|counted| counted.metrics.get(metric));
        counts.and_then(|counts| counts.get(&(period, start(period, at_secs)))).copied().unwrap_or(0)
    }

    /// Returns the eternity counters by credential and metric; equal credentials of two services are added up.
    pub(crate) fn totals(&self) -> BTreeMap<String, BTreeMap<String, u64>> {
        let mut totals: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        for counted in self.applications.values() {
            for (metric, counts) in &counted.metrics {
                let Some(&total) = counts.get(&(Period::Eternity, 0)) else { continue };
                let sum = totals.entry(counted.credential.clone()).or_default().entry(metric.clone()).or_default();
                *sum = sum.saturating_add(total);
            }
        }
        totals
    }
}

fn apply(counts: &mut BTreeMap<(Period, i64), u64>, bucket: (Period, i64), change: Change) {
    match change {
        Change::Set(0) => {
            counts.remove(&bucket);
        }
        Change::Add(_) | Change::Set(_) => {
            let counter = counts.entry(bucket).or_default();
            *counter = change.onto(*counter);
        }
    }
}

fn start(period: Period, at_secs: i64) -> i64 {
    period.bounds(at_secs).map_or(0, |(start, _)| start)
}
