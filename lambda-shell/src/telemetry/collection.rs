//! What is told of a collection.

use authz_core::cache::CacheKey;
use authz_core::collect::{Ended, Outcome, Trouble};
use authz_core::settings::LogLevel;
use serde::Serialize;

use super::embedded::Values;
use super::function_log::FunctionLog;
use super::line::Text;
use super::metric::Metric;

impl FunctionLog<'_> {
    pub(crate) fn collection(&self, ended: &Ended) {
        let (level, facts) = facts(ended);
        let mut values = self.ended(Values::default());
        let counts = [
            (Metric::ToldUses, facts.told),
            (Metric::DroppedUses, facts.dropped),
            (Metric::UncollectedUses, facts.untold),
            (Metric::UsesToldTwice, facts.told_twice),
            (Metric::FailedCollections, matches!(facts.outcome, Ending::Failed).then_some(1)),
        ];
        for (metric, count) in counts {
            if let Some(count) = count {
                values.count(metric, count);
            }
        }
        self.tell(level, "collection", Some(&ended.correlation_id), facts, &values);
    }
}

fn facts(ended: &Ended) -> (LogLevel, Collection<'_>) {
    let of = |outcome| Collection {
        key: &ended.key,
        outcome,
        told: None,
        dropped: None,
        untold: None,
        told_twice: None,
        error: None,
    };
    match &ended.outcome {
        Outcome::Nothing => (LogLevel::Info, of(Ending::Nothing)),
        Outcome::Collected { told, dropped, untold } => (
            if *dropped > 0 { LogLevel::Error } else { LogLevel::Info },
            Collection { told: Some(*told), dropped: Some(*dropped), untold: Some(*untold), ..of(Ending::Collected) },
        ),
        Outcome::LeaseLost { told } => {
            (LogLevel::Error, Collection { told_twice: Some(*told), ..of(Ending::LeaseLost) })
        }
        Outcome::Failed(trouble @ Trouble::Busy { .. }) => {
            (LogLevel::Info, Collection { error: Some(Text(trouble)), ..of(Ending::Busy) })
        }
        Outcome::Failed(trouble @ Trouble::MoreToTell { told, dropped, .. }) => {
            let (told, dropped, error) = (Some(*told), Some(*dropped), Some(Text(trouble)));
            (LogLevel::Error, Collection { told, dropped, error, ..of(Ending::Failed) })
        }
        Outcome::Failed(trouble) => (LogLevel::Error, Collection { error: Some(Text(trouble)), ..of(Ending::Failed) }),
    }
}

/// `collection`
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Collection<'l> {
    /// the cache's name of what was collected
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub(super) key: &'l CacheKey,
    /// how it ended
    pub(super) outcome: Ending,
    /// how many uses 3scale was told of
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) told: Option<u64>,
    /// how many 3scale will never be told of
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dropped: Option<u64>,
    /// how many came in meanwhile
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) untold: Option<u64>,
    /// how many are told once more
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) told_twice: Option<u64>,
    /// why it comes again
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<Text<'l>>,
}

/// How a collection ended.
#[derive(Clone, Copy, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum Ending {
    Collected,
    Nothing,
    Busy,
    LeaseLost,
    Failed,
}
