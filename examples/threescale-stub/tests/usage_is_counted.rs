//! What is counted, when, and what voids a batch.

use std::fmt::Write as _;
use std::time::Duration;

use threescale_stub::{
    Application, Backend, DEMO_SERVICE_ID, DEMO_SERVICE_TOKEN, DEMO_TRIAL_USER_KEY, DEMO_USER_KEY, Endpoint, Period,
    Plan, Request, Service, ServiceKind, Unknown, demo,
};

/// 2026-07-20 10:30:15 UTC, a Monday.
const NOW_MS: u64 = 1_784_543_415_000;
const MINUTE_MS: u64 = 60_000;

fn authrep(user_key: &str, usage: &str) -> Request {
    call("authrep", user_key, usage)
}

fn call(name: &str, user_key: &str, usage: &str) -> Request {
    let query =
        format!("service_token={DEMO_SERVICE_TOKEN}&service_id={DEMO_SERVICE_ID}&user_key={user_key}&usage{usage}");
    Request::get(&format!("/transactions/{name}.xml"), &query)
}

fn report(transactions: &[(&str, &str)]) -> Request {
    let mut form = format!("service_token={DEMO_SERVICE_TOKEN}&service_id={DEMO_SERVICE_ID}");
    for (index, (user_key, timestamp)) in transactions.iter().enumerate() {
        let transaction = format!("&transactions[{index}]");
        let _ = write!(form, "{transaction}[user_key]={user_key}{transaction}[usage][hits]=1");
        let _ = write!(form, "{transaction}[timestamp]={timestamp}");
    }
    Request::post("/transactions.xml", &form)
}

fn hits(backend: &Backend, user_key: &str) -> u64 {
    backend.counted().get(user_key).and_then(|metrics| metrics.get("hits")).copied().unwrap_or(0)
}

fn status(backend: &mut Backend, request: &Request, now_ms: u64) -> u16 {
    backend.answer(request, now_ms).status
}

#[test]
fn a_trial_has_five_hits_a_minute() {
    let mut backend = demo();
    for _ in 0..5 {
        assert_eq!(status(&mut backend, &authrep(DEMO_TRIAL_USER_KEY, "[hits]=1"), NOW_MS), 200);
    }
    let sixth = authrep(DEMO_TRIAL_USER_KEY, "[hits]=1");
    let sixth = sixth.with_header("3scale-options", "limit_headers=1&rejection_reason_header=1&no_body=1");
    let denial = backend.answer(&sixth, NOW_MS + 500);
    assert_eq!(denial.status, 409);
    assert_eq!(denial.header("3scale-rejection-reason"), Some("limits_exceeded"));
    assert_eq!(denial.header("3scale-limit-reset"), Some("45"), "44.5 seconds, rounded up");
    assert_eq!(hits(&backend, DEMO_TRIAL_USER_KEY), 5, "a denied call is not counted");
    assert_eq!(status(&mut backend, &sixth, NOW_MS + MINUTE_MS), 200);
}

#[test]
fn authorize_counts_nothing() {
    let mut backend = demo();
    assert_eq!(status(&mut backend, &call("authorize", DEMO_USER_KEY, "[hits]=1"), NOW_MS), 200);
    assert!(backend.counted().is_empty());
    assert_eq!(backend.requests(Endpoint::Authorize), 1);
    assert_eq!(backend.requests(Endpoint::Authrep), 0);
}

#[test]
fn what_lags_is_accepted_but_not_counted() {
    let mut backend = demo().with_lag(Duration::from_secs(10));
    for _ in 0..7 {
        assert_eq!(status(&mut backend, &authrep(DEMO_TRIAL_USER_KEY, "[hits]=1"), NOW_MS), 200, "limits lag, too");
    }
    assert_eq!(hits(&backend, DEMO_TRIAL_USER_KEY), 0);
    assert_eq!(backend.counted_with_pending()[DEMO_TRIAL_USER_KEY]["hits"], 7);
    backend.apply_due(NOW_MS + 9_999);
    assert_eq!(hits(&backend, DEMO_TRIAL_USER_KEY), 0);
    backend.apply_due(NOW_MS + 10_000);
    assert_eq!(hits(&backend, DEMO_TRIAL_USER_KEY), 7);
    assert_eq!(status(&mut backend, &authrep(DEMO_TRIAL_USER_KEY, "[hits]=1"), NOW_MS + 10_000), 409);
}

