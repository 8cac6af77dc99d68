//! What is told of an authorization.

use std::time::Duration;

use authz_core::event::Request;
use authz_core::settings::LogLevel;
use authz_core::threescale::ServiceId;
use authz_core::verdict::{CacheState, Decision, Reason, Source, Verdict};
use serde::Serialize;

use super::embedded::{Values, millis};
use super::function_log::FunctionLog;
use super::line::Text;
use super::metric::Metric;

/// An authorization, from the event to the answer.
pub(crate) struct Decided<'d> {
    pub(crate) request: &'d Request,
    pub(crate) service: Option<&'d ServiceId>,
    pub(crate) verdict: &'d Verdict,
    /// How 3scale answered, if it was asked.
    pub(crate) upstream: Option<Upstream>,
    pub(crate) took: Duration,
}

/// How 3scale answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Upstream {
    /// The HTTP status; none without an answer.
    pub(crate) status: Option<u16>,
    pub(crate) took: Duration,
}

impl FunctionLog<'_> {
    pub(crate) fn decision(&self, decided: &Decided<'_>) {
        let Decided { request, verdict, .. } = decided;
        let is_wrong = verdict.fault.is_some() || verdict.lost_use || verdict.reason == Reason::GatewayNotMapped;
        let values = self.ended(decided.values());
        if verdict.decision == Decision::Allow && !is_wrong && !self.is_sampled() {
            return self.metrics_alone(&values);
        }
        let level = if is_wrong { LogLevel::Error } else { LogLevel::Info };
        self.tell(level, "authorization", Some(&request.correlation_id), decided.facts(), &values);
    }
}

impl Decided<'_> {
    fn facts(&self) -> Authorization<'_> {
        let Self { request, service, verdict, upstream, took } = self;
        Authorization {
            decision: verdict.decision,
            reason: verdict.reason,
            source: verdict.source(),
            cache: verdict.cache,
            credential: verdict.credential.as_str(),
            service_id: service.map(ServiceId::as_str),
            method_arn: request.method_arn.as_str(),
            upstream: upstream.map(|Upstream { status, took }| UpstreamAnswer { status, ms: millis(took) }),
            fault: verdict.fault.as_ref().map(|fault| Text(fault)),
            lost_use: verdict.lost_use,
            ms: millis(*took),
        }
    }

    fn values(&self) -> Values {
        let Self { verdict, upstream, took, .. } = self;
        let mut values = Values::of_decision(verdict.reason);
        values.time(Metric::Latency, *took);
        values.count(Metric::CacheHits, u64::from(verdict.cache == CacheState::Hit));
        values.count(Metric::UpstreamCalls, u64::from(upstream.is_some()));
        if let Some(upstream) = upstream {
            values.count(Metric::UpstreamFailures, u64::from(verdict.fault.is_some()));
            values.time(Metric::UpstreamLatency, upstream.took);
        }
        if verdict.lost_use {
            values.count(Metric::LostUses, 1);
        }
        values
    }
}

/// `authorization`
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Authorization<'l> {
    /// whether the call may pass
    pub(super) decision: Decision,
    /// why
    pub(super) reason: Reason,
    /// who judged
    pub(super) source: Source,
    /// what the cache had to do with it
    pub(super) cache: CacheState,
    /// the credential's fingerprint
    pub(super) credential: &'l str,
    /// the service (product) in 3scale
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service_id: Option<&'l str>,
    /// what was called
    pub(super) method_arn: &'l str,
    /// 3scale's answer, where it was asked
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) upstream: Option<UpstreamAnswer>,
    /// what went wrong at 3scale
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fault: Option<Text<'l>>,
    /// `true` if the call was allowed and nobody could count it
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) lost_use: bool,
    /// milliseconds from the event until the answer
    pub(super) ms: f64,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub(super) struct UpstreamAnswer {
    /// its HTTP status; none without an answer
    #[cfg_attr(feature = "schema", schemars(with = "u16"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    /// milliseconds until it came, or nobody waited any longer
    pub(super) ms: f64,
}
