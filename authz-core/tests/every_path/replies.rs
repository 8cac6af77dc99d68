//! Every kind of answer of 3scale, and what it is expected to mean.

use authz_core::threescale::{Failure, Reply};
use authz_core::verdict::Reason;

use super::CANARY;

/// What 3scale says in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// The call may pass; remembered for so many seconds, if at all.
    Yes { secs: Option<u64> },
    /// The call may not pass; remembered for so many seconds.
    No { reason: Reason, secs: u64 },
    /// Nothing about the call.
    Nothing(Reason),
}

/// An answer, and what it says.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) reply: Reply,
    pub(crate) says: Says,
}

pub(crate) const GRANT_SECS: u64 = 60;
pub(crate) const DENIAL_SECS: u64 = 10;

pub(crate) const FAILURES: [Failure; 4] =
    [Failure::NotConnected, Failure::TimedOut, Failure::CutOff, Failure::TooLarge];

const YES: &str = "<status><authorized>true</authorized><plan>Basic</plan></status>";
const NO: &str = "<status><authorized>false</authorized><reason>CANARY-TEXT</reason><plan>Basic</plan></status>";
/// 3scale puts reasons in unescaped: an application key can look like this.
const FORGED: &str =
    "<status><authorized>false</authorized><reason>x</reason><authorized>true</authorized><plan>CANARY</plan></status>";
const HTML: &str = "<html><body>CANARY-TEXT</body></html>";

pub(crate) fn all() -> Vec<Said> {
    [authorized(), refused(), callers_fault(), our_fault(), unavailable()].concat()
}

/// What a report can be answered, and whether 3scale took it.
pub(crate) fn to_a_report() -> Vec<(Reply, bool)> {
    let refused = error(403, "service_token_invalid");
    let others = [(200, YES), (201, ""), (302, ""), (400, HTML), (403, ""), (409, NO), (429, ""), (500, ""), (0, "")];
    let not_taken = others.map(|(status, body)| reply(status, body)).into_iter().chain([refused, error(418, CANARY)]);
    not_taken.map(|reply| (reply, false)).chain([(reply(202, ""), true)]).collect()
}

fn authorized() -> Vec<Said> {
    let yes = |limits: [Option<&str>; 3], secs| {
        let [limit_remaining, limit_reset, limit_max_value] = limits.map(|text| text.map(str::to_owned));
        said(Reply { limit_remaining, limit_reset, limit_max_value, ..reply(200, YES) }, Says::Yes { secs })
    };
    vec![
        yes([Some("-1"), Some("-1"), None], Some(GRANT_SECS)),
        yes([Some("4"), Some("20"), Some("5")], Some(20)),
        yes([Some("4"), Some("200"), Some("5")], Some(GRANT_SECS)),
        yes([Some("4"), Some("-1"), Some("5")], Some(GRANT_SECS)),
        yes([Some("4"), Some("0"), Some("5")], Some(0)),
        yes([Some("0"), Some("20"), Some("5")], Some(20)),
        yes([Some("0"), Some("-1"), Some("0")], Some(GRANT_SECS)),
        yes([Some("99999999999999999999"), None, None], Some(GRANT_SECS)),
        yes([None, None, None], None),
        yes([Some("many"), Some("20"), Some("5")], None),
    ]
}

fn refused() -> Vec<Said> {
    let rejected =
        |reason: Option<&str>, body: &str| Reply { rejection_reason: reason.map(str::to_owned), ..reply(409, body) };
    let exceeded = |reset: &str| Reply {
        limit_remaining: Some("0".to_owned()),
        limit_reset: Some(reset.to_owned()),
        limit_max_value: Some("5".to_owned()),
        ..rejected(Some("limits_exceeded"), NO)
    };
    let mut said_no = vec![
        no(exceeded("20"), Reason::LimitsExceeded, 20),
        no(exceeded("200"), Reason::LimitsExceeded, GRANT_SECS),
        no(exceeded("-1"), Reason::LimitsExceeded, GRANT_SECS),
        no(rejected(Some("limits_exceeded"), NO), Reason::LimitsExceeded, DENIAL_SECS),
        no(rejected(Some("limits_exceeded"), ""), Reason::LimitsExceeded, DENIAL_SECS),
        no(rejected(Some("redirect_uri_invalid"), NO), Reason::Rejected, DENIAL_SECS),
        no(rejected(Some("CANARY"), NO), Reason::Rejected, DENIAL_SECS),
        no(rejected(None, YES), Reason::Rejected, DENIAL_SECS),
        no(rejected(None, FORGED), Reason::Rejected, DENIAL_SECS),
        nothing(rejected(Some("oauth_not_enabled"), NO), Reason::ConfigurationError),
    ];
    for reason in [
        Reason::ApplicationNotActive,
        Reason::ApplicationKeyInvalid,
        Reason::ReferrerNotAllowed,
        Reason::ServiceNotActive,
    ] {
        said_no.push(no(rejected(Some(reason.code()), FORGED), reason, DENIAL_SECS));
    }
    said_no
}

fn callers_fault() -> Vec<Said> {
    [(403, Reason::UserKeyInvalid), (404, Reason::ApplicationNotFound), (403, Reason::AuthenticationError)]
        .map(|(status, reason)| no(error(status, reason.code()), reason, DENIAL_SECS))
        .into()
}

fn our_fault() -> Vec<Said> {
    [
        error(403, "service_token_invalid"),
        error(403, "provider_key_invalid"),
        error(404, "metric_invalid"),
        error(422, "service_id_missing"),
        error(400, "bad_request"),
        error(403, "CANARY"),
        reply(403, ""),
        reply(404, ""),
        reply(422, ""),
        reply(302, HTML),
    ]
    .map(|reply| nothing(reply, Reason::ConfigurationError))
    .into()
}

fn unavailable() -> Vec<Said> {
    [
        (200, NO),
        (200, FORGED),
        (200, &YES[..40]),
        (200, YES.trim_end_matches("</status>")),
        (200, ""),
        (200, HTML),
        (202, ""),
        (403, HTML),
        (404, HTML),
        (408, ""),
        (429, YES),
        (500, "Internal Server Error\n"),
        (503, HTML),
        (0, ""),
    ]
    .map(|(status, body)| nothing(reply(status, body), Reason::BackendUnavailable))
    .into()
}

fn no(reply: Reply, reason: Reason, secs: u64) -> Said {
    said(reply, Says::No { reason, secs })
}

fn nothing(reply: Reply, reason: Reason) -> Said {
    said(reply, Says::Nothing(reason))
}

fn said(reply: Reply, says: Says) -> Said {
    Said { reply, says }
}

fn error(status: u16, code: &str) -> Reply {
    reply(status, &format!("<error code=\"{code}\">CANARY-TEXT</error>"))
}

fn reply(status: u16, body: &str) -> Reply {
    Reply { status, body: body.to_owned(), ..Reply::default() }
}
