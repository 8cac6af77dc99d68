//! SNS, SQS and Lambda, as far as they cost and wait.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use authz_core::message::Message;
use fastrand::Rng;
use lambda_shell::{Collector, Inbox};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout_at};

use crate::scenario::{BATCH_SIZE, BATCH_WINDOW, DELIVERY, POLLERS, QUEUE_DELAY, RUN_AGAIN_AFTER, Topology};
use crate::table::Costs;

/// Brings messages to the collector.
pub(crate) struct Aws(Arc<Lambda>);

/// The function `authrep-async`, and what was counted.
struct Lambda {
    collector: Collector,
    costs: Mutex<Costs>,
}

impl Aws {
    /// Starts to bring what comes in.
    pub(crate) fn start(topology: Topology, inbox: Inbox, collector: Collector) -> Self {
        let lambda = Arc::new(Lambda { collector, costs: Mutex::default() });
        match topology {
            Topology::Topic => tokio::spawn(topic(Arc::clone(&lambda), inbox)),
            Topology::Queue => tokio::spawn(queue(Arc::clone(&lambda), inbox)),
        };
        Self(lambda)
    }

    /// Returns how many messages and invocations there were so far.
    pub(crate) fn costs(&self) -> Costs {
        *self.0.costs.lock().expect("nobody panics while counting")
    }
}

/// SNS invokes the function for each message, and Lambda runs it again if it fails.
async fn topic(lambda: Arc<Lambda>, mut inbox: Inbox) {
    while let Some(message) = inbox.next().await {
        lambda.count(|costs| costs.messages += 1.0);
        let lambda = Arc::clone(&lambda);
        tokio::spawn(async move {
            let event =
                json!({ "Records": [{ "Sns": { "MessageId": "1", "Message": message.encode() } }] }).to_string();
            for wait in [DELIVERY].into_iter().chain(RUN_AGAIN_AFTER) {
                sleep(wait).await;
                if lambda.invoke(&event).await.is_some() {
                    return;
                }
                lambda.count(|costs| costs.failed += 1.0);
            }
        });
    }
}

/// SNS puts messages into a queue, where they are hidden at first; then any of the pollers takes one.
async fn queue(lambda: Arc<Lambda>, mut inbox: Inbox) {
    let start_poller = |_| {
        let (poller, messages) = mpsc::unbounded_channel();
        tokio::spawn(poll(Arc::clone(&lambda), messages));
        poller
    };
    let pollers: Vec<_> = (0..POLLERS).map(start_poller).collect();
    let mut rng = Rng::with_seed(8);
    while let Some(message) = inbox.next().await {
        lambda.count(|costs| costs.messages += 1.0);
        let poller = pollers[rng.usize(..pollers.len())].clone();
        tokio::spawn(async move {
            sleep(DELIVERY + QUEUE_DELAY).await;
            poller.send(message).expect("a poller that goes on polling");
        });
    }
}

/// Gathers a batch, invokes the function for it, and begins anew.
async fn poll(lambda: Arc<Lambda>, mut messages: mpsc::UnboundedReceiver<Message>) {
    while let Some(first) = messages.recv().await {
        let end = Instant::now() + BATCH_WINDOW;
        let mut batch = vec![first];
        while batch.len() < usize::from(BATCH_SIZE)
            && let Ok(Some(message)) = timeout_at(end, messages.recv()).await
        {
            batch.push(message);
        }
        let record =
            |(id, message): (usize, &Message)| json!({ "messageId": id.to_string(), "body": message.encode() });
        let records: Vec<_> = batch.iter().enumerate().map(record).collect();
        let answer = lambda.invoke(&json!({ "Records": records }).to_string()).await;
        assert_eq!(answer.as_deref(), Some(r#"{"batchItemFailures":[]}"#), "nothing here brings a message again");
    }
}

impl Lambda {
    /// Runs the function; `None` if it fails.
    async fn invoke(&self, event: &str) -> Option<String> {
        let name = self.count(|costs| {
            costs.invocations += 1.0;
            costs.invocations.to_string()
        });
        let deadline = self.collector.clock.now().after(TIME_LIMIT);
        self.collector.answer(event, name.as_str(), deadline, LEASE_MARGIN).await.ok()
    }

    fn count<T>(&self, count: impl FnOnce(&mut Costs) -> T) -> T {
        count(&mut self.costs.lock().expect("nobody panics while counting"))
    }
}

/// How long the function may run, and how much longer its leases last.
const TIME_LIMIT: Duration = Duration::from_secs(30);
const LEASE_MARGIN: Duration = Duration::from_secs(5);
