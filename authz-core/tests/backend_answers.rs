//! Every recorded answer of a real 3scale backend means what its status, its headers and its code say.
//!
//! What is expected comes from plain searches in the recorded texts, never from the parser under test.

use std::collections::BTreeMap;
use std::time::Duration;

use authz_core::threescale::{Answer, Fault, Limit, Reply};
use authz_core::verdict::Reason;
use serde::Deserialize;

const RECORDED: &str = include_str!("recorded/threescale-backend.json");

/// Lists the application's keys, which is never asked for, one of them `k"><x/>&`; 3scale escapes none.
const NOT_WELL_FORMED: &str = "appid.list_app_keys_hostile_key";

#[derive(Deserialize)]
struct Recording {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    path: String,
}

#[derive(Deserialize)]
struct Response {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

#[test]
fn every_recorded_answer_is_read_as_it_was_meant() {
    let recording: Recording = serde_json::from_str(RECORDED).unwrap();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for case in &recording.cases {
        *kinds.entry(case.check()).or_default() += 1;
    }
    let expected = BTreeMap::from([
        ("GET: authorized", 74),
        ("GET: authorized, but without a body", 6),
        ("GET: authorized, but not well-formed", 1),
        ("GET: limits exceeded, and which", 5),
        ("GET: limits exceeded", 3),
        ("GET: refused by its header", 29),
        ("GET: refused without a reason", 16),
        ("GET: refused, our fault", 2),
        ("GET: the caller's fault by its code", 23),
        ("GET: our fault by its code", 33),
        ("GET: our fault without a code", 7),
        ("GET: unavailable", 1),
        ("POST: taken", 27),
        ("POST: refused by its code", 20),
        ("POST: refused without a code", 3),
        ("POST: unavailable", 2),
        ("neither asked nor told", 6),
    ]);
    assert_eq!(kinds, expected);
    assert_eq!((kinds.values().sum::<usize>(), recording.cases.len()), (258, 258));
}

impl Case {
    /// Compares what the answer is taken for with what it was, and names its kind.
    fn check(&self) -> &'static str {
        let asks = self.request.path.contains("/authorize.") || self.request.path.contains("_authorize.");
        let asks_and_tells = self.request.path.contains("authrep.");
        match (self.request.method.as_str(), self.response.status) {
            ("GET", 200) if asks || asks_and_tells => self.check_200(),
            ("GET", 409) => self.check_409(),
            ("GET", 400..=499) => self.check_error(),
            ("GET", 500..) => self.check_unavailable(),
            ("POST", _) => self.check_report(),
            _ => {
                let (answer, taken) = (self.answer(), self.reply().report_taken());
                assert!(matches!(answer, Answer::None(_)) && taken.is_err(), "{}: {answer:?}", self.name);
                "neither asked nor told"
            }
        }
    }

