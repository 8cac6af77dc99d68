//! What CloudWatch sums up is what happened, however little of the log is told in full.

use std::collections::BTreeMap;
use std::time::Duration;

use authz_core::verdict::Decision;
use serde_json::Value;
use threescale_stub::{Endpoint, Fault};

use crate::world::{CANARY, World, token_event, world};

/// The sum of each metric, and of `Decisions` by reason.
fn sums(world: &World) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    for line in world.log().lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        for directive in line["_aws"]["CloudWatchMetrics"].as_array().into_iter().flatten() {
            for metric in directive["Metrics"].as_array().unwrap() {
                let name = metric["Name"].as_str().unwrap();
                let value = line[name].as_f64().unwrap();
                *sums.entry(name.to_owned()).or_default() += value;
                if directive["Dimensions"].to_string().contains("reason") {
                    *sums.entry(format!("{name} {}", line["reason"].as_str().unwrap())).or_default() += value;
                }
            }
        }
    }
    sums
}

/// Four calls of a known key, two of them cached; one of an unknown key; one without a key; something else; and 3scale
/// falls silent.
async fn a_day(world: &mut World) {
    for _ in 0..3 {
        assert_eq!(world.ask(CANARY).await.unwrap().0, Decision::Allow);
    }
    assert_eq!(world.ask("CANARY-unknown").await.unwrap().0, Decision::Deny);
    assert!(world.ask("").await.is_err());
    assert!(world.authorizer.answer("CANARY", "request").await.is_err());
    assert!(world.collector.answer("CANARY", "worker", world.now(), Duration::ZERO).await.is_err());
    world.collect_next().await;
    world.skip(Duration::from_secs(61));
    world.stub.set_fault(Fault::cut());
    assert_eq!(world.ask(CANARY).await.unwrap().0, Decision::Allow, "a stale grant stands in");
    assert_eq!(world.ask("CANARY-new").await.unwrap().0, Decision::Deny);
    assert!(world.collect_next().await.must_come_again());
}

#[tokio::test]
async fn sums_are_what_happened() {
    for told in [&[][..], &[("LOG_SAMPLE_RATE", "0")], &[("LOG_LEVEL", "error"), ("SERVERLESS_STAGE", "dev")]] {
        let mut world = world(told).await;
        a_day(&mut world).await;
        let mut sums = sums(&world);
        for time in ["Latency", "UpstreamLatency"] {
            assert!(sums.remove(time).unwrap() > 0.0, "{time}");
        }
        let expected = [
            ("Decisions", 6.0),
            ("Decisions granted", 3.0),
            ("Decisions user_key_invalid", 1.0),
            ("Decisions backend_unavailable", 2.0),
            ("CacheHits", 2.0),
            ("UpstreamCalls", 4.0),
            ("UpstreamFailures", 2.0),
            ("Unauthorized", 1.0),
            ("EventErrors", 2.0),
            ("ToldUses", 2.0),
            ("DroppedUses", 0.0),
            ("UncollectedUses", 0.0),
            ("FailedCollections", 1.0),
            ("ColdStarts", 2.0),
        ];
        assert_eq!(sums, expected.map(|(name, sum)| (name.to_owned(), sum)).into(), "{told:?}");
        let account = world.account.lock().unwrap();
        assert_eq!(account.counted()[CANARY]["hits"], 3, "an authrep and two uses that were told");
        assert_eq!(account.requests(Endpoint::Report), 1);
    }
}

#[tokio::test]
async fn a_use_that_nobody_can_count_is_lost() {
    let variables = [("FAIL_MODE", "open"), ("THREESCALE_TIMEOUT_MS", "300")];
    let mut world = world(&variables).await;
    world.authorizer.cache = lambda_shell::Cache::on(None, lambda_shell::tls(None).unwrap());
    world.stub.set_fault(Fault::hang());
    assert_eq!(
        world.authorizer.answer(&token_event(CANARY), "request").await.unwrap().verdict.decision,
        Decision::Allow
    );
    let sums = sums(&world);
    assert_eq!((sums["LostUses"], sums["UpstreamFailures"]), (1.0, 1.0));
}

#[tokio::test]
async fn without_metrics_a_line_has_none() {
    let mut world = world(&[("METRICS", "false")]).await;
    a_day(&mut world).await;
    assert_eq!(sums(&world), BTreeMap::new());
    assert_eq!(world.log().lines().filter(|line| line.contains("authorization")).count(), 6);
}
