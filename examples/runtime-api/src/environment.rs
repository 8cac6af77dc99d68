//! One execution environment: a process, the APIs it is served, and what it said.

use crate::api;
use crate::config::{Config, FUNCTION_VERSION};
use crate::logs::Logs;
use crate::outcome::{Answer, FunctionError, StartError};
use crate::process::{Group, Process};
use crate::state::{Event, State};
use serde_json::json;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// An environment that is through its init phase.
#[derive(Debug)]
pub(crate) struct Environment {
    process: Process,
    state: watch::Sender<State>,
    /// Ends with the environment.
    _server: JoinSet<()>,
}

/// Why what was waited for will not come.
enum End {
    Failed(FunctionError),
    Exited(FunctionError),
    TimedOut,
}

impl Environment {
    /// Starts a process and waits for its init phase to end, at most [`INIT_LIMIT`].
    pub(crate) async fn start(config: &Config, logs: &Logs, group: &Group) -> Result<Self, StartError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(StartError::Listen)?;
        let address = listener.local_addr().map_err(StartError::Listen)?;
        let process = Process::spawn(config, address, logs, group)
            .map_err(|source| StartError::Spawn { program: config.program.clone(), source })?;
        let (state, _) = watch::channel(State::default());
        let router = api::router(state.clone(), about(config));
        let mut server = JoinSet::new();
        server.spawn(async { drop(axum::serve(listener, router).await) });
        let mut environment = Environment { process, state, _server: server };
        match environment.until(State::is_idle, Instant::now() + INIT_LIMIT).await {
            Ok(()) => Ok(environment),
            Err(end) => {
                environment.end().await;
                Err(StartError::Init(match end {
                    End::Failed(error) | End::Exited(error) => error,
                    End::TimedOut => FunctionError::timed_out(INIT_LIMIT),
                }))
            }
        }
    }

    /// Delivers `event` and waits for its answer; the error says that the environment is lost.
    pub(crate) async fn answer(
        &mut self,
        event: Event,
        timeout: Duration,
        deadline: Instant,
    ) -> Result<Answer, FunctionError> {
        let event = Arc::new(event);
        self.state.send_modify(|state| state.deliver(&event));
        let answered = self.until(State::is_answered, deadline).await;
        let id = &event.request_id;
        match (answered, self.state.borrow().answer()) {
            (Ok(()), Some(answer)) => Ok(answer.clone()),
            (Err(End::Failed(error)), _) => Err(error),
            (Err(End::Exited(error)), _) => Err(error.in_request(id)),
            (Err(End::TimedOut), _) | (Ok(()), None) => Err(FunctionError::timed_out(timeout).in_request(id)),
        }
    }

    /// Waits until the runtime and every extension ask for their next event; whether they did.
    pub(crate) async fn settles(&mut self, deadline: Instant) -> bool {
        self.until(State::is_idle, deadline).await.is_ok()
    }

    /// Kills the process.
    pub(crate) async fn end(self) {
        self.process.end().await;
    }

    /// Ends the process as Lambda's shutdown phase does: SIGTERM and half a second where an internal
    /// extension is registered, SIGKILL at once where none is.
    pub(crate) async fn shut_down(self) {
        let extended = self.state.borrow().has_extensions();
        if extended {
            self.process.terminate(SHUTDOWN_LIMIT).await;
        } else {
            self.process.end().await;
        }
    }

    async fn until(&mut self, ready: fn(&State) -> bool, deadline: Instant) -> Result<(), End> {
        let mut changes = self.state.subscribe();
        let told = async move {
            let told = changes.wait_for(|state| ready(state) || state.failure().is_some()).await;
            told.ok().and_then(|state| state.failure().filter(|_| !ready(&state)).cloned())
        };
        tokio::select! {
            // What the process said counts before what became of it.
            biased;
            failure = told => failure.map_or(Ok(()), |error| Err(End::Failed(error))),
            status = self.process.exited() => Err(End::Exited(FunctionError::exited(status))),
            () = sleep_until(deadline) => Err(End::TimedOut),
        }
    }
}

/// What an extension is told when it registers.
fn about(config: &Config) -> serde_json::Value {
    json!({
        "functionName": config.function_name,
        "functionVersion": FUNCTION_VERSION,
        "handler": config.handler(),
        "accountId": config.account_id,
    })
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>: ten seconds on demand.
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// The same document: 500 ms for a function with an internal extension registered.
const SHUTDOWN_LIMIT: Duration = Duration::from_millis(500);
