//! One execution environment: a process, the API it is served, and what it said.

use crate::api;
use crate::config::Config;
use crate::logs::Logs;
use crate::outcome::{Answer, FunctionError, StartError};
use crate::process::{Group, Process};
use crate::state::{Event, State};
use std::net::Ipv4Addr;
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

impl Environment {
    /// Starts a process and waits for its init phase to end, at most [`INIT_LIMIT`].
    pub(crate) async fn start(config: &Config, logs: &Logs, group: &Group) -> Result<Self, StartError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(StartError::Listen)?;
        let address = listener.local_addr().map_err(StartError::Listen)?;
        let process = Process::spawn(config, address, logs, group)
            .map_err(|source| StartError::Spawn { program: config.program.clone(), source })?;
        let (state, _) = watch::channel(State::default());
        let router = api::router(state.clone());
        let mut server = JoinSet::new();
        server.spawn(async { drop(axum::serve(listener, router).await) });
        let mut environment = Environment { process, state, _server: server };
        match environment.until(State::init, Instant::now(), INIT_LIMIT).await.flatten() {
            Ok(()) => Ok(environment),
            Err(error) => {
                environment.end().await;
                Err(StartError::Init(error))
            }
        }
    }

    /// Delivers `event` and waits for its answer; the error says that the environment is lost.
    pub(crate) async fn answer(
        &mut self,
        event: Event,
        begun: Instant,
        timeout: Duration,
    ) -> Result<Answer, FunctionError> {
        let request_id = event.request_id.clone();
        self.state.send_modify(|state| state.deliver(event));
        self.until(State::answer, begun, timeout).await.map_err(|error| error.in_request(&request_id))
    }

    /// Waits until the runtime asks for its next event; whether it did.
    pub(crate) async fn settles(&mut self, begun: Instant, timeout: Duration) -> bool {
        self.until(|state| state.is_idle().then_some(()), begun, timeout).await.is_ok()
    }

    /// Kills the process.
    pub(crate) async fn end(self) {
        self.process.end().await;
    }

    /// Waits for what `find` looks for in the state; the error says why it will not come.
    async fn until<T>(
        &mut self,
        find: impl Fn(&State) -> Option<T>,
        begun: Instant,
        limit: Duration,
    ) -> Result<T, FunctionError> {
        let mut changes = self.state.subscribe();
        let told = async {
            let mut found = None;
            let search = |state: &State| {
                found = find(state);
                found.is_some()
            };
            drop(changes.wait_for(search).await);
            found
        };
        tokio::select! {
            // What the process said counts before what became of it.
            biased;
            Some(found) = told => Ok(found),
            status = self.process.exited() => Err(FunctionError::exited(status)),
            () = sleep_until(begun + limit) => Err(FunctionError::timed_out(limit)),
        }
    }
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>: ten seconds on demand.
const INIT_LIMIT: Duration = Duration::from_secs(10);