    fn check_200(&self) -> &'static str {
        if self.response.body.is_empty() {
            self.expect(&Answer::None(Fault::NotUnderstood));
            return "GET: authorized, but without a body";
        }
        if self.name == NOT_WELL_FORMED {
            self.expect(&Answer::None(Fault::NotUnderstood));
            return "GET: authorized, but not well-formed";
        }
        let limit = match self.number("3scale-limit-remaining") {
            None => Limit::Unknown,
            Some(-1) => Limit::Unlimited,
            Some(_) => Limit::Remaining {
                remaining: self.count("3scale-limit-remaining").expect("it is not -1"),
                max: self.count("3scale-limit-max-value"),
                reset: self.count("3scale-limit-reset").map(Duration::from_secs),
            },
        };
        let plan = self.between("<plan>", "</plan>").map(unescaped);
        assert!(plan.is_some(), "{}: every plan has a name", self.name);
        self.expect(&Answer::Authorized { plan, limit });
        "GET: authorized"
    }

    fn check_409(&self) -> &'static str {
        let reason = match self.header("3scale-rejection-reason") {
            Some("limits_exceeded") if self.header("3scale-limit-remaining").is_some() => {
                self.expect(&Answer::LimitsExceeded {
                    max: self.count("3scale-limit-max-value"),
                    reset: self.count("3scale-limit-reset").map(Duration::from_secs),
                });
                return "GET: limits exceeded, and which";
            }
            Some("oauth_not_enabled") => {
                self.expect(&Answer::None(Fault::Code("oauth_not_enabled")));
                return "GET: refused, our fault";
            }
            Some(code) => Reason::ALL.iter().find(|reason| reason.code() == code).copied(),
            None => None,
        };
        self.expect(&Answer::Refused(reason.unwrap_or(Reason::Rejected)));
        match (reason, self.header("3scale-rejection-reason")) {
            (Some(Reason::LimitsExceeded), _) => "GET: limits exceeded",
            (_, Some(_)) => "GET: refused by its header",
            (_, None) => "GET: refused without a reason",
        }
    }

    fn check_error(&self) -> &'static str {
        let Some(code) = self.between("<error code=\"", "\"") else {
            assert_eq!(self.response.body, "", "{}", self.name);
            self.expect(&Answer::None(Fault::Status(self.response.status)));
            self.expect_blame(Reason::ConfigurationError);
            return "GET: our fault without a code";
        };
        let callers = match code {
            "user_key_invalid" => Reason::UserKeyInvalid,
            "application_not_found" => Reason::ApplicationNotFound,
            "authentication_error" => Reason::AuthenticationError,
            ours => {
                self.expect_code(self.fault(), ours);
                self.expect_blame(Reason::ConfigurationError);
                return "GET: our fault by its code";
            }
        };
        self.expect(&Answer::Refused(callers));
        "GET: the caller's fault by its code"
    }

    fn check_unavailable(&self) -> &'static str {
        self.expect(&Answer::None(Fault::Status(self.response.status)));
        self.expect_blame(Reason::BackendUnavailable);
        "GET: unavailable"
    }

    fn check_report(&self) -> &'static str {
        let taken = self.reply().report_taken();
        let status = self.response.status;
        match (status, self.between("<error code=\"", "\"")) {
            (202, _) => {
                assert_eq!(taken, Ok(()), "{}", self.name);
                "POST: taken"
            }
            (400..=499, Some(code)) => {
                self.expect_code(taken.expect_err(&self.name), code);
                "POST: refused by its code"
            }
            (400..=499, None) => {
                assert_eq!(taken, Err(Fault::Status(status)), "{}", self.name);
                "POST: refused without a code"
            }
            _ => {
                assert_eq!(taken, Err(Fault::Status(status)), "{}", self.name);
                assert_eq!(taken.map_err(Fault::reason), Err(Reason::BackendUnavailable), "{}", self.name);
                "POST: unavailable"
            }
        }
    }

    fn expect(&self, expected: &Answer) {
        assert_eq!(self.answer(), *expected, "{}", self.name);
    }

    fn expect_blame(&self, reason: Reason) {
        assert_eq!(self.fault().reason(), reason, "{}", self.name);
    }

    fn expect_code(&self, fault: Fault, code: &str) {
        assert!(matches!(fault, Fault::Code(found) if found == code), "{}: {fault:?} instead of {code}", self.name);
    }

    fn fault(&self) -> Fault {
        match self.answer() {
            Answer::None(fault) => fault,
            answer => panic!("{}: {answer:?} instead of a fault", self.name),
        }
    }

    fn answer(&self) -> Answer {
        self.reply().answer()
    }

    fn reply(&self) -> Reply {
        let header = |name| self.header(name).map(str::to_owned);
        Reply {
            status: self.response.status,
            rejection_reason: header("3scale-rejection-reason"),
            limit_remaining: header("3scale-limit-remaining"),
            limit_reset: header("3scale-limit-reset"),
            limit_max_value: header("3scale-limit-max-value"),
            body: self.response.body.clone(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.response.headers.iter();
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn number(&self, header: &str) -> Option<i64> {
        self.header(header).map(|text| text.parse().expect(&self.name))
    }

    /// A number that is not -1.
    fn count(&self, header: &str) -> Option<u64> {
        self.number(header).and_then(|number| u64::try_from(number).ok())
    }

    fn between(&self, before: &str, after: &str) -> Option<&str> {
        let (_, rest) = self.response.body.split_once(before)?;
        rest.split_once(after).map(|(text, _)| text)
    }
}

fn unescaped(text: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}
