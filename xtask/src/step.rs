//! One command of many.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::time::Instant;

/// A command that must succeed, and what it is for.
pub(crate) struct Step {
    what: &'static str,
    command: Command,
}

/// Why a step did not succeed.
#[derive(Debug)]
pub(crate) enum Failed {
    /// The command does not exist, or may not be run.
    NotStarted { what: &'static str, error: std::io::Error },
    /// The command said so.
    Exit { what: &'static str, status: ExitStatus },
    /// A file can't be read or written.
    File { path: PathBuf, error: std::io::Error },
    /// It was done, and what came of it is not good.
    Wrong { what: &'static str, why: String },
}

impl Failed {
    pub(crate) fn file(path: &Path, error: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), error }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted { what, error } => write!(f, "{what}: can't be started: {error}"),
            Self::Exit { what, status } => write!(f, "{what}: {status}"),
            Self::File { path, error } => write!(f, "{}: {error}", path.display()),
            Self::Wrong { what, why } => write!(f, "{what}: {why}"),
        }
    }
}

impl Step {
    /// Prepares `program` with its arguments, to be run at the root of the workspace.
    pub(crate) fn new(what: &'static str, program: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(root());
        Self { what, command }
    }

    /// Prepares the cargo that runs this program.
    pub(crate) fn cargo(what: &'static str, arguments: &[&str]) -> Self {
        let mut step = Self::new(what, env!("CARGO"), arguments);
        // They are about this package. Build scripts that look at them would run again for each cargo that has others.
        for (name, _) in std::env::vars_os() {
            if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
                step.command.env_remove(name);
            }
        }
        step
    }

    /// Sets an environment variable.
    pub(crate) fn with(mut self, variable: &str, text: &str) -> Self {
        self.command.env(variable, text);
        self
    }

    /// Runs it; its output goes where ours goes.
    pub(crate) fn run(mut self) -> Result<(), Failed> {
        self.command.stdout(Stdio::inherit());
        self.printed().map(drop)
    }

    /// Runs it, and returns what it prints.
    pub(crate) fn printed(self) -> Result<String, Failed> {
        let (what, begun) = (self.what, Instant::now());
        println!("── {what}");
        let printed = self.output()?;
        println!("── {what}: done in {:.0?}\n", begun.elapsed());
        Ok(printed)
    }

    /// Runs it without a word, and returns what it prints; its errors go where ours go.
    pub(crate) fn output(mut self) -> Result<String, Failed> {
        let done = self.command.stderr(Stdio::inherit()).output();
        let Output { status, stdout, .. } = done.map_err(|error| Failed::NotStarted { what: self.what, error })?;
        if !status.success() {
            return Err(Failed::Exit { what: self.what, status });
        }
        Ok(String::from_utf8_lossy(&stdout).into_owned())
    }
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}
