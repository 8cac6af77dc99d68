//! What an answer of 3scale means. The HTTP status decides; the body only explains.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

use super::xml;
use crate::verdict::Reason;

/// An answer as it came over HTTP. Its `Debug` form leaves the body out: 3scale's texts repeat credentials.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The header `3scale-rejection-reason`.
    pub rejection_reason: Option<String>,
    /// The header `3scale-limit-remaining`: how many more such calls may pass; -1 without a limit.
    pub limit_remaining: Option<String>,
    /// The header `3scale-limit-reset`: after how many seconds the period ends; -1 if it does not.
    pub limit_reset: Option<String>,
    /// The header `3scale-limit-max-value`: how many may pass in a period.
    pub limit_max_value: Option<String>,
    /// The body.
    pub body: String,
}

/// Why there is no answer at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// Nobody accepted the connection, or its TLS was not to be trusted. Nothing was sent.
    #[error("can't be reached")]
    NotConnected,
    /// There was no whole answer in time.
    #[error("did not answer in time")]
    TimedOut,
    /// The connection broke, or what came was not HTTP.
    #[error("broke off")]
    CutOff,
    /// The answer was larger than any that is expected.
    #[error("answered with too much")]
    TooLarge,
}

/// What 3scale said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The call may pass.
    Authorized {
        /// The application's plan.
        plan: Option<String>,
        /// The narrowest limit on such a call.
        limit: Limit,
    },
    /// The call would pass a limit, and 3scale told which.
    LimitsExceeded {
        /// How many calls the period allows.
        max: Option<u64>,
        /// When the period ends; `None` if it never does.
        reset: Option<Duration>,
    },
    /// The call may not pass, and the caller is the one who can mend that.
    Refused(Reason),
    /// There is no answer about the call.
    None(Fault),
}

/// The narrowest limit on a call, as 3scale's limit headers tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// No limit applies.
    Unlimited,
    /// A limit applies.
    Remaining {
        /// How many more such calls may pass.
        remaining: u64,
        /// How many may pass in a period.
        max: Option<u64>,
        /// When the period ends; `None` if it never does.
        reset: Option<Duration>,
    },
    /// The headers are missing: nothing can be foretold.
    Unknown,
}

/// Why 3scale gave no answer about the call. It never repeats a text of 3scale's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 3scale refuses how we ask: its code, one of those it documents.
    Code(&'static str),
    /// The status alone tells.
    Status(u16),
    /// The status promises an answer that the body does not hold.
    NotUnderstood,
    /// No answer came.
    Failure(Failure),
}

impl Fault {
    /// Whether we ask wrongly (`configuration_error`) or 3scale can't answer (`backend_unavailable`).
    pub fn reason(self) -> Reason {
        match self {
            Self::Status(408 | 429) => Reason::BackendUnavailable,
            Self::Code(_) | Self::Status(300..=499) => Reason::ConfigurationError,
            Self::Status(_) | Self::NotUnderstood | Self::Failure(_) => Reason::BackendUnavailable,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => f.write_str(code),
            Self::Status(status) => write!(f, "status {status}"),
            Self::NotUnderstood => f.write_str("answer not understood"),
            Self::Failure(failure) => failure.fmt(f),
        }
    }
}

impl Reply {
    /// The largest body worth reading, in bytes: a plan of a thousand limits stays below it.
    pub const MAX_BODY_BYTES: usize = 256 * 1024;

    /// The longest plan name that is passed on, in bytes.
    const MAX_PLAN_BYTES: usize = 255;

    /// Reads the answer to an authorize or authrep.
    pub fn answer(&self) -> Answer {
        match self.status {
            200 => self.authorized(),
            409 => self.rejected(),
            408 | 429 => Answer::None(Fault::Status(self.status)),
            400..=499 => self.error(),
            201..=299 => Answer::None(Fault::NotUnderstood),
            status => Answer::None(Fault::Status(status)),
        }
    }

    /// Reads the answer to a report: 202, and only 202, means that 3scale took it.
    pub fn report_taken(&self) -> Result<(), Fault> {
        match self.status {
            202 => Ok(()),
            400..=499 => match self.error() {
                Answer::None(fault) => Err(fault),
                _ => Err(Fault::Status(self.status)),
            },
            status => Err(Fault::Status(status)),
        }
    }

