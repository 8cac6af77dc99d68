//! What a function tells.

use std::fmt::Display;

use authz_core::delivery;
use authz_core::event::EventError;
use authz_core::forget::Forget;
use authz_core::message::MessageError;
use authz_core::settings::{Deployment, LogLevel};
use authz_core::threescale::ServiceId;
use authz_core::verdict::Reason;
use serde::Serialize;

use super::Log;
use super::embedded::{Embedded, Values};
use super::invocation::{Invocation, Role};
use super::line::{Common, Line, METRICS_ALONE, Text};
use super::metric::Metric;
use crate::CacheError;

impl Log {
    /// What a function tells outside of its invocations.
    pub(crate) fn function(&self, role: Role) -> FunctionLog<'_> {
        FunctionLog { log: self, role, invocation: None, is_cold: false }
    }

    /// What a function tells during an invocation.
    pub(crate) fn during<'l>(&'l self, invocation: Invocation<'l>, role: Role) -> FunctionLog<'l> {
        FunctionLog { log: self, role, invocation: Some(invocation), is_cold: self.starts.of(role).invoke() }
    }
}

/// The log of one function, in one of its invocations or outside of them.
#[derive(Clone, Copy)]
pub(crate) struct FunctionLog<'l> {
    log: &'l Log,
    role: Role,
    invocation: Option<Invocation<'l>>,
    /// Whether the invocation is the first one.
    is_cold: bool,
}

