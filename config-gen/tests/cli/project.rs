//! A folder with stages, and what the program did there.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder of a test's own.
pub(crate) struct Project(TempDir);

/// How a run ended.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Project {
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A project with nothing wrong in it.
    pub(crate) fn good() -> Self {
        let project = Self::empty();
        let deployment = json!({ "project": "greetings", "region": "eu-west-1" });
        project.stage("base", &json!({ "deployment": deployment, "settings": { "THREESCALE_SERVICE_ID": "7" } }));
        project.stage("dev", &dev());
        project
    }

    pub(crate) fn stage(&self, name: &str, file: &Value) {
        self.write(&format!("stages/{name}.json"), &format!("{file:#}\n"));
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Runs the program in the folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_command(Command::new(PROGRAM).args(arguments))
    }

    pub(crate) fn run_command(&self, command: &mut Command) -> Run {
        let Output { status, stdout, stderr } = command.current_dir(self.folder()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { code: status.code(), out: text(stdout), err: text(stderr) }
    }

    /// Renders `dev` with more values, and returns the codes of what is wrong, in their order.
    pub(crate) fn codes(&self, set: &[&str]) -> Vec<String> {
        let mut arguments = vec!["--stage", "dev", "--message-format", "json"];
        arguments.extend(set.iter().flat_map(|set| ["--set", set]));
        let problems = self.run(&arguments).problems();
        problems.iter().map(|problem| problem["code"].as_str().unwrap().to_owned()).collect()
    }
}

impl Run {
    /// What a program is told, a line each.
    pub(crate) fn problems(&self) -> Vec<Value> {
        self.err.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A stage without a mistake.
pub(crate) fn dev() -> Value {
    json!({
        "deployment": { "vpc": { "security_group_ids": ["sg-1"], "subnet_ids": ["subnet-1"] } },
        "settings": {
            "THREESCALE_SERVICE_TOKEN": "ssm:/greetings/dev/token",
            "ELASTICACHE_ENDPOINT": "cache.example.com",
            "SNS_TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:uses",
        },
    })
}

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_config-gen");
