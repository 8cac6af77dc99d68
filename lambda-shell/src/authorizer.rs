//! The loop of one question of API Gateway.

use std::sync::{Arc, Mutex, PoisonError};

use authz_core::authorize::{self, Allowance, Step};
use authz_core::event::{self, EventError, Request};
use authz_core::policy;
use authz_core::settings::Settings;
use authz_core::verdict::{Orders, Verdict};
use thiserror::Error;
use tokio::time::Instant;

use crate::telemetry::{Decided, FunctionLog, Role, Upstream};
use crate::{Cache, CacheError, Clock, Invocation, Log, Outbox, Threescale};

/// Answers API Gateway's questions.
#[derive(Clone, Debug)]
pub struct Authorizer {
    /// What it is told by its environment.
    pub settings: Arc<Settings>,
    /// What is remembered.
    pub cache: Cache,
    /// Whom it asks.
    pub threescale: Threescale,
    /// Where its messages go.
    pub outbox: Outbox,
    /// What it reads the time from.
    pub clock: Clock,
    /// What it tells an operator.
    pub log: Log,
    /// How many unknown callers passed lately, while nobody could judge them.
    pub allowance: Arc<Mutex<Allowance>>,
}

/// An answer to API Gateway.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The JSON that API Gateway reads.
    pub policy: String,
    /// What it was made of; its orders are carried out.
    pub verdict: Verdict,
}

/// A question that no policy answers: the function fails with this text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// API Gateway answers 401 to exactly this text.
    #[error("Unauthorized")]
    Unauthorized,
    /// API Gateway answers 500.
    #[error(transparent)]
    Event(EventError),
}

impl Authorizer {
    /// Answers an event. The invocation's request id names it in everything that is said about it.
    pub async fn answer(&self, event: &str, invocation: impl Into<Invocation<'_>>) -> Result<Answer, Refusal> {
        let (begun, invocation) = (Instant::now(), invocation.into());
        let log = self.log.during(invocation, Role::Authorizer);
        let request = event::read(event, &self.settings.sources, invocation.request_id).map_err(|error| {
            log.refusal(error);
            match error {
                EventError::Unauthorized(_) => Refusal::Unauthorized,
                error => Refusal::Event(error),
            }
        })?;
        let (mut verdict, upstream) = self.decide(&request, &log).await;
        self.carry_out(std::mem::take(&mut verdict.orders), &log, invocation.request_id).await;
        let policy = policy::render(&self.settings, &request, &verdict);
        let service = self.settings.services.of_call(&request.method_arn).map(|service| &service.id);
        log.decision(&Decided { request: &request, service, verdict: &verdict, upstream, took: begun.elapsed() });
        Ok(Answer { policy, verdict })
    }

    /// Returns the verdict, and how 3scale answered if it was asked.
    async fn decide(&self, request: &Request, log: &FunctionLog<'_>) -> (Verdict, Option<Upstream>) {
        let correlation_id = &request.correlation_id;
        let mut upstream = None;
        let mut step = authorize::begin(&self.settings, request, self.clock.now());
        loop {
            step = match step {
                Step::LookUp(question) => match self.cache.take(question.key(), question.take()).await {
                    Ok(taken) => question.found(&taken),
                    Err(CacheError::Off) => question.uncached(),
                    Err(error) => {
                        log.cache_failed("look up", &error, correlation_id);
                        question.missed()
                    }
                },
                Step::Call(question) => {
                    let asked = Instant::now();
                    let reply = self.threescale.send(&question.call(), question.time_limit()).await;
                    let status = reply.as_ref().ok().map(|reply| reply.status);
                    upstream = Some(Upstream { status, took: asked.elapsed() });
                    match reply {
                        Ok(reply) => question.replied(&reply, self.clock.now()),
                        Err(failure) => question.failed(failure, self.clock.now()),
                    }
                }
                Step::Admit(question) => {
                    let mut allowance = self.allowance.lock().unwrap_or_else(PoisonError::into_inner);
                    if allowance.admit(question.now(), question.most()) {
                        question.admitted()
                    } else {
                        question.refused()
                    }
                }
                Step::Record(question) => match self.cache.record(question.key(), question.record()).await {
                    Ok(ring) => question.recorded(ring),
                    Err(CacheError::Off) => question.failed(),
                    Err(error) => {
                        log.cache_failed("record", &error, correlation_id);
                        question.failed()
                    }
                },
                Step::Done(verdict) => return (verdict, upstream),
            }
        }
    }

    async fn carry_out(&self, orders: Orders, log: &FunctionLog<'_>, request_id: &str) {
        if let Some((key, store)) = orders.store
            && let Err(error) = self.cache.store(&key, store).await
        {
            log.cache_failed("store", &error, request_id);
        }
        if let Some(message) = orders.publish
            && let Err(error) = self.outbox.put(message)
        {
            log.publish_failed(&error, request_id);
        }
    }
}
