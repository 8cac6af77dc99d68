//! The loop of one message.

use std::sync::Arc;

use authz_core::collect::{self, Outcome, Step, Worker};
use authz_core::message::Message;
use authz_core::settings::Settings;

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

impl Collector {
    /// Collects what a message asks for.
    pub async fn collect(&self, message: Message, worker: Worker) -> Outcome {
        let mut step = collect::begin(&self.settings, message.clone(), worker, self.clock.now());
        let outcome = loop {
            step = match step {
                Step::Claim(question) => match self.cache.claim(question.key(), question.claim()).await {
                    Ok(claimed) => question.claimed(claimed),
                    Err(_) => question.failed(),
                },
                Step::Call(question) => match self.threescale.send(&question.call(), question.time_limit()).await {
                    Ok(reply) => question.replied(&reply, self.clock.now()),
                    Err(failure) => question.failed(failure),
                },
                Step::Store(question) => {
                    if let Err(error) = self.cache.store(question.key(), question.store().clone()).await {
                        self.log.failed_order("store", &error.to_string(), &message.correlation_id);
                    }
                    question.settled(self.clock.now())
                }
                Step::Report(question) => match self.threescale.send(&question.call(), question.time_limit()).await {
                    Ok(reply) => question.replied(&reply, self.clock.now()),
                    Err(failure) => question.failed(failure),
                },
                Step::Ack(question) => match self.cache.ack(question.key(), &question.ack()).await {
                    Ok(acked) => question.acked(acked),
                    Err(_) => question.failed(),
                },
                Step::Done(outcome) => break outcome,
            }
        };
        self.log.collection(&message, &outcome);
        outcome
    }
}
