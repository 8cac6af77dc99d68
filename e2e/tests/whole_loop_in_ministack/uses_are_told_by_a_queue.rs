//! SNS fills a queue, and the collector empties it.

use std::collections::BTreeMap;
use std::time::Duration;

use e2e::Queue;
use serde_json::json;

use crate::account::{GOLD, slow_reports};
use crate::api::{Api, mock, token};
use crate::cloud::Cloud;
use crate::collector::{all_told, published};
use crate::{calls, eventually, secrets};

/// A queue whose messages wait a second, are tried three times, two seconds apart, and then go to the dead-letter queue.
struct Queues {
    uses: Queue,
    dead: Queue,
}

impl Queues {
    async fn create(cloud: &Cloud) -> Self {
        let dead = Queue::create(&cloud.aws, "dead", &json!({})).await;
        let redrive = json!({ "deadLetterTargetArn": dead.arn(), "maxReceiveCount": TRIES }).to_string();
        let attributes = json!({ "DelaySeconds": "1", "VisibilityTimeout": "2", "RedrivePolicy": redrive });
        let uses = Queue::create(&cloud.aws, "uses", &attributes).await;
        Self { uses, dead }
    }

    /// Lets the queue hear of every message, and the collector empty it.
    async fn connect(&self, cloud: &Cloud, collector: &str) {
        cloud.subscribe("sqs", self.uses.arn()).await;
        cloud.aws.let_empty(&self.uses, collector, 10, 0).await;
    }
}

#[tokio::test]
async fn sixty_calls_are_sixty_uses_and_a_poisoned_message_spoils_none() {
    let cloud = Cloud::start().await;
    let queues = Queues::create(&cloud).await;
    let delayed = |variables: &mut BTreeMap<_, _>| {
        variables.insert("COLLECT_DELAY_SECS", "1".to_owned());
    };
    let collector = cloud.deploy_with("authrep-async", delayed).await;
    queues.connect(&cloud, &collector).await;
    let api = Api::create(&cloud, &token(&cloud.deploy_with("authorizer", delayed).await), &mock()).await;

    cloud.threescale.set_fault(slow_reports(Duration::from_millis(100)));
    calls::sixty(&api).await;
    let published = published(&cloud).await;
    let sent = queues.uses.send(&["poison", &published[0]]).await;
    eventually("only the poisoned message is left, in the dead-letter queue", async || {
        let is_over = queues.uses.length().await == 0 && queues.dead.length().await == 1;
        (is_over && all_told(&cloud).await).then_some(())
    })
    .await;
    assert_eq!((cloud.counted(GOLD), cloud.ledgers().await), (60, vec![(60, 60)]));

    let refused = cloud.lines("authrep-async", "message not understood").await;
    assert!(refused.iter().all(|line| line["item"] == sent[0]), "{refused:?}");
    let dead = queues.dead.receive().await.remove(0);
    assert_eq!((dead.id.as_str(), dead.body.as_str()), (sent[0].as_str(), "poison"));
    assert!(dead.receive_count as usize > TRIES, "the queue counted {TRIES} before");

    secrets::assert_none_shows(&cloud, &["authorizer", "authrep-async"], &published).await;
}

const TRIES: usize = 3;
