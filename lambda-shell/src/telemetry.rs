//! What an operator reads: one line of JSON for each decision and each collection.

use std::fmt;
use std::io::Write as _;
use std::sync::Arc;

use authz_core::collect::{Ended, Outcome, Trouble};
use authz_core::event::{EventError, Request};
use authz_core::forget::Forget;
use authz_core::message::MessageError;
use authz_core::settings::{Deployment, LogLevel, Settings};
use authz_core::verdict::{Reason, Verdict};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::CacheError;

/// Where the lines go, which of them, and what each of them says.
#[derive(Clone)]
pub struct Log {
    write: Arc<dyn Fn(&str) + Send + Sync>,
    least: LogLevel,
    deployment: Deployment,
}

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
        Self { write: Arc::new(write), least: LogLevel::Info, deployment: Deployment::default() }
    }

    /// Leaves out what is less severe, and says of each line where it comes from.
    #[must_use]
    pub fn of(self, settings: &Settings) -> Self {
        Self { least: settings.log_level, deployment: settings.deployment.clone(), ..self }
    }

    fn line(&self, level: LogLevel, message: &str, facts: Value) {
        if level < self.least {
            return;
        }
        let Deployment { project, stage, region } = &self.deployment;
        let mut line = Line { level: name(level), message, project, stage, region, facts: Map::new() };
        if let Value::Object(facts) = facts {
            line.facts = facts.into_iter().filter(|(_, fact)| !fact.is_null()).collect();
        }
        // Texts and numbers can't fail to serialize.
        (self.write)(&serde_json::to_string(&line).unwrap_or_default());
    }

    pub(crate) fn decision(&self, request: &Request, verdict: &Verdict) {
        let is_wrong = verdict.fault.is_some() || verdict.lost_use || verdict.reason == Reason::GatewayNotMapped;
        let level = if is_wrong { LogLevel::Error } else { LogLevel::Info };
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
            EventError::Unauthorized(_) => self.line(LogLevel::Info, "unauthorized", facts),
            _ => self.line(LogLevel::Error, "event not understood", facts),
        }
    }

    pub(crate) fn cache_failed(&self, operation: &str, error: &CacheError, correlation_id: &str) {
        let facts = json!({ "operation": operation, "error": error.to_string(), "correlation_id": correlation_id });
        self.line(LogLevel::Error, "cache failed", facts);
    }

    pub(crate) fn publish_failed(&self, error: &dyn fmt::Display, correlation_id: &str) {
        let facts = json!({ "error": error.to_string(), "correlation_id": correlation_id });
        self.line(LogLevel::Error, "publish failed", facts);
    }

    pub(crate) fn extension_failed(&self, error: &dyn fmt::Display) {
        self.line(LogLevel::Warn, "messages are published before the answer", json!({ "error": error.to_string() }));
    }

    pub(crate) fn provider_key(&self) {
        let remedy = "set THREESCALE_SERVICE_TOKEN instead: it opens this service alone";
        self.line(LogLevel::Warn, "THREESCALE_PROVIDER_KEY opens the whole account", json!({ "remedy": remedy }));
    }

    pub(crate) fn derived_secret(&self) {
        let remedy = "set it: with another token or key, uses that are not told yet would be lost";
        let message = "CREDENTIAL_SECRET is derived from the token or key of 3scale";
        self.line(LogLevel::Warn, message, json!({ "remedy": remedy }));
    }

    pub(crate) fn forgotten(&self, forget: &Forget, ledgers: u64, correlation_id: &str) {
        self.line(
            LogLevel::Info,
            "forgotten",
            json!({
                "credential": forget.credential.as_str(),
                "service_id": forget.service,
                "forgotten": ledgers,
                "correlation_id": correlation_id,
            }),
        );
    }

    pub(crate) fn cannot_start(&self, error: &dyn fmt::Display) {
        self.line(LogLevel::Error, "the function can't start", json!({ "error": error.to_string() }));
    }

    pub(crate) fn bad_message(&self, error: MessageError, item: &str) {
        self.line(LogLevel::Error, "message not understood", json!({ "error": error.to_string(), "item": item }));
    }

    pub(crate) fn collection(&self, ended: &Ended) {
        let (level, mut facts) = match &ended.outcome {
            Outcome::Nothing => (LogLevel::Info, json!({ "outcome": "nothing" })),
            Outcome::Collected { told, dropped, untold } => (
                if *dropped > 0 { LogLevel::Error } else { LogLevel::Info },
                json!({ "outcome": "collected", "told": told, "dropped": dropped, "untold": untold }),
            ),
            Outcome::LeaseLost { told } => (LogLevel::Error, json!({ "outcome": "lease_lost", "told_twice": told })),
            Outcome::Failed(trouble @ Trouble::Busy { .. }) => {
                (LogLevel::Info, json!({ "outcome": "busy", "error": trouble.to_string() }))
            }
            Outcome::Failed(trouble) => (LogLevel::Error, json!({ "outcome": "failed", "error": trouble.to_string() })),
        };
        facts["key"] = json!(ended.key);
        facts["correlation_id"] = json!(ended.correlation_id);
        self.line(level, "collection", facts);
    }
}

fn name(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Info => "INFO",
        LogLevel::Warn => "WARN",
        LogLevel::Error => "ERROR",
    }
}

#[derive(Serialize)]
struct Line<'l> {
    level: &'static str,
    message: &'l str,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: &'l Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: &'l Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: &'l Option<String>,
    #[serde(flatten)]
    facts: Map<String, Value>,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use authz_core::credential::CredentialError;

    use super::*;

    /// What is logged with these settings.
    fn logged(set: &[(&str, &str)], log: impl Fn(&Log)) -> Vec<String> {
        let least = [("THREESCALE_SERVICE_ID", "7"), ("THREESCALE_SERVICE_TOKEN", "token")];
        let variables = least.iter().chain(set).map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let settings = Settings::read(&variables.collect::<BTreeMap<_, _>>()).unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&lines);
        log(&Log::to(move |line| kept.lock().unwrap().push(line.to_owned())).of(&settings));
        let lines = lines.lock().unwrap();
        lines.clone()
    }

    #[test]
    fn each_line_says_where_it_comes_from() {
        let set = [("SERVERLESS_PROJECT", "orders"), ("SERVERLESS_STAGE", "dev")];
        let lines = logged(&set, |log| log.cannot_start(&"because"));
        let line = r#"{"level":"ERROR","message":"the function can't start","project":"orders","stage":"dev","error":"because"}"#;
        assert_eq!(lines, [line]);
    }

    #[test]
    fn what_is_less_severe_than_asked_for_is_left_out() {
        let log = |log: &Log| {
            log.refusal(EventError::NoMethodArn, "id");
            log.provider_key();
            log.refusal(EventError::Unauthorized(CredentialError::Empty), "id");
        };
        for (level, count) in [("info", 3), ("warn", 2), ("error", 1)] {
            assert_eq!(logged(&[("LOG_LEVEL", level)], log).len(), count, "{level}");
        }
    }
}
