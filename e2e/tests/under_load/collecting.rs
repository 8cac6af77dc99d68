//! SQS and `authrep-async`: messages are handed over ten at a time, and again if that failed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use e2e::{Record, sqs_event};
use runtime_api::Function;
use serde_json::Value;
use tokio::select;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::sleep;

use crate::world::{Ledger, World};

pub(crate) struct Collecting {
    world: Arc<World>,
    authrep_async: Function,
    /// The messages that wait.
    queue: Mutex<Vec<String>>,
}

impl Collecting {
    pub(crate) async fn start(world: &Arc<World>) -> Self {
        let changes = [("ELASTICACHE_TIMEOUT_MS", "2000"), ("THREESCALE_TIMEOUT_MS", "3000")];
        let authrep_async = world.function("authrep-async", TIMEOUT, &changes).await;
        Self { world: Arc::clone(world), authrep_async, queue: Mutex::default() }
    }

    /// Collects until something has happened.
    pub(crate) async fn work_until(&self, happened: impl Future<Output = ()>) {
        let mut happened = std::pin::pin!(happened);
        loop {
            self.collect().await;
            select! {
                () = &mut happened => return,
                () = sleep(BETWEEN_LOOKS) => {}
            }
        }
    }

    /// Holds back further collections.
    pub(crate) async fn pause(&self) -> MutexGuard<'_, Vec<String>> {
        self.queue.lock().await
    }

    /// Collects until 3scale knows of every use. A key whose message was lost would ring a minute later; its message is
    /// put into the queue at once.
    pub(crate) async fn finish(&self) {
        let begun = Instant::now();
        loop {
            let untold: Vec<_> = self.world.ledgers().await.into_iter().filter(|ledger| ledger.untold > 0).collect();
            if untold.is_empty() {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{} keys have uses that are not told", untold.len());
            *self.queue.lock().await = untold.iter().map(Ledger::message).collect();
            self.collect().await;
            sleep(BETWEEN_LOOKS).await;
        }
    }

    /// Hands every message over once.
    async fn collect(&self) {
        let mut queue = self.queue.lock().await;
        queue.extend(self.world.topic.take_accepted());
        let mut failed = Vec::new();
        for messages in std::mem::take(&mut *queue).chunks(AT_A_TIME) {
            failed.extend(self.hand_over(messages).await);
        }
        *queue = failed;
    }

    /// Returns the messages that must come again.
    async fn hand_over(&self, messages: &[String]) -> Vec<String> {
        let records = messages.iter().enumerate().map(|(id, message)| Record::raw(&id.to_string(), message));
        let answer = self.authrep_async.invoke(&sqs_event(records)).await.unwrap().answer.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let failures = answer["batchItemFailures"].as_array().unwrap().iter();
        let id = |failure: &Value| failure["itemIdentifier"].as_str().unwrap().parse::<usize>().unwrap();
        failures.map(|failure| messages[id(failure)].clone()).collect()
    }
}

const AT_A_TIME: usize = 10;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(120);
/// A lease lasts for this and five seconds more.
const TIMEOUT: Duration = Duration::from_secs(8);
