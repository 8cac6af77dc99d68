//! What is in a line, in its order.

use std::fmt::Display;

use authz_core::settings::LogLevel;
use authz_core::time::UnixTime;
use chrono::{DateTime, SecondsFormat};
use serde::{Serialize, Serializer};

use super::embedded::Embedded;
use super::invocation::Role;

/// The message of a line that counts and tells nothing.
pub(super) const METRICS_ALONE: &str = "metrics";

/// A line: what all have, what happened, and what CloudWatch counts.
#[derive(Serialize)]
pub(super) struct Line<'l, F> {
    #[serde(flatten)]
    pub(super) common: Common<'l>,
    #[serde(flatten)]
    pub(super) facts: F,
    #[serde(flatten)]
    pub(super) embedded: Option<Embedded<'l>>,
}

/// What all lines have.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Common<'l> {
    /// how severe it is
    pub(super) level: &'static str,
    /// what happened
    pub(super) message: &'static str,
    /// when, in UTC
    pub(super) timestamp: Timestamp,
    /// which function tells it
    pub(super) service: Role,
    /// whether this is the first invocation of a process; not outside of invocations
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cold_start: Option<bool>,
    /// the function's name in AWS
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) function_name: Option<&'l str>,
    /// Lambda's request id; not outside of invocations
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) function_request_id: Option<&'l str>,
    /// X-Ray's trace of the invocation, where there is one
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) xray_trace_id: Option<&'l str>,
    /// the request id of the call that it is about, in the lines of both functions
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) correlation_id: Option<&'l str>,
    /// `SERVERLESS_PROJECT`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) project: Option<&'l str>,
    /// `SERVERLESS_STAGE`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stage: Option<&'l str>,
    /// `SERVERLESS_REGION`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<&'l str>,
}

impl Common<'_> {
    /// What even a line has that tells nothing of an invocation, nor where it comes from.
    pub(super) fn new(level: LogLevel, message: &'static str, at: UnixTime, service: Role) -> Self {
        Self {
            level: name(level),
            message,
            timestamp: Timestamp(at),
            service,
            cold_start: None,
            function_name: None,
            function_request_id: None,
            xray_trace_id: None,
            correlation_id: None,
            project: None,
            stage: None,
            region: None,
        }
    }
}

fn name(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Info => "INFO",
        LogLevel::Warn => "WARN",
        LogLevel::Error => "ERROR",
    }
}

/// An instant as RFC 3339 has it, in UTC and with milliseconds.
#[derive(Clone, Copy)]
pub(super) struct Timestamp(pub(super) UnixTime);

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let millis = i64::try_from(self.0.as_millis()).ok();
        let instant = millis.and_then(DateTime::from_timestamp_millis).unwrap_or_default();
        serializer.serialize_str(&instant.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// A text that is not yet written.
pub(super) struct Text<'l>(pub(super) &'l dyn Display);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}
