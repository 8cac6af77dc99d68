//! Settings that go together badly with the API.

use authz_core::gateway::{Api, ApiKind};
use authz_core::policy::PolicyScope;
use authz_core::settings::Settings;
use serde::Serialize;
use serde_json::{Value, json};

/// Something that works otherwise than most people expect.
#[derive(Debug, Serialize)]
pub(crate) struct Lint {
    /// Names it, and its place in the documentation.
    pub(crate) code: &'static str,
    pub(crate) text: &'static str,
    /// What to lay over the scenario to mend it.
    pub(crate) fix: Value,
}

/// Says what the combination of settings and API gets wrong.
pub(crate) fn lints(settings: &Settings, api: &Api) -> Vec<Lint> {
    if api.ttl.is_zero() {
        return Vec::new();
    }
    let no_ttl = json!({ "api": { "authorizer_ttl_secs": 0 } });
    let mut lints = Vec::new();
    if !api.tells_app_keys_apart(&settings.sources) {
        lints.push(Lint {
            code: "app_key_is_not_checked",
            text: "API Gateway replays the answer to a right app key for a wrong one, because it remembers answers by \
                   the app id alone: make the app key an identity source too, or set the TTL to 0",
            fix: no_ttl.clone(),
        });
    }
    if settings.policy_scope == PolicyScope::Exact && !matches!(api.kind, ApiKind::Http2 { .. }) {
        lints.push(Lint {
            code: "exact_policy_is_replayed",
            text: "API Gateway replays a policy for other methods of the caller, and one that names a single method \
                   denies them all: set POLICY_SCOPE to `stage`, or the TTL to 0",
            fix: json!({ "settings": { "POLICY_SCOPE": "stage" } }),
        });
    }
    if settings.services.iter().any(|service| service.rules.is_some()) {
        lints.push(Lint {
            code: "mapping_rules_are_bypassed",
            text: "API Gateway replays an answer for calls that other mapping rules match, and those are neither \
                   judged nor counted: set the TTL to 0",
            fix: no_ttl.clone(),
        });
    }
    lints.push(Lint {
        code: "calls_are_not_counted",
        text: "calls that API Gateway answers from its own cache are not counted, and limits don't hold them: set the \
               TTL to 0 where every call counts",
        fix: no_ttl,
    });
    lints
}
