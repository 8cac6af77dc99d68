//! Events of API Gateway.

use std::sync::LazyLock;

use authz_core::credential::{AppId, AppKey, Credential, Referrer, UserKey};
use authz_core::event::{self, EventError, Request};
use authz_core::ledger::Taken;
use authz_core::method_arn::MethodArn;
use authz_core::settings::Settings;
use authz_core::threescale::{Failure, Reply};
use authz_core::verdict::{CacheState, Decision};

use crate::judged::{is_told_rightly, settings, verdict};
use crate::keeps_secrets;

/// Reads an event as several functions would, each with settings of its own.
///
/// Whatever is read keeps to 3scale's bounds and to what a policy may repeat; it is allowed if 3scale says yes, denied
/// if 3scale says nothing, and the answer means the same to API Gateway.
pub fn check(input: &[u8]) -> bool {
    let event = String::from_utf8_lossy(input);
    let mut is_understood = false;
    for settings in SETTINGS.iter() {
        match event::read(&event, &settings.sources, "request-1") {
            Ok(request) => {
                is_understood = true;
                is_within_bounds(&request);
                is_judged(settings, &request);
            }
            Err(error) => is_refused(&event, error),
        }
    }
    is_understood
}

static SETTINGS: LazyLock<[Settings; 4]> = LazyLock::new(|| {
    let rules = r#"[{"http_method":"GET","pattern":"/","metric":"hits"},
                    {"http_method":"ANY","pattern":"/{a}/{b}$?q={q}&page=2","metric":"deep","last":true}]"#;
    let services = r#"[{"gateway":"abcdef123","stage":"dev","service_id":"7"}]"#;
    [
        settings(&[]),
        settings(&[
            ("CREDENTIAL_SOURCES", "bearer,basic,query:user_key,header:x-api-key,header:authorizationtoken"),
            ("THREESCALE_REFERRER", "referer"),
            ("POLICY_SCOPE", "exact"),
            ("HTTP_API_RESPONSE", "iam"),
            ("MAPPING_RULES", rules),
        ]),
        settings(&[
            ("THREESCALE_AUTH_TYPE", "app_id"),
            ("CREDENTIAL_SOURCES", "basic,query:app_id/app_key,header:app_id/app_key,header:apikey"),
            ("THREESCALE_REFERRER", "origin"),
            ("POLICY_SCOPE", "api"),
        ]),
        settings(&[
            ("THREESCALE_SERVICE_ID", ""),
            ("SERVICES_MAP", services),
            ("CREDENTIAL_SOURCES", "header:authorization:Token,header:apikey"),
            ("THREESCALE_REFERRER", "source_ip"),
        ]),
    ]
});

static YES: LazyLock<Reply> = LazyLock::new(|| Reply {
    status: 200,
    limit_remaining: Some("-1".to_owned()),
    body: "<status><authorized>true</authorized><plan>Basic</plan></status>".to_owned(),
    ..Reply::default()
});

/// Asserts that what was read could have been written by a newtype's own door.
fn is_within_bounds(request: &Request) {
    match &request.caller.credential {
        Credential::UserKey(key) => assert!(UserKey::parse(key.expose()).is_ok()),
        Credential::Application { id, key } => {
            assert!(AppId::parse(id.as_str()).is_ok());
            assert!(key.as_ref().is_none_or(|key| AppKey::parse(key.expose()).is_ok()));
        }
    }
    if let Some(referrer) = &request.caller.referrer {
        assert_eq!(Referrer::parse(referrer.as_str()).as_ref(), Some(referrer));
        assert_ne!(referrer.as_str(), "*", "3scale takes it for any host");
    }
    let arn = &request.method_arn;
    assert_eq!(MethodArn::parse(arn.as_str()).as_ref(), Ok(arn));
    assert!(arn.as_str().starts_with(arn.stage_wide().to_string().trim_end_matches('*')));
}

fn is_judged(settings: &Settings, request: &Request) {
    let looked_up = Taken { ring: true, ..Taken::default() };
    let allowed = verdict(settings, request, &looked_up, Ok(&YES));
    let is_asked = allowed.cache != CacheState::Unused;
    assert_eq!(allowed.decision == Decision::Allow, is_asked, "{allowed:?}");
    is_told_rightly(settings, request, &allowed);
    let denied = verdict(settings, request, &looked_up, Err(Failure::TimedOut));
    assert_eq!(denied.decision, Decision::Deny);
    is_told_rightly(settings, request, &denied);
}

/// Asserts that an error names a place that the event has, and repeats nothing of it.
fn is_refused(event: &str, error: EventError) {
    keeps_secrets(&format!("{error} {error:?}"));
    if let EventError::NotAnEvent { line, .. } = error {
        assert!(line <= event.lines().count() + 1, "line {line}");
    }
}
