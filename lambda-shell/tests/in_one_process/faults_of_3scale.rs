//! Whatever 3scale does, the answer comes inside the time limit, is never an Allow that 3scale did not give, and shows
//! no credential.

use std::time::Duration;

use authz_core::collect::{Outcome, Trouble, Worker};
use authz_core::verdict::{CacheState, Decision, Reason};
use threescale_stub::{Endpoint, Fault, Response};

use crate::world::{CANARY, CANARY_TOKEN, World, world};

const AUTHORIZED: &str = "<status><authorized>true</authorized><plan>P</plan></status>";

/// Far above every time limit that the tests set, for machines that are slow.
const SOON: Duration = Duration::from_secs(20);

async fn ask(world: &World) -> (Decision, Reason, CacheState) {
    tokio::time::timeout(SOON, world.ask(CANARY)).await.expect("an answer inside the time limit").unwrap()
}

/// An address that nobody listens on.
async fn nobody() -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn assert_nothing_leaked(world: &World) {
    assert!(!world.log().contains("CANARY"), "{}", world.log());
}

#[tokio::test]
async fn an_answer_that_is_none_denies() {
    let world = world(&[("THREESCALE_TIMEOUT_MS", "300")]).await;
    let echo = format!("<error code=\"x\">{CANARY} {CANARY_TOKEN}</error>");
    for (fault, reason) in [
        (Fault::answer(Response::raw(200, "<html>Bad Gateway</html>")), Reason::BackendUnavailable),
        (Fault::answer(Response::raw(200, "")), Reason::BackendUnavailable),
        (Fault::answer(Response::raw(200, AUTHORIZED.split_at(50).0)), Reason::BackendUnavailable),
        (Fault::answer(Response::raw(200, &"x".repeat(300_000))), Reason::BackendUnavailable),
        (Fault::answer(Response::raw(500, echo.as_str())), Reason::BackendUnavailable),
        (Fault::answer(Response::raw(502, AUTHORIZED)), Reason::BackendUnavailable),
        (Fault::answer(Response::raw(429, AUTHORIZED)), Reason::BackendUnavailable),
        (Fault::answer(Response::raw(403, "")), Reason::ConfigurationError),
        (Fault::answer(Response::raw(403, echo.as_str())), Reason::ConfigurationError),
        (
            Fault::answer(Response::raw(302, "").with_header("location", "http://127.0.0.1:1/")),
            Reason::ConfigurationError,
        ),
        (Fault::cut(), Reason::BackendUnavailable),
        (Fault::hang(), Reason::BackendUnavailable),
    ] {
        world.stub.set_fault(fault.clone());
        assert_eq!(ask(&world).await, (Decision::Deny, reason, CacheState::Miss), "{fault:?}");
    }
    assert_nothing_leaked(&world);
}

#[tokio::test]
async fn a_409_denies_even_if_its_body_says_authorized() {
    let world = world(&[]).await;
    world.stub.set_fault(Fault::answer(Response::raw(409, AUTHORIZED)));
    assert_eq!(ask(&world).await, (Decision::Deny, Reason::Rejected, CacheState::Miss));
}

#[tokio::test]
async fn nobody_at_the_address_denies() {
    let world = world(&[("THREESCALE_BACKEND_URL", &nobody().await)]).await;
    assert_eq!(ask(&world).await, (Decision::Deny, Reason::BackendUnavailable, CacheState::Miss));
    assert!(world.log().contains(r#""fault":"can't be reached""#), "{}", world.log());
    assert_nothing_leaked(&world);
}

#[tokio::test]
async fn an_unknown_key_is_denied_and_that_is_remembered() {
    let world = world(&[]).await;
    for cache in [CacheState::Miss, CacheState::Hit] {
        let answer = world.ask("CANARY-unknown").await.unwrap();
        assert_eq!(answer, (Decision::Deny, Reason::UserKeyInvalid, cache));
    }
    assert_eq!(world.account.lock().unwrap().requests(Endpoint::Authrep), 1);
    assert_nothing_leaked(&world);
}

#[tokio::test]
async fn a_grant_that_is_no_longer_fresh_stands_in_and_is_counted() {
    let mut world = world(&[]).await;
    assert_eq!(ask(&world).await, (Decision::Allow, Reason::Granted, CacheState::Miss));
    world.skip(Duration::from_secs(61));
    world.stub.set_fault(Fault::hang());
    assert_eq!(ask(&world).await, (Decision::Allow, Reason::BackendUnavailable, CacheState::Stale));
    world.stub.set_fault(None);
    assert_eq!(world.collect_next().await, Outcome::Collected { told: 1, dropped: 0, untold: 0 });
    assert_eq!(world.account.lock().unwrap().counted()[CANARY]["hits"], 2);
    world.skip(Duration::from_secs(600));
    world.stub.set_fault(Fault::hang());
    assert_eq!(ask(&world).await.0, Decision::Deny, "the stale window is over");
}

#[tokio::test]
async fn open_allows_what_nobody_could_judge_and_tells_3scale_later() {
    let mut world = world(&[("FAIL_MODE", "open")]).await;
    world.stub.set_fault(Fault::hang());
    assert_eq!(ask(&world).await, (Decision::Allow, Reason::BackendUnavailable, CacheState::Miss));
    world.stub.set_fault(None);
    assert_eq!(world.collect_next().await, Outcome::Collected { told: 1, dropped: 0, untold: 0 });
    assert_eq!(world.account.lock().unwrap().counted()[CANARY]["hits"], 1);
    assert_nothing_leaked(&world);
}

#[tokio::test]
async fn a_collection_that_fails_leaves_every_use_where_it_is() {
    let mut world = world(&[]).await;
    for _ in 0..3 {
        assert_eq!(world.ask(CANARY).await.unwrap().0, Decision::Allow);
    }
    let message = world.inbox.next().await.unwrap();
    for (number, fault) in [Fault::hang(), Fault::answer(Response::raw(503, "")), Fault::cut()].into_iter().enumerate()
    {
        world.stub.set_fault(fault);
        let worker = Worker { name: number.to_string(), lease: Duration::ZERO };
        let outcome = world.collector.collect(message.clone(), worker).await;
        assert!(matches!(outcome, Outcome::Failed(Trouble::Threescale(_))), "{outcome:?}");
    }
    world.stub.set_fault(None);
    let worker = Worker { name: "last".to_owned(), lease: SOON };
    assert_eq!(world.collector.collect(message, worker).await, Outcome::Collected { told: 2, dropped: 0, untold: 0 });
    assert_eq!(world.account.lock().unwrap().counted()[CANARY]["hits"], 3, "an authrep and two hits");
    assert_nothing_leaked(&world);
}
