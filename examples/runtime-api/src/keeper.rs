//! Carries out a function's orders one after another, and keeps an environment for them.

use crate::config::Config;
use crate::environment::Environment;
use crate::logs::Logs;
use crate::outcome::{Answer, Invocation, InvokeError, StartError};
use crate::process::Group;
use crate::state::Event;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// What a [`Function`](crate::Function) asks of its keeper.
pub(crate) enum Order {
    /// Hand the event over; the next order waits until all is settled, the reply does not.
    Invoke { payload: String, reply: oneshot::Sender<Result<Invocation, InvokeError>> },
    /// Say when everything ordered before is settled.
    Settle(oneshot::Sender<()>),
    /// Shut down, and take no more orders.
    Stop(oneshot::Sender<()>),
}

/// Owns the environment, and starts another when it is lost.
pub(crate) struct Keeper {
    pub(crate) config: Config,
    pub(crate) logs: Logs,
    pub(crate) group: Group,
    pub(crate) environment: Option<Environment>,
    pub(crate) invocations: u64,
}

impl Keeper {
    pub(crate) async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        if self.config.freeze {
            self.group.freeze();
        }
        while let Some(order) = orders.recv().await {
            // Whoever does not wait for a reply any more is not missed.
            match order {
                Order::Invoke { payload, reply } => self.invoke(payload, reply).await,
                Order::Settle(reply) => drop(reply.send(())),
                Order::Stop(reply) => {
                    if let Some(environment) = self.environment.take() {
                        environment.end().await;
                    }
                    let _ = reply.send(());
                    return;
                }
            }
        }
    }

    async fn invoke(&mut self, payload: String, reply: oneshot::Sender<Result<Invocation, InvokeError>>) {
        self.invocations += 1;
        let request_id = format!("00000000-0000-4000-8000-{:012x}", self.invocations);
        let invocation = |answer| Ok(Invocation { request_id: request_id.clone(), answer });
        let mut environment = match self.thawed().await {
            Ok(environment) => environment,
            Err(StartError::Init(error)) => return drop(reply.send(invocation(Err(error)))),
            Err(why) => return drop(reply.send(Err(InvokeError::Start(why)))),
        };
        let (begun, timeout) = (Instant::now(), self.config.timeout);
        let event = self.event(&request_id, payload);
        let answer: Answer = match environment.answer(event, begun, timeout).await {
            Ok(answer) => answer,
            Err(lost) => {
                environment.end().await;
                return drop(reply.send(invocation(Err(lost))));
            }
        };
        let _ = reply.send(invocation(answer));
        if !environment.settles(begun, timeout).await {
            return environment.end().await;
        }
        if self.config.freeze {
            self.group.freeze();
        }
        self.environment = Some(environment);
    }

    /// Takes the environment, running; a new one if the last was lost.
    async fn thawed(&mut self) -> Result<Environment, StartError> {
        match self.environment.take() {
            Some(environment) => {
                self.group.thaw();
                Ok(environment)
            }
            None => Environment::start(&self.config, &self.logs, &self.group).await,
        }
    }

    fn event(&self, request_id: &str, payload: String) -> Event {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Event {
            request_id: request_id.to_owned(),
            deadline_ms: u64::try_from((now + self.config.timeout).as_millis()).unwrap_or(u64::MAX),
            function_arn: self.config.function_arn(),
            trace_id: format!(
                "Root=1-{:08x}-{:024x};Parent={:016x};Sampled=0",
                now.as_secs(),
                self.invocations,
                self.invocations,
            ),
            payload,
        }
    }
}