    fn authorized(&self) -> Answer {
        match xml::read(&self.body) {
            Some(xml::Body { authorized: Some(yes), plan, error_code: None }) if yes == "true" => {
                Answer::Authorized { plan: plan.map(bounded), limit: self.limit() }
            }
            _ => Answer::None(Fault::NotUnderstood),
        }
    }

    fn rejected(&self) -> Answer {
        match self.rejection_reason.as_deref() {
            Some("limits_exceeded") => match self.limit() {
                Limit::Remaining { max, reset, .. } => Answer::LimitsExceeded { max, reset },
                Limit::Unlimited | Limit::Unknown => Answer::Refused(Reason::LimitsExceeded),
            },
            Some("application_not_active") => Answer::Refused(Reason::ApplicationNotActive),
            Some("application_key_invalid") => Answer::Refused(Reason::ApplicationKeyInvalid),
            Some("referrer_not_allowed") => Answer::Refused(Reason::ReferrerNotAllowed),
            Some("service_not_active") => Answer::Refused(Reason::ServiceNotActive),
            Some("oauth_not_enabled") => Answer::None(Fault::Code("oauth_not_enabled")),
            _ => Answer::Refused(Reason::Rejected),
        }
    }

    fn error(&self) -> Answer {
        if self.body.is_empty() {
            return Answer::None(Fault::Status(self.status));
        }
        let Some(code) = xml::read(&self.body).and_then(|body| body.error_code) else {
            return Answer::None(Fault::NotUnderstood);
        };
        match code.as_str() {
            "user_key_invalid" => Answer::Refused(Reason::UserKeyInvalid),
            "application_not_found" => Answer::Refused(Reason::ApplicationNotFound),
            "authentication_error" => Answer::Refused(Reason::AuthenticationError),
            code => Answer::None(
                OUR_FAULT.iter().find(|known| **known == code).map_or(Fault::Status(self.status), |c| Fault::Code(c)),
            ),
        }
    }

    fn limit(&self) -> Limit {
        let reset = self.limit_reset.as_deref().and_then(count).map(Duration::from_secs);
        match self.limit_remaining.as_deref() {
            Some("-1") => Limit::Unlimited,
            Some(remaining) => count(remaining).map_or(Limit::Unknown, |remaining| Limit::Remaining {
                remaining,
                max: self.limit_max_value.as_deref().and_then(count),
                reset,
            }),
            None => Limit::Unknown,
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({} ..)", self.status)
    }
}

/// Codes of 3scale that no caller can mend. Source: `lib/3scale/backend/errors.rb` of the 3scale backend.
const OUR_FAULT: [&str; 15] = [
    "bad_request",
    "content_type_invalid",
    "end_users_no_longer_supported",
    "metric_invalid",
    "not_valid_data",
    "provider_key_invalid",
    "provider_key_invalid_or_service_missing",
    "provider_key_or_service_token_required",
    "service_id_invalid",
    "service_id_missing",
    "service_token_invalid",
    "transactions_format_invalid",
    "transactions_has_nil_transaction",
    "transactions_is_blank",
    "usage_value_invalid",
];

/// A number of 3scale's: digits, and as many as it likes.
fn count(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

fn bounded(mut plan: String) -> String {
    plan.truncate(plan.floor_char_boundary(Reply::MAX_PLAN_BYTES));
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTHORIZED: &str = "<status><authorized>true</authorized><plan>Basic</plan></status>";

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status, body: body.to_owned(), ..Reply::default() }
    }

    fn rejection(reason: &str, limit: [&str; 3]) -> Reply {
        let [remaining, reset, max] = limit.map(|text| Some(text.to_owned()));
        Reply {
            status: 409,
            rejection_reason: Some(reason.to_owned()),
            limit_remaining: remaining,
            limit_reset: reset,
            limit_max_value: max,
            body: AUTHORIZED.to_owned(),
        }
    }