#[test]
fn reported_usage_counts_in_the_periods_of_its_time() {
    let mut backend = demo();
    let last_minute = (NOW_MS / 1_000 - 60).to_string();
    let batch = report(&[(DEMO_TRIAL_USER_KEY, last_minute.as_str()); 6]);
    assert_eq!(status(&mut backend, &batch, NOW_MS), 202);
    assert_eq!(hits(&backend, DEMO_TRIAL_USER_KEY), 6);
    assert_eq!(status(&mut backend, &authrep(DEMO_TRIAL_USER_KEY, "[hits]=5"), NOW_MS), 200);
}

#[test]
fn one_bad_transaction_voids_the_batch() {
    let (day_ago, too_old) = ("1784457015", "1784457014");
    let (hour_ahead, too_new) = ("1784547015", "1784547016");
    for (user_key, timestamp, why) in [
        (DEMO_USER_KEY, too_old, "transaction_timestamp_too_old"),
        (DEMO_USER_KEY, too_new, "transaction_timestamp_too_new"),
        (DEMO_USER_KEY, "1784543415000", "transaction_timestamp_too_new"),
        ("nobody", "", "user_key_invalid"),
    ] {
        let mut backend = demo();
        let batch = report(&[(DEMO_USER_KEY, day_ago), (user_key, timestamp), (DEMO_USER_KEY, hour_ahead)]);
        assert_eq!(status(&mut backend, &batch, NOW_MS), 202);
        assert_eq!(hits(&backend, DEMO_USER_KEY), 0, "{why}");
        assert_eq!((backend.voided()[0].transactions, backend.voided()[0].why), (3, why));
    }
    let mut backend = demo();
    let batch = report(&[(DEMO_USER_KEY, day_ago), (DEMO_USER_KEY, "once upon a time"), (DEMO_USER_KEY, hour_ahead)]);
    assert_eq!(status(&mut backend, &batch, NOW_MS), 202);
    assert_eq!(hits(&backend, DEMO_USER_KEY), 3);
    assert!(backend.voided().is_empty());
}

#[test]
fn an_unknown_metric_or_a_bad_amount_voids_a_report() {
    for (usage, why) in [
        ("[nope]=1", "metric_invalid"),
        ("[hits]=-1", "usage_value_invalid"),
        ("[hits]=99999999999999999999", "usage_value_out_of_range"),
    ] {
        let mut backend = demo();
        let form = format!(
            "provider_key=demo-provider-key&transactions[0][user_key]={DEMO_USER_KEY}&transactions[0][usage]{usage}"
        );
        assert_eq!(status(&mut backend, &Request::post("/transactions.xml", &form), NOW_MS), 202);
        assert_eq!(backend.voided().iter().map(|voided| voided.why).collect::<Vec<_>>(), [why]);
        assert!(backend.counted().is_empty());
    }
}

#[test]
fn usage_of_zero_is_dropped_before_it_can_void_anything() {
    let mut backend = demo();
    let form = "provider_key=demo-provider-key&transactions[0][user_key]=nobody&transactions[0][usage][hits]=0";
    assert_eq!(status(&mut backend, &Request::post("/transactions.xml", form), NOW_MS), 202);
    assert!(backend.voided().is_empty());
}

