//! A terminal in which an example is typed.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use e2e::{binary, free_port, local_gateway};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::page;
use crate::query;
use crate::shown::fits;

/// A directory of its own, and what runs in the background.
pub(crate) struct Session {
    directory: TempDir,
    background: Vec<Child>,
    /// What is written on the page, and what stands for it here.
    ports: Vec<(&'static str, String)>,
}

impl Session {
    /// Runs an example, and then the section's queries over its log.
    pub(crate) async fn play(example: &page::Example, queries: &[String]) -> Result<(), String> {
        let directory = tempfile::tempdir().unwrap();
        let mut session = Self { directory, background: Vec::new(), ports: Vec::new() };
        let mut played = session.type_in(example).await;
        for query in queries {
            if played.is_ok() {
                played = session.find(query).await;
            }
        }
        session.end().await;
        played
    }

    async fn type_in(&mut self, example: &page::Example) -> Result<(), String> {
        for command in example {
            let line = self.translated(&command.line);
            let done = match line.strip_suffix('&') {
                _ if line.starts_with("cargo build ") => Ok(()),
                Some(line) if line.starts_with("redis-server ") => self.start_redis(line).await,
                Some(line) => self.start_gateway(line).await,
                None => self.ask(&line, &command.shown).await,
            };
            done.map_err(|why| format!("$ {}\n{why}", command.line))?;
        }
        Ok(())
    }

    /// The line with what differs here: programs are built, and ports are those that are free.
    fn translated(&self, line: &str) -> String {
        let authorizer = binary("authorizer").display().to_string();
        let gateway = format!("exec {} --listen 127.0.0.1:0", local_gateway().display());
        let line = line.replace("target/debug/authorizer", &authorizer);
        let line =
            line.replace("cargo run -p local-gateway --", &gateway).replace("cargo run -p local-gateway", &gateway);
        self.ports.iter().fold(line, |line, (on_the_page, here)| line.replace(on_the_page, here))
    }

    /// Somebody may take a free port before the server does.
    async fn start_redis(&mut self, line: &str) -> Result<(), String> {
        let mut said = String::new();
        for _ in 0..ATTEMPTS {
            let port = free_port().to_string();
            let line = format!("exec {}", line.replace(REDIS_PORT, &port));
            said = self.start(&line, "redis.log", "Ready to accept connections").await;
            if said.contains("Ready to accept connections") {
                self.ports.push((REDIS_PORT, port));
                return Ok(());
            }
        }
        Err(said)
    }

    async fn start_gateway(&mut self, line: &str) -> Result<(), String> {
        let ready = "listening on http://";
        let said = self.start(line, LOG, ready).await;
        let address = said.split_once(ready).and_then(|(_, rest)| rest.lines().next());
        self.ports.push(("127.0.0.1:9100", address.ok_or(&said)?.to_owned()));
        Ok(())
    }

    /// Starts a program, waits until it is ready or has ended, and returns what it said.
    async fn start(&mut self, line: &str, log: &str, ready: &str) -> String {
        let mut program = self.shell(line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        soon(async || self.read(log).contains(ready) || program.try_wait().is_ok_and(|ended| ended.is_some())).await;
        self.background.push(program);
        self.read(log)
    }

    /// Runs a command to its end. What only looks looks again until it sees what is shown: lines of the log, and reports
    /// to 3scale, come after the answer.
    async fn ask(&self, line: &str, shown: &[String]) -> Result<(), String> {
        let only_looks = line.starts_with("grep ") || line.contains("/_local/usage");
        let mut said = String::new();
        let mut is_shown = async || {
            let output = self.shell(line).output().await.unwrap();
            said = String::from_utf8_lossy(&output.stdout).into_owned();
            fits(&said, shown)
        };
        let is_shown = if only_looks { soon(is_shown).await } else { is_shown().await };
        if is_shown { Ok(()) } else { Err(format!("the page shows:\n{}\nit says:\n{said}", shown.join("\n"))) }
    }

    async fn find(&self, query: &str) -> Result<(), String> {
        let is_found = soon(async || query::finds(query, &self.read(LOG))).await;
        if is_found { Ok(()) } else { Err(format!("{query}\nfinds nothing in\n{}", self.read(LOG))) }
    }

    /// A shell that has nothing of this process's environment, and programs that wait longer than they do in Lambda.
    fn shell(&self, line: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(line).current_dir(&self.directory).stdin(Stdio::null()).kill_on_drop(true);
        shell.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        shell.envs([("THREESCALE_TIMEOUT_MS", "10000"), ("ELASTICACHE_TIMEOUT_MS", "5000")]);
        shell
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.directory.path().join(file)).unwrap_or_default()
    }

    /// Ends what runs in the background, the last first, and waits until it has ended.
    async fn end(self) {
        for mut program in self.background.into_iter().rev() {
            let id = program.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
            if let Some(id) = id {
                kill_process(id, Signal::INT).unwrap();
            }
            program.wait().await.unwrap();
        }
    }
}

/// Whether it comes true before long.
async fn soon(mut is_true: impl AsyncFnMut() -> bool) -> bool {
    let begun = Instant::now();
    loop {
        if is_true().await {
            return true;
        }
        if begun.elapsed() > PATIENCE {
            return false;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

const LOG: &str = "log";
const REDIS_PORT: &str = "6390";
const ATTEMPTS: usize = 5;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(30);