    #[test]
    fn only_200_with_an_authorized_body_allows() {
        assert!(matches!(reply(200, AUTHORIZED).answer(), Answer::Authorized { limit: Limit::Unknown, .. }));
        for body in ["", "OK", "<html/>", "<status><authorized>false</authorized></status>", &AUTHORIZED[..40]] {
            assert_eq!(reply(200, body).answer(), Answer::None(Fault::NotUnderstood), "{body}");
        }
        for status in (100..600).filter(|status| *status != 200) {
            assert!(!matches!(reply(status, AUTHORIZED).answer(), Answer::Authorized { .. }), "{status}");
        }
    }

    #[test]
    fn a_409_refuses_whatever_its_body_says() {
        assert_eq!(
            rejection("limits_exceeded", ["0", "45", "5"]).answer(),
            Answer::LimitsExceeded { max: Some(5), reset: Some(Duration::from_secs(45)) }
        );
        assert_eq!(
            rejection("limits_exceeded", ["0", "-1", "0"]).answer(),
            Answer::LimitsExceeded { max: Some(0), reset: None }
        );
        assert_eq!(reply(409, AUTHORIZED).answer(), Answer::Refused(Reason::Rejected));
    }

    #[test]
    fn limits_are_read_from_the_headers() {
        let with = |remaining: &str| {
            let reply = Reply { status: 200, ..rejection("", [remaining, "45", "5"]) };
            reply.limit()
        };
        let reset = Some(Duration::from_secs(45));
        assert_eq!(with("4"), Limit::Remaining { remaining: 4, max: Some(5), reset });
        assert_eq!(with("-1"), Limit::Unlimited);
        assert_eq!(with("99999999999999999999"), Limit::Remaining { remaining: u64::MAX, max: Some(5), reset });
        for odd in ["", "-2", "4.5", "many"] {
            assert_eq!(with(odd), Limit::Unknown, "{odd}");
        }
    }

    #[test]
    fn who_is_to_blame_is_told_apart() {
        let error = |status, code: &str| reply(status, &format!("<error code=\"{code}\">CANARY</error>")).answer();
        assert_eq!(error(403, "user_key_invalid"), Answer::Refused(Reason::UserKeyInvalid));
        assert_eq!(error(404, "application_not_found"), Answer::Refused(Reason::ApplicationNotFound));
        assert_eq!(error(403, "service_token_invalid"), Answer::None(Fault::Code("service_token_invalid")));
        assert_eq!(error(404, "metric_invalid"), Answer::None(Fault::Code("metric_invalid")));
        assert_eq!(error(422, "CANARY"), Answer::None(Fault::Status(422)));
        for status in [301, 403, 404, 405] {
            let Answer::None(fault) = reply(status, "").answer() else { panic!("{status} is no answer") };
            assert_eq!(fault.reason(), Reason::ConfigurationError, "{status}");
        }
        for (status, body) in [(429, ""), (500, "Internal Server Error\n"), (502, "<html/>"), (403, "<html/>"), (0, "")]
        {
            let Answer::None(fault) = reply(status, body).answer() else { panic!("{status} is no answer") };
            assert_eq!(fault.reason(), Reason::BackendUnavailable, "{status}");
        }
    }

    #[test]
    fn only_202_takes_a_report() {
        assert_eq!(reply(202, "").report_taken(), Ok(()));
        assert_eq!(reply(200, AUTHORIZED).report_taken(), Err(Fault::Status(200)));
        assert_eq!(reply(403, "").report_taken(), Err(Fault::Status(403)));
        let body = "<error code=\"transactions_is_blank\">x</error>";
        assert_eq!(reply(400, body).report_taken(), Err(Fault::Code("transactions_is_blank")));
    }

    #[test]
    fn a_long_plan_is_cut_between_characters() {
        let body = format!("<status><authorized>true</authorized><plan>{}</plan></status>", "é".repeat(500));
        let Answer::Authorized { plan, .. } = reply(200, &body).answer() else { panic!("it is authorized") };
        assert_eq!(plan.unwrap(), "é".repeat(127));
    }

    #[test]
    fn its_debug_form_shows_no_text_of_3scale() {
        assert_eq!(format!("{:?}", reply(403, "user key \"CANARY\" is invalid")), "Reply(403 ..)");
    }
}
