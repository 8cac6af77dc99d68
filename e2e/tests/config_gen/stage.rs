//! A rendered stage.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use e2e::config_gen;
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

/// Reads a JSON file.
pub(crate) fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}
