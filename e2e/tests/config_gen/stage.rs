//! A rendered stage, and others' tools.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use config_gen::Exit;
use serde_json::Value;
use tempfile::TempDir;

/// The folder with `examples/stages`.
pub(crate) const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");

/// Where the tests' own files are.
pub(crate) const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/config_gen");

/// A folder in which all formats of a stage were rendered into `out/STAGE`.
pub(crate) struct Rendered {
    pub(crate) stage: &'static str,
    folder: TempDir,
}

impl Rendered {
    pub(crate) fn example(stage: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        config_gen(&["--stage", stage, "--dir", EXAMPLES, "--out", out.to_str().unwrap()]);
        Self { stage, folder }
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A rendered file.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path("out").join(self.stage).join(name)
    }

    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let file = self.file(&format!("env.{}.json", self.stage));
        serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
    }

    /// Copies one of the tests' own files into the folder.
    pub(crate) fn bring(&self, name: &str) -> PathBuf {
        let to = self.path(name);
        fs::copy(Path::new(HERE).join(name), &to).unwrap();
        to
    }
}

/// Runs config-gen, which must succeed, and returns what it prints.
pub(crate) fn config_gen(arguments: &[&str]) -> String {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = ["config-gen"].iter().chain(arguments).map(OsString::from);
    let exit = config_gen::run(arguments, &mut out, &mut err);
    assert_eq!(exit, Exit::Ok, "{}", String::from_utf8_lossy(&err));
    String::from_utf8(out).unwrap()
}

/// A tool of deployment. It gets none of this machine's own accounts.
pub(crate) fn tool(name: &str) -> Command {
    let program = tools().join("bin").join(name);
    assert!(program.exists(), "{} is missing: `cargo xtask test` brings it", program.display());
    let mut command = Command::new(program);
    let path = env::join_paths([tools().join("bin"), "/usr/bin".into(), "/bin".into()]).unwrap();
    command.env_clear().env("PATH", path).env("HOME", env!("CARGO_TARGET_TMPDIR"));
    command
        .env("AWS_ACCESS_KEY_ID", "none")
        .env("AWS_SECRET_ACCESS_KEY", "none")
        .env("AWS_DEFAULT_REGION", "eu-west-1");
    command.env("SAM_CLI_TELEMETRY", "0").env("SLS_TELEMETRY_DISABLED", "1").env("CHECKPOINT_DISABLE", "1");
    command
}

/// Runs a tool, and returns whether it was content, and all that it said.
pub(crate) fn run(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

/// Packages of Node.js.
pub(crate) fn node_modules() -> PathBuf {
    tools().join("node_modules")
}

/// Reads a JSON file.
pub(crate) fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/deployment").canonicalize().unwrap_or_default()
}
