//! SNS wakes the collector.

use std::time::Duration;

use serde_json::Value;

use crate::account::{GOLD, slow_reports};
use crate::api::{Api, mock, token};
use crate::cloud::Cloud;
use crate::collector::{all_told, deliver, published};
use crate::{calls, eventually, secrets};

#[tokio::test]
async fn sixty_calls_are_sixty_uses() {
    let cloud = Cloud::start().await;
    let collector = cloud.deploy("authrep-async").await;
    cloud.subscribe("lambda", &collector).await;
    let api = Api::create(&cloud, &token(&cloud.deploy("authorizer").await), &mock()).await;
    cloud.threescale.set_fault(slow_reports(Duration::from_millis(300)));
    calls::sixty(&api).await;

    let published = published(&cloud).await;
    assert!(!published.is_empty());
    until_told(&cloud, &published).await;
    assert_eq!((cloud.counted(GOLD), cloud.ledgers().await), (60, vec![(60, 60)]));

    for body in &published {
        assert_eq!(deliver(&cloud, body).await, Value::Null, "a double does no harm");
    }
    assert_eq!((cloud.counted(GOLD), cloud.ledgers().await), (60, vec![(60, 60)]));
    secrets::assert_none_shows(&cloud, &["authorizer", "authrep-async"], &published).await;
}

/// Waits until every message came to its end and every use is told.
///
/// ministack hands a message of SNS to a function once. Lambda repeats what failed, so this does.
async fn until_told(cloud: &Cloud, published: &[String]) {
    let mut delivered = published.len();
    eventually("every use told", async || {
        if cloud.invocations("authrep-async").await < delivered {
            return None;
        }
        if all_told(cloud).await {
            return Some(());
        }
        for body in published {
            deliver(cloud, body).await;
        }
        delivered += published.len();
        None
    })
    .await;
}

#[tokio::test]
async fn without_extensions_messages_go_out_before_the_answer_and_the_log_says_so_once() {
    let cloud = Cloud::start().await;
    let api = Api::create(&cloud, &token(&cloud.deploy("authorizer").await), &mock()).await;
    let said = eventually("three lines of decisions", async || {
        assert_eq!(api.get("/greetings", Some(GOLD)).await.status, 200);
        let decisions = cloud.lines("authorizer", "authorization").await.len();
        if decisions < 3 {
            None
        } else {
            Some(cloud.lines("authorizer", "messages are published before the answer").await)
        }
    })
    .await;
    assert_eq!(said.len(), 1);
    assert_eq!(published(&cloud).await.len(), 1, "the first use from the cache rings, the next ones need not");
}
