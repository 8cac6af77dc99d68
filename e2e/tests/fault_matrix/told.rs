//! What a client, an operator and a stopwatch are told of one call.

use std::time::Duration;

use authz_core::gateway::{Answer, ApiKind, Judgement};
use serde_json::Value;

use crate::bed::LIMIT;
use crate::caller::METHOD_ARN;

#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// `allow` or `deny`.
    pub(crate) decision: String,
    pub(crate) reason: String,
    pub(crate) fault: Option<String>,
    pub(crate) cache: String,
    pub(crate) is_lost: bool,
    pub(crate) spent: Spent,
    cache_failed: bool,
}

/// What a call took until its answer, and the work after that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    pub(crate) before: Duration,
    pub(crate) after: Duration,
}

impl Told {
    /// Reads an answer, and what was logged of it.
    pub(crate) fn read(policy: &str, lines: &[String], spent: Spent) -> Self {
        let answer = Answer::read(policy, ApiKind::RestToken).unwrap();
        let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let line = lines.iter().find(|line| line["message"] == "authorization").unwrap();
        let text = |name: &str| line[name].as_str().map(str::to_owned);
        let decision = match answer.judge(METHOD_ARN) {
            Judgement::Allowed => "allow",
            Judgement::Denied | Judgement::ExplicitlyDenied => "deny",
        };
        assert_eq!(Some(decision), line["decision"].as_str(), "the log tells what API Gateway is told");
        Self {
            decision: decision.to_owned(),
            reason: text("reason").unwrap(),
            fault: text("fault"),
            cache: text("cache").unwrap(),
            is_lost: line["lost_use"] == true,
            spent,
            cache_failed: lines.iter().any(|line| line["message"] == "cache failed"),
        }
    }

    pub(crate) fn is_allowed(&self) -> bool {
        self.decision == "allow"
    }

    /// Whether it is an answer as ever.
    pub(crate) fn is_well(&self) -> bool {
        self.is_allowed() && self.fault.is_none() && ["hit", "miss"].contains(&self.cache.as_str())
    }

    /// Finds out by the time that passed how many limits were waited for, and by what was logged whose.
    pub(crate) fn waits(&self) -> Vec<String> {
        let (limits, limits_in_all) = (in_limits(self.spent.before), in_limits(self.spent.before + self.spent.after));
        let of_threescale = u32::from(self.fault.as_deref() == Some("did not answer in time"));
        let of_redis = limits.checked_sub(of_threescale).expect("a limit that was met took its time");
        assert!(of_redis == 0 || self.cache_failed, "nobody waits unless somebody fails: {self:?}");
        let waits = [
            (of_redis, "`ELASTICACHE_TIMEOUT_MS`"),
            (of_threescale, "`THREESCALE_TIMEOUT_MS`"),
            (u32::from(self.fault.is_none() && self.cache != "hit"), "3scale's answer"),
            (limits_in_all - limits, "after the answer `SNS_TIMEOUT_MS`"),
        ];
        let waits = waits.into_iter().filter(|(times, _)| *times > 0);
        waits.map(|(times, limit)| if times == 1 { limit.to_owned() } else { format!("{times} x {limit}") }).collect()
    }
}

/// What was measured is no two times the same.
impl PartialEq for Told {
    fn eq(&self, other: &Self) -> bool {
        let seen = |told: &Self| {
            let Self { decision, reason, fault, cache, is_lost, .. } = told.clone();
            (decision, reason, fault, cache, is_lost, told.waits())
        };
        seen(self) == seen(other)
    }
}

fn in_limits(span: Duration) -> u32 {
    // A timer may end a little early.
    let limits = (span + Duration::from_millis(50)).as_millis() / LIMIT.as_millis();
    u32::try_from(limits).expect("a test that comes to its end")
}
