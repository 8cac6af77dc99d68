//! What the tests against real servers need besides Rust.

use std::process::{Command, Stdio};

use crate::step::{Failed, Step, root};

/// Installs what is missing: a Redis server, and an AWS emulator in a Python environment of its own.
pub(crate) fn bring() -> Result<(), Failed> {
    if !succeeds("redis-server", &["--version"]) {
        apt_get("package lists", &["update"])?;
        apt_get("redis-server", &["install", "--yes", "--no-install-recommends", "redis-server"])?;
    }
    if !has_ministack() {
        bring_ministack()?;
    }
    Ok(())
}

fn bring_ministack() -> Result<(), Failed> {
    if !succeeds("python3", &["-c", "import ensurepip, venv"]) {
        apt_get("package lists", &["update"])?;
        apt_get("python", &["install", "--yes", "--no-install-recommends", "python3", "python3-venv"])?;
    }
    Step::new("python environment", "python3", &["-m", "venv", "--clear", ENVIRONMENT]).run()?;
    let wanted = format!("ministack=={MINISTACK}");
    Step::new("ministack", &python(), &["-m", "pip", "install", "--quiet", &wanted]).run()
}

fn has_ministack() -> bool {
    let question = format!("from importlib.metadata import version; assert version('ministack') == '{MINISTACK}'");
    succeeds(&python(), &["-c", &question])
}

/// The environment's own.
fn python() -> String {
    root().join(ENVIRONMENT).join("bin/python").display().to_string()
}

/// Runs it as root, who may install.
fn apt_get(what: &'static str, arguments: &[&str]) -> Result<(), Failed> {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|answer| answer.stdout == b"0\n");
    if is_root {
        Step::new(what, "apt-get", arguments).with("DEBIAN_FRONTEND", "noninteractive").run()
    } else {
        Step::new(what, "sudo", &[&["apt-get"], arguments].concat()).run()
    }
}

/// Whether a command exists and does what it is asked for; nothing is printed.
fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Where `e2e` looks for it.
const ENVIRONMENT: &str = "target/tools/ministack";
const MINISTACK: &str = "1.5.33";
