//! AWS as a child process: the emulator `ministack`.

mod aws;
mod function;
mod queue;
mod rest_api;

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;

pub use aws::Aws;
pub use function::{Function, zipped};
pub use queue::{Queue, Received};
pub use rest_api::{invocation_uri, mock_integration};

use crate::port::free_port;

/// An AWS on a port of its own, which nobody else uses. Dropping it kills it and every function it runs, and removes
/// what it kept.
#[derive(Debug)]
pub struct Ministack {
    process: Child,
    aws: Aws,
    directory: TempDir,
}

impl Ministack {
    /// Starts it, and returns when it answers.
    ///
    /// # Panics
    ///
    /// If `ministack` is not installed, or does not answer.
    pub async fn start() -> Self {
        let mut problem = String::new();
        for _ in 0..ATTEMPTS {
            let directory = tempfile::tempdir().expect("a temporary directory");
            let port = free_port();
            let process = spawn(port, directory.path());
            let mut started = Self { process, aws: Aws::new(format!("http://127.0.0.1:{port}")), directory };
            match started.until_ready().await {
                Ok(()) => return started,
                Err(why) => problem = why,
            }
        }
        panic!("ministack does not start: {problem}");
    }

    /// Returns who talks to it.
    pub fn aws(&self) -> &Aws {
        &self.aws
    }

    async fn until_ready(&mut self) -> Result<(), String> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.process.try_wait().expect("a child of our own can be waited for") {
                assert!(status.code() != Some(NOT_FOUND), "ministack is missing: `cargo xtask test` brings it");
                return Err(self.log());
            }
            // Another process may have taken the port first, so it must be this very one that answers.
            if self.aws.edition().await.is_some_and(|edition| edition == mark(self.directory.path())) {
                return Ok(());
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Err(self.log())
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join(LOG)).unwrap_or_default()
    }
}

impl Drop for Ministack {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw) {
            // The group may have ended by itself.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.process.wait();
    }
}

fn spawn(port: u16, directory: &Path) -> Child {
    let log = File::create(directory.join(LOG)).expect("a temporary directory takes files");
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(UNTIL_WE_END).arg(program());
    shell.env_clear().envs(std::env::vars_os().filter(|(name, _)| name == "PATH"));
    shell.env("BIND_HOST", "127.0.0.1").env("GATEWAY_PORT", port.to_string());
    shell.env("HOME", directory).env("TMPDIR", directory);
    shell.env("LOG_LEVEL", "WARNING").env("MINISTACK_EDITION", mark(directory));
    shell.stdin(Stdio::piped()).stdout(log.try_clone().expect("a file can be shared")).stderr(log);
    shell.process_group(0).spawn().expect("a shell")
}

/// The one in the virtual environment of `cargo xtask test`, or the one on the PATH.
fn program() -> PathBuf {
    let brought = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/ministack/bin/ministack");
    if brought.exists() { brought } else { PathBuf::from("ministack") }
}

/// Names a process, in what it tells about itself.
fn mark(directory: &Path) -> String {
    directory.display().to_string()
}

/// Becomes the program it is given, and leaves somebody behind who kills the group when our end of the pipe is gone: a
/// test that is interrupted drops nothing.
const UNTIL_WE_END: &str = r#"exec 3<&0; (read -r _ <&3; kill -s KILL 0) & exec "$0" 3<&- </dev/null"#;

const ATTEMPTS: usize = 5;
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);
const LOG: &str = "ministack.log";
/// What a shell says of a program that does not exist.
const NOT_FOUND: i32 = 127;
const PATIENCE: Duration = Duration::from_secs(60);
