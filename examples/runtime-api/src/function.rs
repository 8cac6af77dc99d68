//! A function, from the outside.

use crate::config::Config;
use crate::environment::Environment;
use crate::keeper::{Keeper, Order};
use crate::logs::Logs;
use crate::outcome::{Invocation, InvokeError, StartError};
use crate::process::Group;
use std::path::absolute;
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;

/// A function with one execution environment: a process, and the Runtime API on a loopback port of its own.
///
/// Dropping it kills the process. Needs a tokio runtime with I/O and time enabled, for as long as it lives.
#[derive(Debug)]
pub struct Function {
    orders: mpsc::UnboundedSender<Order>,
    group: Group,
    logs: Logs,
    keeper: AbortHandle,
}

impl Function {
    /// Starts the program and returns when its init phase is over: the runtime has asked for its
    /// first event.
    ///
    /// # Errors
    ///
    /// When the program cannot be run or its init phase fails, which leaves no process behind.
    pub async fn start(mut config: Config) -> Result<Function, StartError> {
        config.program = absolute(&config.program)
            .map_err(|source| StartError::Spawn { program: config.program.clone(), source })?;
        let logs = Logs::new(config.echo_logs);
        let group = Group::default();
        let environment = Some(Environment::start(&config, &logs, &group).await?);
        let (orders, queue) = mpsc::unbounded_channel();
        let keeper = Keeper { config, logs: logs.clone(), group: group.clone(), environment, invocations: 0 };
        let keeper = tokio::spawn(keeper.run(queue)).abort_handle();
        Ok(Function { orders, group, logs, keeper })
    }

    /// Hands `event` to the function and returns its answer as soon as it is posted, whatever
    /// the function still does. The function is thawed for it.
    ///
    /// Callers queue: one event is handled at a time, and the next is delivered when the runtime has
    /// asked for it. Dropping the future does not take the event back. A function that exceeds its time
    /// limit is killed, after its answer too; the next event then starts a new process.
    ///
    /// # Errors
    ///
    /// When no process saw the event. A function that fails is an [`Invocation`] like any other.
    pub async fn invoke(&self, event: &str) -> Result<Invocation, InvokeError> {
        serde_json::from_str::<serde_json::Value>(event).map_err(InvokeError::InvalidEvent)?;
        let (reply, answered) = oneshot::channel();
        self.order(Order::Invoke { payload: event.to_owned(), reply });
        answered.await.unwrap_or(Err(InvokeError::Stopped))
    }

    /// Waits until everything invoked so far is over: the runtime has asked for its next event and, if so
    /// configured, the process is frozen.
    pub async fn settled(&self) {
        let (reply, settled) = oneshot::channel();
        self.order(Order::Settle(reply));
        let _ = settled.await;
    }

    /// Stops the process where it stands, with SIGSTOP; it is stopped when this returns.
    /// Does nothing when no process runs.
    pub fn freeze(&self) {
        self.group.freeze();
    }

    /// Lets a frozen process go on, with SIGCONT.
    pub fn thaw(&self) {
        self.group.thaw();
    }

    /// The process's id; `None` after the last one was lost and before the next event starts another.
    pub fn pid(&self) -> Option<u32> {
        self.group.pid()
    }

    /// The lines written so far to standard output and standard error, by all of the function's
    /// processes, in the order they arrived. A line just written may not have; see [`Function::stop`].
    pub fn logs(&self) -> Vec<String> {
        self.logs.lines()
    }

    /// Waits for the first line that contains `text`, and returns it; waits for ever if none comes.
    pub async fn logged(&self, text: &str) -> String {
        self.logs.containing(text).await
    }

    /// Ends the function as Lambda's shutdown phase does and returns everything it ever wrote.
    ///
    /// What was invoked before is settled first. Then the process is killed at once, as every process
    /// without a registered extension is.
    pub async fn stop(self) -> Vec<String> {
        let (reply, stopped) = oneshot::channel();
        self.order(Order::Stop(reply));
        let _ = stopped.await;
        self.logs.lines()
    }

    fn order(&self, order: Order) {
        // A keeper that is gone drops the order and its reply with it, which is how the caller learns.
        let _ = self.orders.send(order);
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.keeper.abort();
        self.group.kill();
    }
}
