//! The stub answers as the real backend did.

mod recorded;

use std::fmt::Write as _;
use std::time::Duration;

use recorded::{Case, account_of_set_a, account_of_set_b, cases};
use threescale_stub::{Backend, Request, Response};

#[test]
fn set_a_is_answered_byte_for_byte() {
    let mut backend = account_of_set_a();
    let mut differences = Vec::new();
    let cases = cases("A");
    for case in &cases {
        match case.name.as_str() {
            // The worker that counts did not run between these two.
            "authrep ok limit_headers no_body" => backend.set_lag(Duration::from_secs(1)),
            "authrep ok limit_headers unlimited metric" => {
                backend.set_lag(Duration::ZERO);
                backend.apply_due(SET_A_MS + 1_000);
            }
            _ => {}
        }
        report_unrecorded(&mut backend, UNRECORDED_IN_A, &case.name, SET_A_MS);
        let answer = backend.answer(&case.request, SET_A_MS);
        if shown(&answer, is_3scales) != shown(&case.answer, is_3scales) {
            differences.push(difference(case, &answer));
        }
    }
    assert_eq!(cases.len(), 121);
    assert!(differences.is_empty(), "{} of {}:\n{}", differences.len(), cases.len(), differences.join("\n"));
}

#[test]
fn set_b_is_answered_byte_for_byte() {
    let mut backend = account_of_set_b();
    let mut differences = Vec::new();
    let cases = cases("B");
    for case in &cases {
        report_unrecorded(&mut backend, UNRECORDED_IN_B, &case.name, SET_B_MS);
        let answer = backend.answer(&case.request, SET_B_MS);
        if shown(&answer, is_timeless) != shown(&case.answer, is_timeless) {
            differences.push(difference(case, &answer));
        }
    }
    assert_eq!(cases.len(), 137);
    assert!(differences.is_empty(), "{} of {}:\n{}", differences.len(), cases.len(), differences.join("\n"));
}

/// Usage that was sent between two recorded cases without being recorded: the case it precedes, service, application,
/// and the usage.
type Unrecorded = &'static [(&'static str, &'static str, &'static str, &'static str)];

const UNRECORDED_IN_A: Unrecorded =
    &[("authorize 409 already exceeded (exceeded attr)", "100", "user_key=uk4", "hits=5")];

/// Set B is an excerpt, so calls of other cases are missing in between.
const UNRECORDED_IN_B: Unrecorded = &[
    ("authrep.child_metric", "100", "user_key=uk_gold", "hits=1"),
    ("authrep.several_metrics", "100", "user_key=uk_gold", "search=1"),
    ("authrep.duplicate_usage_keys", "100", "user_key=uk_gold", "search=1&bytes=%235000"),
    ("authrep.limits_reach_limit_2of2", "100", "user_key=uk_tight", "hits=1"),
    ("oauth.authrep_ok_without_app_key", "300", "app_id=client_1", "hits=1"),
    ("oauth.oidc_plain_authorize", "300", "app_id=client_1", "hits=1"),
    ("ext.limit_headers_limits_no_usage", "100", "user_key=uk_gold", "hits=1"),
    ("ext.limit_headers_metric_without_limit", "100", "user_key=uk_eternity", "hits=1"),
    ("report.batch_old_timestamp_25h/probe", "100", "user_key=uk_eternity", "hits=3"),
    ("report.timestamp_iso8601_z/probe", "100", "user_key=uk_eternity", "hits=1"),
    ("report.usage_bad/probe", "100", "user_key=uk_eternity", "hits=1"),
];

fn report_unrecorded(backend: &mut Backend, unrecorded: Unrecorded, case: &str, now_ms: u64) {
    for (_, service, application, usage) in unrecorded.iter().filter(|(before, ..)| *before == case) {
        let provider_key = if now_ms == SET_A_MS { "pk" } else { "pk_demo" };
        let (kind, id) = application.split_once('=').expect("kind=id");
        let mut form = format!("provider_key={provider_key}&service_id={service}&transactions[0][{kind}]={id}");
        for part in usage.split('&') {
            let (metric, amount) = part.split_once('=').expect("metric=amount");
            let _ = write!(form, "&transactions[0][usage][{metric}]={amount}");
        }
        assert_eq!(backend.answer(&Request::post("/transactions.xml", &form), now_ms).status, 202);
    }
}

/// Set A was recorded with these headers only.
fn is_3scales(name: &str) -> bool {
    name == "content-type" || name.starts_with("3scale-")
}

/// Set B took some seconds, and the time of a case was not recorded; the length is the HTTP server's business.
fn is_timeless(name: &str) -> bool {
    name != "content-length" && name != "3scale-limit-reset"
}

/// Shows an answer with the wanted headers in alphabetical order.
fn shown(answer: &Response, wanted: fn(&str) -> bool) -> String {
    let mut headers: Vec<_> = answer.headers.iter().filter(|(name, _)| wanted(name)).collect();
    headers.sort();
    format!("{} {headers:?} {}", answer.status, answer.body)
}

fn difference(case: &Case, answer: &Response) -> String {
    let all = |_: &str| true;
    format!("{}\n  recorded {}\n  answered {}", case.name, shown(&case.answer, all), shown(answer, all))
}

/// 2026-07-20 10:30:15 UTC, where the clock of set A was frozen.
const SET_A_MS: u64 = 1_784_543_415_000;
/// 2026-11-23 00:51:28 UTC, about when set B was recorded.
const SET_B_MS: u64 = 1_795_395_088_000;
