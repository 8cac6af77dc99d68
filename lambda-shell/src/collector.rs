//! The loop of one message, and of a batch of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use authz_core::collect::{self, Outcome, Step, Worker};
use authz_core::delivery::{Batch, BatchError, MustComeAgain};
use authz_core::message::Message;
use authz_core::settings::Settings;
use authz_core::time::UnixTime;
use thiserror::Error;

use crate::{Cache, Clock, Log, Threescale};

/// Tells 3scale of uses that it does not know.
#[derive(Clone, Debug)]
pub struct Collector {
    /// What it is told by its environment.
    pub settings: Arc<Settings>,
    /// What is remembered.
    pub cache: Cache,
    /// Whom it tells.
    pub threescale: Threescale,
    /// What it reads the time from.
    pub clock: Clock,
    /// What it tells an operator.
    pub log: Log,
}

/// An invocation that has no answer: it fails, and what woke it comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BatchRefusal {
    /// It is no batch.
    #[error(transparent)]
    NoBatch(#[from] BatchError),
    /// SNS wakes a function for a whole batch, so all of it comes again.
    #[error(transparent)]
    MustComeAgain(#[from] MustComeAgain),
}

impl Collector {
    /// Collects what the messages of an event ask for, each key once, and writes the function's answer.
    ///
    /// What can't be done before `deadline` comes again. Leases last until `margin` after it, when nobody can be at work
    /// here any longer.
    pub async fn collect_batch(
        &self,
        event: &str,
        name: &str,
        deadline: UnixTime,
        margin: Duration,
    ) -> Result<String, BatchRefusal> {
        let batch = Batch::read(event)?;
        // Whether the message of a key must come again.
        let mut settled = BTreeMap::new();
        let mut failed = Vec::new();
        for item in &batch.items {
            let comes_again = match &item.message {
                Err(error) => {
                    self.log.bad_message(*error, &item.id);
                    true
                }
                Ok(message) => match settled.get(&message.key).copied() {
                    Some(comes_again) => comes_again,
                    None if !settled.is_empty() && self.is_late(deadline) => true,
                    None => {
                        let lease = deadline.after(margin).since(self.clock.now());
                        let outcome = self.collect(message.clone(), Worker { name: name.to_owned(), lease }).await;
                        settled.insert(message.key.clone(), outcome.must_come_again());
                        outcome.must_come_again()
                    }
                },
            };
            failed.extend(comes_again.then_some(item.id.as_str()));
        }
        Ok(batch.answer(&failed)?)
    }

    /// Whether a collection that begins now could meet its end at the deadline: 3scale is asked and told.
    fn is_late(&self, deadline: UnixTime) -> bool {
        self.clock.now().after(self.settings.threescale_timeout.saturating_mul(2)) >= deadline
    }

    /// Collects what a message asks for.
    pub async fn collect(&self, message: Message, worker: Worker) -> Outcome {
        let mut step = collect::begin(&self.settings, message.clone(), worker, self.clock.now());
        let outcome = loop {
            step = match step {
                Step::Claim(question) => match self.cache.claim(question.key(), question.claim()).await {
                    Ok(claimed) => question.claimed(claimed),
                    Err(error) => {
                        self.log.cache_failed("claim", &error, &message.correlation_id);
                        question.failed()
                    }
                },
                Step::Call(question) => match self.threescale.send(&question.call(), question.time_limit()).await {
                    Ok(reply) => question.replied(&reply, self.clock.now()),
                    Err(failure) => question.failed(failure),
                },
                Step::Store(question) => {
                    if let Err(error) = self.cache.store(question.key(), question.store().clone()).await {
                        self.log.cache_failed("store", &error, &message.correlation_id);
                    }
                    question.settled(self.clock.now())
                }
                Step::Report(question) => match self.threescale.send(&question.call(), question.time_limit()).await {
                    Ok(reply) => question.replied(&reply, self.clock.now()),
                    Err(failure) => question.failed(failure),
                },
                Step::Ack(question) => match self.cache.ack(question.key(), &question.ack()).await {
                    Ok(acked) => question.acked(acked),
                    Err(error) => {
                        self.log.cache_failed("acknowledge", &error, &message.correlation_id);
                        question.failed()
                    }
                },
                Step::Done(outcome) => break outcome,
            }
        };
        self.log.collection(&message, &outcome);
        outcome
    }
}