impl FunctionLog<'_> {
    pub(crate) fn refusal(&self, error: EventError) {
        let (level, message, metric) = match error {
            EventError::Unauthorized(_) => (LogLevel::Info, "unauthorized", Metric::Unauthorized),
            _ => (LogLevel::Error, "event not understood", Metric::EventErrors),
        };
        let failure = Failure { error: Text(&error) };
        self.tell(level, message, self.request_id(), failure, &self.ended(Values::one(metric)));
    }

    pub(crate) fn bad_event(&self, error: delivery::EventError) {
        let (failure, values) = (Failure { error: Text(&error) }, self.ended(Values::one(Metric::EventErrors)));
        self.tell(LogLevel::Error, "event not understood", self.request_id(), failure, &values);
    }

    pub(crate) fn cache_failed(&self, operation: &str, error: &CacheError, correlation_id: &str) {
        self.cache_trouble(operation, error, Some(correlation_id));
    }

    pub(crate) fn cache_not_connected(&self, error: &CacheError) {
        self.cache_trouble("connect", error, None);
    }

    fn cache_trouble(&self, operation: &str, error: &CacheError, correlation_id: Option<&str>) {
        let failure = CacheFailure { operation, error: Text(error) };
        self.tell(LogLevel::Error, "cache failed", correlation_id, failure, &Values::one(Metric::CacheFailures));
    }

    pub(crate) fn publish_failed(&self, error: &dyn Display, correlation_id: &str) {
        let (failure, values) = (Failure { error: Text(error) }, Values::one(Metric::PublishFailures));
        self.tell(LogLevel::Error, "publish failed", Some(correlation_id), failure, &values);
    }

    pub(crate) fn provider_key(&self) {
        let message = "THREESCALE_PROVIDER_KEY opens the whole account";
        let advice = Advice { remedy: "set THREESCALE_SERVICE_TOKEN instead: it opens this service alone" };
        self.tell(LogLevel::Warn, message, None, advice, &Values::default());
    }

    pub(crate) fn derived_secret(&self) {
        let message = "CREDENTIAL_SECRET is derived from the token or key of 3scale";
        let advice = Advice { remedy: "set it: with another token or key, uses that are not told yet would be lost" };
        self.tell(LogLevel::Warn, message, None, advice, &Values::default());
    }

    pub(crate) fn forgotten(&self, forget: &Forget, ledgers: u64) {
        let facts = Forgotten {
            credential: forget.credential.as_str(),
            service_id: forget.service.as_ref().map(ServiceId::as_str),
            ledgers,
        };
        self.tell(LogLevel::Info, "forgotten", None, facts, &self.ended(Values::default()));
    }

    pub(crate) fn cannot_start(&self, error: &dyn Display) {
        let (failure, values) = (Failure { error: Text(error) }, Values::one(Metric::FailedStarts));
        self.tell(LogLevel::Error, "the function can't start", None, failure, &values);
    }

    pub(crate) fn bad_message(&self, error: MessageError, item: &str) {
        let bad = BadMessage { error: Text(&error), item };
        let values = self.ended(Values::one(Metric::MessageErrors));
        self.tell(LogLevel::Error, "message not understood", None, bad, &values);
    }

    /// Whether a line is told in full that tells of nothing but an allowed call.
    pub(super) fn is_sampled(&self) -> bool {
        let share = self.log.logging.sample_rate;
        self.invocation.is_none_or(|invocation| invocation.is_among(share))
    }

    /// Adds to what a line of an invocation's end counts that the invocation was the first one, if that is not counted yet.
    pub(super) fn ended(&self, mut values: Values) -> Values {
        if self.is_cold && self.log.starts.of(self.role).count() {
            values.count(Metric::ColdStarts, 1);
        }
        values
    }

    /// Tells all of it, or of what is not severe enough the metrics alone.
    pub(super) fn tell(
        &self,
        level: LogLevel,
        message: &'static str,
        correlation_id: Option<&str>,
        facts: impl Serialize,
        values: &Values,
    ) {
        let logging = &self.log.logging;
        if level < logging.level {
            return self.metrics_alone(values);
        }
        let Deployment { project, stage, region } = &logging.deployment;
        let at = self.log.clock.now();
        let has_metrics = logging.metrics && !values.is_empty();
        self.log.write(&Line {
            common: Common {
                cold_start: self.invocation.map(|_| self.is_cold),
                function_name: self.log.function_name.as_deref(),
                function_request_id: self.request_id(),
                xray_trace_id: self.invocation.as_ref().and_then(Invocation::trace_id),
                correlation_id,
                project: project.as_deref(),
                stage: stage.as_deref(),
                region: region.as_deref(),
                ..Common::new(level, message, at, self.role)
            },
            facts,
            embedded: has_metrics.then_some(Embedded { values, at, has_stage: stage.is_some() }),
        });
    }

    pub(super) fn metrics_alone(&self, values: &Values) {
        let logging = &self.log.logging;
        if !logging.metrics || values.is_empty() {
            return;
        }
        let (at, stage) = (self.log.clock.now(), logging.deployment.stage.as_deref());
        self.log.write(&Line {
            common: Common { stage, ..Common::new(LogLevel::Info, METRICS_ALONE, at, self.role) },
            facts: MetricsAlone { reason: values.reason() },
            embedded: Some(Embedded { values, at, has_stage: stage.is_some() }),
        });
    }

    fn request_id(&self) -> Option<&str> {
        self.invocation.as_ref().map(|invocation| invocation.request_id)
    }
}

/// What went wrong.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Failure<'l> {
    /// what went wrong
    pub(super) error: Text<'l>,
}

/// `cache failed`
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct CacheFailure<'l> {
    /// what Redis was asked to do
    pub(super) operation: &'l str,
    /// what went wrong
    pub(super) error: Text<'l>,
}

/// `message not understood`
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct BadMessage<'l> {
    /// what is wrong with it
    pub(super) error: Text<'l>,
    /// its id in SNS or SQS
    pub(super) item: &'l str,
}

/// `forgotten`
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Forgotten<'l> {
    /// the credential's fingerprint
    pub(super) credential: &'l str,
    /// the service in 3scale, if one was named
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service_id: Option<&'l str>,
    /// how many ledgers there were
    pub(super) ledgers: u64,
}

/// A warning of the start.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Advice {
    /// what to do about it
    pub(super) remedy: &'static str,
}

/// `metrics`
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct MetricsAlone {
    /// why the call that is counted may or may not pass
    #[cfg_attr(feature = "schema", schemars(with = "Reason"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<Reason>,
}
