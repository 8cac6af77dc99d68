//! The function's process and all it starts, as one group that is stopped, continued and killed together.

use crate::config::Config;
use crate::logs::Logs;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::io;
use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A running process; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    group: Group,
    readers: Vec<JoinHandle<()>>,
}

/// Where signals go: the group of the process that runs now, if one does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Group(Arc<Mutex<Option<Pid>>>);

impl Process {
    /// Runs the program with Lambda's environment and nothing of this process's own.
    ///
    /// A group of its own lets the kernel wake and end a stopped process whose parent is gone.
    pub(crate) fn spawn(config: &Config, api: SocketAddr, logs: &Logs, group: &Group) -> io::Result<Process> {
        let mut child = Command::new(&config.program)
            .env_clear()
            .envs(config.variables(api))
            .current_dir(config.task_root())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        group.lead(child.id());
        let mut readers = Vec::new();
        readers.extend(child.stdout.take().map(|pipe| tokio::spawn(logs.clone().read(pipe))));
        readers.extend(child.stderr.take().map(|pipe| tokio::spawn(logs.clone().read(pipe))));
        Ok(Process { child, group: group.clone(), readers })
    }

    /// Waits for the process to end, and ends what it started. Nothing is lost when this is dropped.
    pub(crate) async fn exited(&mut self) -> Option<ExitStatus> {
        let status = self.child.wait().await;
        self.group.kill();
        self.group.lead(None);
        status.ok()
    }

    /// Kills the process and reads the last of what it wrote.
    pub(crate) async fn end(mut self) {
        self.group.kill();
        self.exited().await;
        for reader in &mut self.readers {
            // Only a descendant that left the group can still hold the pipe open.
            let _ = timeout(LAST_WORDS, reader).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.group.kill();
        self.group.lead(None);
    }
}

impl Group {
    pub(crate) fn pid(&self) -> Option<u32> {
        self.leader().and_then(|pid| u32::try_from(pid.as_raw_nonzero().get()).ok())
    }

    /// Stops every process of the group; the leader is stopped, or gone, when this returns.
    pub(crate) fn freeze(&self) {
        self.signal(Signal::STOP);
        if let Some(pid) = self.leader() {
            // NOWAIT leaves the exit status to the one who waits for it.
            let news = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            let _ = waitid(WaitId::Pid(pid), news);
        }
    }

    pub(crate) fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    pub(crate) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.leader() {
            // A group that is gone already is what every signal here could lead to.
            let _ = kill_process_group(pid, signal);
        }
    }

    fn lead(&self, id: Option<u32>) {
        let pid = id.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = pid;
    }

    fn leader(&self) -> Option<Pid> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const LAST_WORDS: Duration = Duration::from_secs(1);
