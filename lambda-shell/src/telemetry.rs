//! What an operator reads: one line of JSON for each decision and each collection.

use std::fmt;
use std::io::Write as _;
use std::sync::Arc;

use authz_core::collect::{Ended, Outcome, Trouble};
use authz_core::event::{EventError, Request};
use authz_core::message::MessageError;
use authz_core::verdict::Verdict;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::CacheError;

/// Where the lines go.
#[derive(Clone)]
pub struct Log(Arc<dyn Fn(&str) + Send + Sync>);

impl Log {
    /// Writes to standard output, as Lambda expects it.
    pub fn stdout() -> Self {
        Self::to(|line| {
            // A log that nobody takes is no reason to fail a caller.
            let _ = writeln!(std::io::stdout().lock(), "{line}");
        })
    }

    /// Hands each line to `write`.
    pub fn to(write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(write))
    }

    fn line(&self, level: &str, message: &str, facts: Value) {
        let mut line = Line { level, message, facts: Map::new() };
        if let Value::Object(facts) = facts {
            line.facts = facts.into_iter().filter(|(_, fact)| !fact.is_null()).collect();
        }
        // Texts and numbers can't fail to serialize.
        (self.0)(&serde_json::to_string(&line).unwrap_or_default());
    }

    pub(crate) fn decision(&self, request: &Request, verdict: &Verdict) {
        let level = if verdict.fault.is_some() || verdict.lost_use { "ERROR" } else { "INFO" };
        self.line(
            level,
            "authorization",
            json!({
                "decision": verdict.decision.to_string(),
                "reason": verdict.reason,
                "cache": verdict.cache,
                "credential": verdict.credential.as_str(),
                "method_arn": request.method_arn.as_str(),
                "fault": verdict.fault.map(|fault| fault.to_string()),
                "lost_use": verdict.lost_use.then_some(true),
                "correlation_id": request.correlation_id,
            }),
        );
    }

    pub(crate) fn refusal(&self, error: EventError, correlation_id: &str) {
        let facts = json!({ "error": error.to_string(), "correlation_id": correlation_id });
        match error {
            EventError::Unauthorized(_) => self.line("INFO", "unauthorized", facts),
            _ => self.line("ERROR", "event not understood", facts),
        }
    }

    pub(crate) fn cache_failed(&self, operation: &str, error: &CacheError, correlation_id: &str) {
        let facts = json!({ "operation": operation, "error": error.to_string(), "correlation_id": correlation_id });
        self.line("ERROR", "cache failed", facts);
    }

    pub(crate) fn publish_failed(&self, error: &dyn fmt::Display, correlation_id: &str) {
        let facts = json!({ "error": error.to_string(), "correlation_id": correlation_id });
        self.line("ERROR", "publish failed", facts);
    }

    pub(crate) fn extension_failed(&self, error: &dyn fmt::Display) {
        self.line("WARN", "messages are published before the answer", json!({ "error": error.to_string() }));
    }

    pub(crate) fn provider_key(&self) {
        let remedy = "set THREESCALE_SERVICE_TOKEN instead: it opens this service alone";
        self.line("WARN", "THREESCALE_PROVIDER_KEY opens the whole account", json!({ "remedy": remedy }));
    }

    pub(crate) fn cannot_start(&self, error: &dyn fmt::Display) {
        self.line("ERROR", "the function can't start", json!({ "error": error.to_string() }));
    }

    pub(crate) fn bad_message(&self, error: MessageError, item: &str) {
        self.line("ERROR", "message not understood", json!({ "error": error.to_string(), "item": item }));
    }

    pub(crate) fn collection(&self, ended: &Ended) {
        let (level, mut facts) = match &ended.outcome {
            Outcome::Nothing => ("INFO", json!({ "outcome": "nothing" })),
            Outcome::Collected { told, dropped, untold } => (
                if *dropped > 0 { "ERROR" } else { "INFO" },
                json!({ "outcome": "collected", "told": told, "dropped": dropped, "untold": untold }),
            ),
            Outcome::LeaseLost { told } => ("ERROR", json!({ "outcome": "lease_lost", "told_twice": told })),
            Outcome::Failed(trouble @ Trouble::Busy { .. }) => {
                ("INFO", json!({ "outcome": "busy", "error": trouble.to_string() }))
            }
            Outcome::Failed(trouble) => ("ERROR", json!({ "outcome": "failed", "error": trouble.to_string() })),
        };
        facts["key"] = json!(ended.key);
        facts["correlation_id"] = json!(ended.correlation_id);
        self.line(level, "collection", facts);
    }
}

#[derive(Serialize)]
struct Line<'l> {
    level: &'l str,
    message: &'l str,
    #[serde(flatten)]
    facts: Map<String, Value>,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log(..)")
    }
}
