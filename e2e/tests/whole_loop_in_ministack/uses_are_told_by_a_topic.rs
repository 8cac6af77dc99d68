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
