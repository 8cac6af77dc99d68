//! What was decided, why, and what is to be done about it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::cache::CacheKey;
use crate::credential::AppId;
use crate::keyring::Fingerprint;
use crate::ledger;
use crate::message::Message;
use crate::threescale::Fault;

/// The end of an authorization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the call may pass.
    pub decision: Decision,
    /// Why.
    pub reason: Reason,
    /// What the cache had to do with it.
    pub cache: CacheState,
    /// Names the credential without showing it.
    pub credential: Fingerprint,
    /// The application's id, if that is how the service identifies applications.
    pub app_id: Option<AppId>,
    /// The application's plan, if 3scale told.
    pub plan: Option<String>,
    /// The narrowest limit on such a call, if there is one.
    pub limit: Option<LimitState>,
    /// What went wrong at 3scale, where that is why.
    pub fault: Option<Fault>,
    /// Whether a use was allowed that nobody could count: 3scale and the cache failed together.
    pub lost_use: bool,
    /// What is to be done now. A failed order changes no verdict.
    pub orders: Orders,
}

impl Verdict {
    /// Returns who judged.
    pub fn source(&self) -> Source {
        match (self.cache, self.fault) {
            (CacheState::Hit, _) => Source::Cache,
            (CacheState::Stale, _) => Source::Stale,
            (CacheState::Unused, _) => Source::Authorizer,
            (CacheState::Miss | CacheState::Unavailable | CacheState::Off, None) => Source::Threescale,
            (CacheState::Miss | CacheState::Unavailable | CacheState::Off, Some(_)) => Source::FailMode,
        }
    }
}

/// What is to be done about a verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// Remember an answer of 3scale; before the answer to API Gateway.
    pub store: Option<(CacheKey, ledger::Store)>,
    /// Ask for a collection; after the answer to API Gateway.
    pub publish: Option<Message>,
}

/// A limit as it stands after this call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitState {
    /// How many such calls a period allows.
    pub max: Option<u64>,
    /// How many are left.
    pub remaining: u64,
    /// After how many seconds the period ends; `None` if it never does.
    pub reset_secs: Option<u64>,
}

/// Declares an enum of stable codes: the variants, their codes, and the list of all.
macro_rules! codes {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name { $($(#[$doc])* #[serde(rename = $code)] $variant,)+ }

        impl $name {
            /// Every one of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the code, which never changes its meaning.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

codes! {
    /// Whether a call may pass.
    Decision {
        /// It may.
        Allow = "allow",
        /// It may not.
        Deny = "deny",
    }
}

codes! {
    /// Why a call may or may not pass.
    Reason {
        /// 3scale allows it.
        Granted = "granted",
        /// It would pass a limit of the application's plan.
        LimitsExceeded = "limits_exceeded",
        /// 3scale knows no such user key.
        UserKeyInvalid = "user_key_invalid",
        /// 3scale knows no such application.
        ApplicationNotFound = "application_not_found",
        /// The application's key is missing or wrong.
        ApplicationKeyInvalid = "application_key_invalid",
        /// The application is suspended or not yet approved.
        ApplicationNotActive = "application_not_active",
        /// The service is suspended.
        ServiceNotActive = "service_not_active",
        /// The application may not be used from there.
        ReferrerNotAllowed = "referrer_not_allowed",
        /// The kinds of credential do not fit together.
        AuthenticationError = "authentication_error",
        /// 3scale refuses, by a code this release does not know.
        Rejected = "rejected",
        /// 3scale refuses how it is asked; the operator can mend that, the caller can't.
        ConfigurationError = "configuration_error",
        /// 3scale did not answer.
        BackendUnavailable = "backend_unavailable",
        /// No mapping rule of the service matches the call, so 3scale has nothing to count.
        NoMappingRule = "no_mapping_rule",
        /// `SERVICES_MAP` names no service for the gateway and stage; the operator can mend that, the caller can't.
        GatewayNotMapped = "gateway_not_mapped",
        /// The policy scope is `exact` and the method ARN is longer than a policy may name.
        MethodArnTooLong = "method_arn_too_long",
        /// The policy scope is `exact` and the method ARN has a character that a policy would not take literally.
        MethodArnNotLiteral = "method_arn_not_literal",
    }
}

codes! {
    /// What the cache had to do with a verdict.
    CacheState {
        /// The cache answered; 3scale was not asked.
        Hit = "hit",
        /// The cache held no fresh answer, so 3scale was asked.
        Miss = "miss",
        /// 3scale could not be asked, and an answer beyond its time stood in.
        Stale = "stale",
        /// The cache did not answer in time, so 3scale was asked.
        Unavailable = "unavailable",
        /// There is no cache, so 3scale was asked.
        Off = "off",
        /// Nobody was asked: the request alone decided.
        Unused = "unused",
    }
}

codes! {
    /// Who judged.
    Source {
        /// The cache, by an answer of 3scale's that is fresh.
        Cache = "cache",
        /// 3scale, just now.
        Threescale = "3scale",
        /// The cache, by an answer beyond its time: 3scale did not answer.
        Stale = "stale",
        /// `FAIL_MODE`: 3scale did not answer, and nothing stood in.
        FailMode = "fail_mode",
        /// The authorizer itself: the request alone decided.
        Authorizer = "authorizer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::Secret;
    use crate::keyring::Keyring;

    #[test]
    fn a_code_is_what_is_written_down() {
        for reason in Reason::ALL {
            assert_eq!(serde_json::to_string(reason).unwrap(), format!("\"{}\"", reason.code()));
        }
    }

    #[test]
    fn no_two_reasons_share_a_code() {
        let codes: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
    }

    #[test]
    fn whoever_judged_is_named() {
        let fault = Some(Fault::NotUnderstood);
        let (hit, miss) = (CacheState::Hit, CacheState::Miss);
        let source = |cache, fault| {
            let credential = Keyring::derive(&Secret::new("secret")).fingerprint(["key"]);
            Verdict {
                decision: Decision::Allow,
                reason: Reason::Granted,
                cache,
                credential,
                app_id: None,
                plan: None,
                limit: None,
                fault,
                lost_use: false,
                orders: Orders::default(),
            }
            .source()
        };
        assert_eq!([source(hit, None), source(miss, None)], [Source::Cache, Source::Threescale]);
        assert_eq!(
            [source(CacheState::Off, None), source(CacheState::Off, fault)],
            [Source::Threescale, Source::FailMode]
        );
        assert_eq!([source(CacheState::Stale, fault), source(miss, fault)], [Source::Stale, Source::FailMode]);
        assert_eq!(source(CacheState::Unused, None), Source::Authorizer);
    }
}