#[test]
fn usage_climbs_to_the_grandparent_unless_it_is_flat() {
    let plan = Plan::new("Plan").limit("hits", Period::Day, 2);
    let service = Service::new(DEMO_SERVICE_ID, DEMO_SERVICE_TOKEN, ServiceKind::UserKey)
        .with_metric("hits")
        .with_child("search", "hits")
        .with_child("images", "search")
        .with_application(Application::by_user_key("alice", &plan));
    let mut backend = Backend::new("pk").with_service(service);
    let flat = authrep("alice", "[images]=5").with_header("3scale-options", "flat_usage=1");
    assert_eq!(status(&mut backend, &authrep("alice", "[images]=2"), NOW_MS), 200);
    assert_eq!(status(&mut backend, &authrep("alice", "[images]=1"), NOW_MS), 409);
    assert_eq!(status(&mut backend, &flat, NOW_MS), 200);
    let counted: Vec<_> = backend.counted()["alice"].clone().into_iter().collect();
    assert_eq!(counted, [("hits".to_owned(), 2), ("images".to_owned(), 7), ("search".to_owned(), 2)]);
}

#[test]
fn applications_come_and_go() {
    let mut backend = demo();
    let request = authrep(DEMO_USER_KEY, "[hits]=1");
    assert_eq!(status(&mut backend, &request, NOW_MS), 200);
    assert_eq!(backend.suspend_application(DEMO_SERVICE_ID, DEMO_USER_KEY), Ok(()));
    assert_eq!(status(&mut backend, &request, NOW_MS), 409);
    assert_eq!(backend.resume_application(DEMO_SERVICE_ID, DEMO_USER_KEY), Ok(()));
    assert_eq!(status(&mut backend, &request, NOW_MS), 200);
    assert_eq!(backend.delete_application(DEMO_SERVICE_ID, DEMO_USER_KEY), Ok(()));
    assert_eq!(status(&mut backend, &request, NOW_MS), 403);
    assert_eq!(hits(&backend, DEMO_USER_KEY), 2, "what it used stays counted");
    let again = Application::by_user_key(DEMO_USER_KEY, &Plan::new("New"));
    assert_eq!(backend.add_application(DEMO_SERVICE_ID, again), Ok(()));
    assert_eq!(status(&mut backend, &request, NOW_MS), 200);
    assert_eq!(backend.delete_application(DEMO_SERVICE_ID, "nobody"), Err(Unknown::Application));
    assert_eq!(backend.suspend_application("nowhere", DEMO_USER_KEY), Err(Unknown::Service));
}

#[test]
fn a_report_of_an_application_deleted_in_the_meantime_is_voided() {
    let mut backend = demo().with_lag(Duration::from_secs(1));
    assert_eq!(status(&mut backend, &authrep(DEMO_USER_KEY, "[hits]=1"), NOW_MS), 200);
    assert_eq!(backend.delete_application(DEMO_SERVICE_ID, DEMO_USER_KEY), Ok(()));
    backend.apply_due(NOW_MS + 1_000);
    assert_eq!(backend.voided().iter().map(|voided| voided.why).collect::<Vec<_>>(), ["application_not_found"]);
}

#[test]
fn nothing_shown_for_debugging_holds_a_credential() {
    let mut backend = demo();
    let request = authrep(DEMO_USER_KEY, "[hits]=1").with_header("authorization", DEMO_USER_KEY);
    let unknown = Request::get(&format!("/{DEMO_USER_KEY}"), DEMO_SERVICE_TOKEN);
    let response = backend.answer(&authrep("demo-key-of-nobody", ""), NOW_MS);
    let application = Application::by_user_key(DEMO_USER_KEY, &Plan::new("Plan")).with_key(DEMO_SERVICE_TOKEN);
    let service = Service::new("1", DEMO_SERVICE_TOKEN, ServiceKind::UserKey).with_application(application.clone());
    let shown = format!("{backend:?} {request:?} {unknown:?} {response:?} {application:?} {service:?}");
    for secret in [DEMO_USER_KEY, DEMO_SERVICE_TOKEN, DEMO_TRIAL_USER_KEY, "demo-provider-key"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
