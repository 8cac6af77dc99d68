//! Which function is at work, and on which invocation.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicBool, Ordering};

use authz_core::settings::SampleRate;
use serde::Serialize;

/// Which of the two functions this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) enum Role {
    #[serde(rename = "authorizer")]
    Authorizer,
    #[serde(rename = "authrep-async")]
    AuthrepAsync,
}

/// An invocation of a function, as Lambda names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invocation<'i> {
    /// Lambda's request id, or what stands for it.
    pub request_id: &'i str,
    /// Lambda's tracing header, `Root=..;Parent=..;Sampled=..`.
    pub tracing: Option<&'i str>,
}

impl Invocation<'_> {
    /// The id of X-Ray's trace.
    pub(super) fn trace_id(&self) -> Option<&str> {
        self.tracing?.split(';').find_map(|part| part.trim().strip_prefix("Root="))
    }

    /// Whether this invocation is among so large a share of all. No chance is in it: the id decides.
    pub(super) fn is_among(&self, share: SampleRate) -> bool {
        let mut hasher = DefaultHasher::new();
        self.request_id.hash(&mut hasher);
        let lot = u32::try_from(hasher.finish() >> 32).unwrap_or_default();
        f64::from(lot) < share.get() * (f64::from(u32::MAX) + 1.0)
    }
}

impl<'i> From<&'i str> for Invocation<'i> {
    fn from(request_id: &'i str) -> Self {
        Self { request_id, tracing: None }
    }
}

/// What both functions began in this process.
#[derive(Debug, Default)]
pub(super) struct Starts {
    authorizer: Start,
    authrep_async: Start,
}

/// How far a function's start was told of.
#[derive(Debug, Default)]
pub(super) struct Start {
    is_invoked: AtomicBool,
    is_counted: AtomicBool,
}

impl Starts {
    pub(super) fn of(&self, role: Role) -> &Start {
        match role {
            Role::Authorizer => &self.authorizer,
            Role::AuthrepAsync => &self.authrep_async,
        }
    }
}

impl Start {
    /// Whether this is the first invocation. The next is not.
    pub(super) fn invoke(&self) -> bool {
        !self.is_invoked.swap(true, Ordering::Relaxed)
    }

    /// Whether the start is still to be counted. From now on it is not.
    pub(super) fn count(&self) -> bool {
        !self.is_counted.swap(true, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_known_by_its_root() {
        let trace_id = |tracing| Invocation { request_id: "id", tracing }.trace_id().map(str::to_owned);
        let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1";
        assert_eq!(trace_id(Some(header)).as_deref(), Some("1-5759e988-bd862e3fe1be46a994272793"));
        assert_eq!([trace_id(None), trace_id(Some("Sampled=0"))], [None, None]);
    }

    #[test]
    fn a_share_of_all_invocations_is_told_and_always_the_same() {
        let told = |share: &str| {
            let share = share_of(share);
            (0..10_000).filter(|id| Invocation::from(id.to_string().as_str()).is_among(share)).collect::<Vec<_>>()
        };
        assert_eq!((told("0").len(), told("1").len()), (0, 10_000));
        let quarter = told("0.25");
        assert!((2_300..2_700).contains(&quarter.len()), "{}", quarter.len());
        assert_eq!(quarter, told("0.25"));
        assert!(told("0.1").iter().all(|id| quarter.contains(id)), "a smaller share is a part of a larger one");
    }

    fn share_of(text: &str) -> SampleRate {
        let variables = [("LOG_SAMPLE_RATE".to_owned(), text.to_owned())];
        authz_core::settings::Logging::read(&variables.into()).sample_rate
    }
}
