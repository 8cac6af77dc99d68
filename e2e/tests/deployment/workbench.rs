//! A copy of the templates, beside a rendered stage and packages.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use e2e::{config_gen, node_modules, run, tool};
use serde_json::Value;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");
const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/deployment");

/// The stage without a queue, and the one with a queue and a cluster.
pub(crate) const STAGES: [&str; 2] = ["dev", "prod"];

/// A folder as the repository is laid out, for one stage.
pub(crate) struct Workbench {
    pub(crate) stage: &'static str,
    folder: TempDir,
}

impl Workbench {
    pub(crate) fn new(stage: &'static str) -> Self {
        let bench = Self { stage, folder: tempfile::tempdir().unwrap() };
        copy(&Path::new(EXAMPLES).join("deploy"), &bench.templates());
        let out = bench.path("examples/out");
        config_gen(&["--stage", stage, "--dir", EXAMPLES, "--out", out.to_str().unwrap()]);
        for function in ["authorizer", "authrep-async"] {
            pack(&bench.path(&format!("target/package/arm64/{function}.zip")));
        }
        bench
    }

    /// The folder of the templates.
    pub(crate) fn templates(&self) -> PathBuf {
        self.path("examples/deploy")
    }

    /// A file that config-gen rendered.
    pub(crate) fn rendered(&self, name: &str) -> PathBuf {
        self.path("examples/out").join(self.stage).join(name)
    }

    /// The variables of the stage, before a template adds its own.
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        serde_json::from_value(json(&self.rendered(&format!("env.{}.json", self.stage)))).unwrap()
    }

    /// Has osls write a template, and returns where.
    pub(crate) fn packaged_by_osls(&self) -> PathBuf {
        let folder = self.templates().join("serverless");
        let mut osls = tool("node");
        osls.arg(node_modules().join(".bin/osls")).args(["package", "--stage", self.stage]).current_dir(&folder);
        let (content, said) = run(&mut osls);
        assert!(content, "{}: {said}", self.stage);
        folder.join(".serverless/cloudformation-template-update-stack.json")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Reads a JSON file.
pub(crate) fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Reads YAML files as SAM does, by their paths; short forms become long ones.
pub(crate) fn yaml(paths: &[PathBuf]) -> BTreeMap<PathBuf, Value> {
    let (content, said) = run(tool("python").arg(format!("{HERE}/yaml_as_json.py")).args(paths));
    assert!(content, "{said}");
    serde_json::from_str(&said).unwrap()
}

/// The files of a folder that end so.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|found| found == ending));
    paths.sort();
    paths
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copied = to.join(path.file_name().unwrap());
        // What the tools leave behind begins with a dot.
        match path.is_dir() {
            true if path.file_name().unwrap().to_string_lossy().starts_with('.') => {}
            true => copy(&path, &copied),
            false => drop(fs::copy(&path, &copied).unwrap()),
        }
    }
}

fn pack(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut package = ZipWriter::new(File::create(path).unwrap());
    package.start_file("bootstrap", SimpleFileOptions::default()).unwrap();
    package.write_all(b"#!/bin/sh\n").unwrap();
    package.finish().unwrap();
}
