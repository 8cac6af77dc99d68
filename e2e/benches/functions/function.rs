//! A function's process.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use crate::cpu_share::CpuShare;
use crate::lambda::Lambda;

/// A program, and its environment.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) program: PathBuf,
    pub(crate) variables: BTreeMap<String, String>,
}

/// A running function, and the Lambda around it. Its log goes nowhere.
pub(crate) struct Function {
    process: Child,
    pub(crate) lambda: Lambda,
    /// When the program was executed.
    pub(crate) begun: Instant,
    /// What the shell took of a processor.
    shell: Duration,
}

impl Function {
    /// Executes the program.
    ///
    /// A shell holds the process ready before, so neither the fork nor entering a control group is in the time.
    pub(crate) async fn start(setup: &Setup, share: Option<&CpuShare>) -> Self {
        let lambda = Lambda::start().await;
        let mut process = Command::new("/bin/sh")
            .args(["-c", r#"echo; read -r go; exec "$0" > /dev/null < /dev/null"#])
            .arg(&setup.program)
            .env_clear()
            .envs(&setup.variables)
            .env("AWS_LAMBDA_RUNTIME_API", lambda.address.to_string())
            .envs([("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"), ("AWS_LAMBDA_FUNCTION_NAME", "authorizer")])
            .envs([("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"), ("AWS_REGION", "us-east-1")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a shell");
        let (mut stdin, mut stdout) = (process.stdin.take().expect("a pipe"), process.stdout.take().expect("a pipe"));
        stdout.read_u8().await.expect("the shell is ready");
        if let Some(share) = share {
            share.give_to(process.id().expect("the shell waits")).expect("a process of our own may be moved");
        }
        let mut function = Self { process, lambda, begun: Instant::now(), shell: Duration::ZERO };
        function.shell = function.cpu();
        function.begun = Instant::now();
        stdin.write_all(b"\n").await.expect("the shell waits");
        function
    }

    /// Waits until the init phase is over, and returns when the function was ready.
    pub(crate) async fn ready(&mut self) -> Instant {
        tokio::select! {
            ready = self.lambda.ready() => ready,
            status = self.process.wait() => panic!("the function did not start: {status:?}"),
        }
    }

    /// Returns how long its threads have been on a processor since the program was executed.
    pub(crate) fn cpu(&self) -> Duration {
        let tasks = fs::read_dir(self.proc("task")).expect("a process that runs");
        let nanos = |task: &Path| -> Option<u64> {
            fs::read_to_string(task.join("schedstat")).ok()?.split_whitespace().next()?.parse().ok()
        };
        let all = Duration::from_nanos(tasks.filter_map(|task| nanos(&task.ok()?.path())).sum());
        all.saturating_sub(self.shell)
    }

    /// Returns the most memory it ever had, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(self.proc("status")).expect("a process that runs");
        let peak = |line: &str| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok();
        1024 * status.lines().find_map(peak).expect("Linux tells it")
    }

    pub(crate) async fn end(mut self) {
        self.process.kill().await.expect("a process of our own can be killed");
    }

    fn proc(&self, file: &str) -> PathBuf {
        Path::new("/proc").join(self.process.id().expect("a process that runs").to_string()).join(file)
    }
}
