//! Tools of deployment: config-gen, and others' programs that read what it renders.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use config_gen::Exit;

/// Runs config-gen, which must succeed, and returns what it prints.
///
/// # Panics
///
/// If it finds something wrong.
pub fn config_gen(arguments: &[&str]) -> String {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = ["config-gen"].iter().chain(arguments).map(OsString::from);
    let exit = config_gen::run(arguments, &mut out, &mut err);
    assert_eq!(exit, Exit::Ok, "{}", String::from_utf8_lossy(&err));
    String::from_utf8_lossy(&out).into_owned()
}

/// Prepares a tool of deployment. It gets none of this machine's own accounts.
///
/// # Panics
///
/// If it is not installed.
pub fn tool(name: &str) -> Command {
    let program = tools().join("bin").join(name);
    assert!(program.exists(), "{} is missing: `cargo xtask test` brings it", program.display());
    let mut command = Command::new(program);
    let path = env::join_paths([tools().join("bin"), "/usr/bin".into(), "/bin".into()]).expect("no colons");
    command.env_clear().env("PATH", path).env("HOME", env::temp_dir());
    command
        .env("AWS_ACCESS_KEY_ID", "none")
        .env("AWS_SECRET_ACCESS_KEY", "none")
        .env("AWS_DEFAULT_REGION", "eu-west-1");
    command.env("SAM_CLI_TELEMETRY", "0").env("SLS_TELEMETRY_DISABLED", "1").env("CHECKPOINT_DISABLE", "1");
    command
}

/// Runs a tool, and returns whether it was content, and all that it said.
///
/// # Panics
///
/// If it can't be started.
pub fn run(command: &mut Command) -> (bool, String) {
    let output = command.output().expect("it is there");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

/// Packages of Node.js.
pub fn node_modules() -> PathBuf {
    tools().join("node_modules")
}

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/deployment").canonicalize().unwrap_or_default()
}
