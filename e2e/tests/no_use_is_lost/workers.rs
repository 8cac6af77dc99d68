//! Who collects: a worker takes messages from SQS, in whatever order and however often, and hands them to a collector.
//! In deadly weather it drives the machine of a message itself, and dies after one of its steps.

use std::time::Duration;

use authz_core::collect::{self, Report, Step, Telling, Worker as Name};
use authz_core::delivery::Batch;
use authz_core::message::Message;
use e2e::{Received, Record, sqs_event};
use fastrand::Rng;
use lambda_shell::Collector;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::faults::Death;
use crate::parts::cache;
use crate::world::{KEYS, World, user_key};

pub(crate) struct Worker {
    name: String,
    collector: Collector,
    random: Rng,
    batches: u64,
    /// Messages that it has seen, which may come again.
    old: Vec<Received>,
    deaths: usize,
}

impl Worker {
    pub(crate) fn new(world: &World, number: usize, seed: u64) -> Self {
        let settings = world.settings(world.redis_port);
        let collector = Collector {
            cache: cache(&settings),
            threescale: world.threescale(),
            settings,
            clock: world.clock(),
            log: world.collector_log(),
        };
        let random = Rng::with_seed(seed.wrapping_mul(37).wrapping_add(number as u64));
        Self { name: format!("worker-{number}"), collector, random, batches: 0, old: Vec::new(), deaths: number }
    }

    /// Takes messages until the round is over and none waits.
    pub(crate) async fn work(&mut self, world: &World, mut over: watch::Receiver<bool>) {
        loop {
            // By calls, not by time: a slow machine would collect more often, and become slower still.
            let is_over = tokio::select! {
                _ = over.wait_for(|is_over| *is_over) => true,
                () = world.further_calls(CALLS_A_BATCH) => false,
            };
            let messages = world.queue.receive_some().await;
            if !messages.is_empty() {
                self.take(world, messages).await;
                self.forget(world).await;
            } else if is_over {
                return;
            }
        }
    }

    /// Takes messages that it has taken before: whatever they were about is told, so none must come again.
    pub(crate) async fn take_old_messages(&mut self, world: &World) {
        let old = std::mem::take(&mut self.old);
        for some in old.chunks(AT_A_TIME) {
            assert_eq!(self.collect(world, some).await, Vec::<String>::new());
        }
        assert!(!old.is_empty());
    }

    async fn take(&mut self, world: &World, mut messages: Vec<Received>) {
        world.books().delivery(&batch(&messages));
        if world.weather().is_deadly && self.random.bool() {
            return self.take_and_die(world, &messages).await;
        }
        let received = messages.clone();
        self.disturb(world, &mut messages);
        let failed = self.collect(world, &messages).await;
        let (failed, done): (Vec<_>, Vec<_>) = received.into_iter().partition(|message| failed.contains(&message.id));
        world.queue.delete(&done).await;
        if !failed.is_empty() {
            world.books().happened("a message had to come again");
        }
        self.old.extend(done);
    }

    /// Does to messages what SQS may do: an old one comes again, one comes twice, and they come in any order.
    fn disturb(&mut self, world: &World, messages: &mut Vec<Received>) {
        let in_order: Vec<String> = messages.iter().map(|message| message.id.clone()).collect();
        self.random.shuffle(messages);
        if messages.iter().map(|message| &message.id).ne(&in_order) {
            world.books().happened("messages came out of order");
        }
        for again in [self.random.choice(&self.old).cloned(), messages.last().cloned()].into_iter().flatten() {
            if self.random.u8(..AGAIN_ONE_IN) == 0 {
                messages.insert(0, again);
                world.books().happened("a message came again");
            }
        }
    }

    /// Now and then an operator has a key forgotten; while Redis fails, in vain.
    async fn forget(&mut self, world: &World) {
        if self.random.u8(..FORGETS_ONE_IN) > 0 {
            return;
        }
        let event = json!({ "forget": { "user_key": user_key(self.random.usize(..KEYS)) } }).to_string();
        let deadline = world.clock().now().after(TIME_LIMIT);
        if self.collector.answer(&event, "operator", deadline, MARGIN).await.is_ok() {
            world.books().happened("a key was forgotten");
        }
    }

