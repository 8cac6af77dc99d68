//! The loop of one message, and of a batch of them; and what an operator asks for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use authz_core::cache::CacheKey;
use authz_core::collect::{self, Ended, Outcome, Report, Step, Telling, Told, Worker};
use authz_core::delivery::{Batch, Event, EventError, MustComeAgain};
use authz_core::forget::Forget;
use authz_core::message::Message;
use authz_core::settings::Settings;
use authz_core::time::UnixTime;
use futures_util::future::join_all;
use thiserror::Error;

use crate::telemetry::{FunctionLog, Role};
use crate::{Cache, CacheError, Clock, Invocation, Log, Threescale};

/// So many keys are collected at a time.
const AT_A_TIME: usize = 16;

/// Time to say how far it came.
const TO_ANSWER: Duration = Duration::from_secs(1);

/// Tells 3scale of uses that it does not know, and forgets what 3scale said when it is told to.
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

/// Why an invocation has no answer: it fails, and what woke it comes again.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoAnswer {
    /// It is not understood.
    #[error(transparent)]
    Event(#[from] EventError),
    /// SNS wakes a function for a whole batch, so all of it comes again.
    #[error(transparent)]
    MustComeAgain(#[from] MustComeAgain),
    /// The cache failed, or the time was over, before every ledger was found.
    #[error("the cache failed after {forgotten} ledgers had forgotten: {error}; invoke the function again")]
    NotForgotten {
        /// How many were found until then.
        forgotten: u64,
        /// What failed.
        error: CacheError,
    },
}

/// Where a collection stands that went as far as it could alone.
enum Halt<'s> {
    /// Its report can be told together with others.
    Report(Box<Report<'s>>),
    Ended(Ended),
}

impl Collector {
    /// Does what an event asks for, and writes the function's answer.
    ///
    /// What can't be begun in time comes again. Leases last until `margin` after the deadline, when nobody can be at work
    /// here any longer.
    pub async fn answer(
        &self,
        event: &str,
        invocation: impl Into<Invocation<'_>>,
        deadline: UnixTime,
        margin: Duration,
    ) -> Result<String, NoAnswer> {
        let invocation = invocation.into();
        let log = self.log.during(invocation, Role::AuthrepAsync);
        match Event::read(event, &self.settings).inspect_err(|error| log.bad_event(*error))? {
            Event::Batch(batch) => self.collect_batch(&batch, invocation.request_id, deadline, margin, &log).await,
            Event::Forget(forget) => self.forget(&forget, invocation.request_id, deadline, &log).await,
        }
    }

    /// Collects what the messages of a batch ask for, each key once.
    async fn collect_batch(
        &self,
        batch: &Batch,
        name: &str,
        deadline: UnixTime,
        margin: Duration,
        log: &FunctionLog<'_>,
    ) -> Result<String, NoAnswer> {
        let messages: BTreeMap<_, _> =
            batch.items.iter().filter_map(|item| item.message.clone().ok()).map(|m| (m.key.clone(), m)).collect();
        let messages: Vec<Message> = messages.into_values().collect();
        let mut outcomes = BTreeMap::new();
        for messages in messages.chunks(AT_A_TIME) {
            if outcomes.is_empty() || !self.is_late(deadline) {
                let lease = deadline.after(margin).since(self.clock.now());
                // Lambda may run one event twice, under one name.
                let worker = Worker { name: format!("{name}/{}", self.clock.now().as_millis()), lease };
                let ended = self.collect_together(messages, &worker, log).await;
                outcomes.extend(ended.into_iter().map(|ended| (ended.key, ended.outcome)));
            }
        }
        Self::batch_answer(batch, &outcomes, log)
    }

    /// Has the ledgers of a credential forget what 3scale said, as many as can be found before the deadline.
    async fn forget(
        &self,
        forget: &Forget,
        name: &str,
        deadline: UnixTime,
        log: &FunctionLog<'_>,
    ) -> Result<String, NoAnswer> {
        let now = self.clock.now();
        let (ask, mut forgotten) = (Forget::ask(&self.settings, now), 0);
        let time_limit = deadline.since(now).saturating_sub(TO_ANSWER);
        let forgetting = tokio::time::timeout(time_limit, self.cache.forget(forget, ask, &mut forgotten));
        let ended = forgetting.await.unwrap_or(Err(CacheError::TimedOut));
        log.forgotten(forget, forgotten);
        ended.map(|()| Forget::answer(forgotten)).map_err(|error| {
            log.cache_failed("forget", &error, name);
            NoAnswer::NotForgotten { forgotten, error }
        })
    }

    /// Collects what a message asks for. The worker's name stands for an invocation.
    pub async fn collect(&self, message: Message, worker: Worker) -> Outcome {
        let log = self.log.during(worker.name.as_str().into(), Role::AuthrepAsync);
        let mut ended = self.collect_together(&[message], &worker, &log).await;
        ended.pop().map_or(Outcome::Nothing, |ended| ended.outcome)
    }

    fn batch_answer(
        batch: &Batch,
        outcomes: &BTreeMap<CacheKey, Outcome>,
        log: &FunctionLog<'_>,
    ) -> Result<String, NoAnswer> {
        let mut failed = Vec::new();
        for item in &batch.items {
            let comes_again = match &item.message {
                Ok(message) => outcomes.get(&message.key).is_none_or(Outcome::must_come_again),
                Err(error) => {
                    log.bad_message(*error, &item.id);
                    true
                }
            };
            failed.extend(comes_again.then_some(item.id.as_str()));
        }
        Ok(batch.answer(&failed)?)
    }

    /// Lets the machines of several keys go on side by side until each has a report, and tells these in as few calls as
    /// 3scale allows.
    async fn collect_together(&self, messages: &[Message], worker: &Worker, log: &FunctionLog<'_>) -> Vec<Ended> {
        let mut begun = Vec::new();
        for message in messages {
            let step = collect::begin(&self.settings, message.clone(), worker.clone(), self.clock.now());
            begun.push(self.drive(step, log));
        }
        let (mut ended, mut reports) = (Vec::new(), Vec::new());
        for halt in join_all(begun).await {
            match halt {
                Halt::Report(report) => reports.push(*report),
                Halt::Ended(end) => ended.push(end),
            }
        }
        let mut tellings = Telling::of(reports);
        while let Some(telling) = tellings.pop() {
            let Told { steps, again } = self.tell(telling).await;
            tellings.extend(again);
            for step in steps {
                match self.drive(step, log).await {
                    Halt::Report(report) => tellings.push(Telling::alone(*report)),
                    Halt::Ended(end) => ended.push(end),
                }
            }
        }
        for ended in &ended {
            log.collection(ended);
        }
        ended
    }

    async fn tell<'s>(&self, telling: Telling<'s>) -> Told<'s> {
        let (telling, late) = telling.in_time(self.clock.now());
        let mut told = match telling {
            None => Told::default(),
            Some(telling) => match self.threescale.send(&telling.call(), telling.time_limit()).await {
                Ok(reply) => telling.replied(&reply, self.clock.now()),
                Err(failure) => telling.failed(failure),
            },
        };
        told.steps.extend(late);
        told
    }

    /// Drives a machine to its report, or to its end.
    async fn drive<'s>(&self, mut step: Step<'s>, log: &FunctionLog<'_>) -> Halt<'s> {
        loop {
            step = match step {
                Step::Claim(question) => match self.cache.claim(question.key(), question.claim()).await {
                    Ok(claimed) => question.claimed(claimed),
                    Err(error) => {
                        log.cache_failed("claim", &error, question.correlation_id());
                        question.failed()
                    }
                },
                Step::Call(question) => match self.threescale.send(&question.call(), question.time_limit()).await {
                    Ok(reply) => question.replied(&reply, self.clock.now()),
                    Err(failure) => question.failed(failure),
                },
                Step::Store(question) => {
                    if let Err(error) = self.cache.store(question.key(), question.store().clone()).await {
                        log.cache_failed("store", &error, question.correlation_id());
                    }
                    question.settled(self.clock.now())
                }
                Step::Report(report) => return Halt::Report(Box::new(report)),
                Step::Ack(question) => match self.cache.ack(question.key(), &question.ack()).await {
                    Ok(acked) => question.acked(acked),
                    Err(error) => {
                        log.cache_failed("acknowledge", &error, question.correlation_id());
                        question.failed()
                    }
                },
                Step::Done(ended) => return Halt::Ended(ended),
            }
        }
    }

    /// Whether a collection that begins now could meet its end at the deadline: 3scale is asked and told.
    fn is_late(&self, deadline: UnixTime) -> bool {
        self.clock.now().after(self.settings.threescale_timeout.saturating_mul(2)) >= deadline
    }
}