    /// Returns the ids of the messages that must come again.
    async fn collect(&mut self, world: &World, messages: &[Received]) -> Vec<String> {
        self.batches += 1;
        let name = format!("{}-{}", self.name, self.batches);
        let deadline = world.clock().now().after(TIME_LIMIT);
        let answer = self.collector.answer(&event(messages), name.as_str(), deadline, MARGIN).await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let failures = answer["batchItemFailures"].as_array().unwrap().iter();
        failures.map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned()).collect()
    }

    /// Takes one message after the other, until it dies. What it leaves comes again.
    async fn take_and_die(&mut self, world: &World, messages: &[Received]) {
        let death = Death::ALL[self.deaths % Death::ALL.len()];
        for item in batch(messages).items {
            self.batches += 1;
            let name = format!("{}-{}", self.name, self.batches);
            if let Ok(message) = item.message
                && self.dies(world, message, name, death).await
            {
                self.deaths += 1;
                return;
            }
        }
    }

    /// Goes on until it dies, or until it has nothing to do any longer.
    async fn dies(&self, world: &World, message: Message, name: String, death: Death) -> bool {
        let key = message.key.clone();
        let worker = Name { name, lease: TIME_LIMIT + MARGIN };
        let mut step = collect::begin(&self.collector.settings, message, worker, world.clock().now());
        let mut told = 0;
        loop {
            if let Step::Report(report) = &step {
                told = uses(report);
            }
            let (took, next) = self.go(world, step).await;
            match next {
                _ if took == Some(death) => {
                    let mut books = world.books();
                    if let Step::Done(ended) = next {
                        books.ended(&key, &ended.outcome);
                    }
                    books.died(&key, death, told);
                    return true;
                }
                Step::Done(ended) => {
                    world.books().ended(&key, &ended.outcome);
                    return false;
                }
                next => step = next,
            }
        }
    }

    /// Goes a step, and says which one if it succeeded.
    async fn go<'s>(&'s self, world: &World, step: Step<'s>) -> (Option<Death>, Step<'s>) {
        let Collector { cache, threescale, .. } = &self.collector;
        match step {
            Step::Claim(question) => match cache.claim(question.key(), question.claim()).await {
                Ok(claimed) => unless_over(Death::Claimed, question.claimed(claimed)),
                Err(_) => (None, question.failed()),
            },
            Step::Call(question) => match threescale.send(&question.call(), question.time_limit()).await {
                Ok(reply) => unless_over(Death::Asked, question.replied(&reply, world.clock().now())),
                Err(failure) => (None, question.failed(failure)),
            },
            Step::Store(question) => match cache.store(question.key(), question.store().clone()).await {
                Ok(()) => unless_over(Death::Stored, question.settled(world.clock().now())),
                Err(_) => (None, question.settled(world.clock().now())),
            },
            Step::Report(report) => {
                let telling = Telling::alone(report);
                let mut told = match threescale.send(&telling.call(), telling.time_limit()).await {
                    Ok(reply) => telling.replied(&reply, world.clock().now()),
                    Err(failure) => telling.failed(failure),
                };
                unless_over(Death::Told, told.steps.pop().unwrap())
            }
            Step::Ack(question) => match cache.ack(question.key(), &question.ack()).await {
                Ok(acked) => (Some(Death::Acknowledged), question.acked(acked)),
                Err(_) => (None, question.failed()),
            },
            Step::Done(ended) => (None, Step::Done(ended)),
        }
    }
}

/// Each call of this world is one of a single metric.
fn uses(report: &Report<'_>) -> u64 {
    let transactions = report.transactions();
    transactions.iter().flat_map(|transaction| transaction.usage.iter()).map(|(_, uses)| uses).sum()
}

/// A step that ended the machine did not succeed.
fn unless_over(took: Death, next: Step<'_>) -> (Option<Death>, Step<'_>) {
    ((!matches!(next, Step::Done(_))).then_some(took), next)
}

fn batch(messages: &[Received]) -> Batch {
    Batch::read(&event(messages)).unwrap()
}

/// What Lambda makes of messages of SQS.
fn event(messages: &[Received]) -> String {
    sqs_event(messages.iter().map(|message| Record::raw(&message.id, &message.body)))
}

/// What SQS hands to a function at a time.
const AT_A_TIME: usize = 10;
/// A busy key asks for as many further collections as it got messages, so doubles stay for long.
const AGAIN_ONE_IN: u8 = 8;
/// Each time a worker has taken messages.
const FORGETS_ONE_IN: u8 = 4;
const CALLS_A_BATCH: u64 = 100;
/// A function may take so long, and a lease lasts a little longer.
const TIME_LIMIT: Duration = Duration::from_secs(15);
const MARGIN: Duration = Duration::from_secs(5);
