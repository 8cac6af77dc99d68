//! What config-gen says about files with secrets in them. What it renders is left out: a literal in a stage's file is
//! refused, so it renders none.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::evidence::Evidence;
use crate::marks::{AUTH_TOKEN, CREDENTIAL_SECRET, PROVIDER_KEY, SERVICE_TOKEN, STRAY};

#[test]
fn of_files_that_hold_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let mut evidence = Evidence::default();
    stage(folder.path(), "prod", &json!({ "settings": { "THREESCALE_SERVICE_TOKEN": "ssm:/token" } }).to_string());
    stage(folder.path(), "base", &json!({ "deployment": { "project": "a", "region": "eu-west-1" } }).to_string());
    for text in files() {
        stage(folder.path(), "dev", &text);
        for arguments in ARGUMENTS {
            evidence.add("words and data", config_gen(folder.path(), arguments));
        }
    }
    evidence.is_clean(&["words and data"]);
}

#[test]
fn of_secrets_in_arguments_and_in_rendered_files() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/stages");
    for name in ["base", "dev", "prod"] {
        stage(folder.path(), name, &fs::read_to_string(root.join(format!("{name}.json"))).unwrap());
    }
    let mut evidence = Evidence::default();
    for name in
        ["THREESCALE_SERVICE_TOKEN", "THREESCALE_PROVIDER_KEY", "CREDENTIAL_SECRET", "ELASTICACHE_AUTH_TOKEN", "NONE"]
    {
        let set = format!("{name}={SERVICE_TOKEN}");
        evidence.add("words and data", config_gen(folder.path(), &["--stage", "dev", "--set", &set]));
        evidence.add("words and data", config_gen(folder.path(), &["explain", name, "--stage", "dev", "--set", &set]));
    }
    config_gen(folder.path(), &["--stage", "dev"]);
    let reference = "ssm:/greetings/dev/service-token";
    let mut edited = 0;
    for path in files_below(&folder.path().join("out")) {
        let text = fs::read_to_string(&path).unwrap();
        edited += usize::from(text.contains(reference));
        fs::write(path, text.replace(reference, SERVICE_TOKEN)).unwrap();
    }
    assert!(edited > 1, "somebody wrote the token into the files");
    for arguments in [&["--stage", "dev", "--check"][..], &["--stage", "dev", "--diff"]] {
        evidence.add("words and data", config_gen(folder.path(), arguments));
    }
    evidence.is_clean(&["words and data"]);
}

const ARGUMENTS: [&[&str]; 7] = [
    &["--stage", "dev"],
    &["--stage", "dev", "--check"],
    &["--stage", "dev", "--message-format", "json"],
    &["explain", "THREESCALE_SERVICE_TOKEN", "--stage", "dev"],
    &["explain", "SERVICES_MAP", "--stage", "dev"],
    &["diff", "dev", "prod"],
    &["diff", "prod", "dev"],
];

/// A stage's file with secrets where they belong, where they don't, and one that is no JSON.
fn files() -> Vec<String> {
    let secrets = json!({
        "CREDENTIAL_SECRET": CREDENTIAL_SECRET,
        "ELASTICACHE_AUTH_TOKEN": AUTH_TOKEN,
        "THREESCALE_PROVIDER_KEY": PROVIDER_KEY,
        "THREESCALE_SERVICE_TOKEN": SERVICE_TOKEN,
    });
    let misplaced = json!({
        "CREDENTIAL_SECRET": [CREDENTIAL_SECRET],
        "THREESCALE_SERVICE_TOKN": SERVICE_TOKEN,
        "SERVICES_MAP": [{ "gateway": "g", "service_token": SERVICE_TOKEN, "token": STRAY }],
        "THREESCALE_BACKEND_URL": "https://user:St5Xb2Qe8Zr0@3scale.example",
    });
    let file = |settings: &Value| format!("{:#}", json!({ "settings": settings, "password": STRAY }));
    let broken = file(&secrets).replacen('}', ",}", 1);
    vec![file(&secrets), file(&misplaced), broken]
}

fn stage(folder: &Path, name: &str, text: &str) {
    fs::create_dir_all(folder.join("stages")).unwrap();
    fs::write(folder.join(format!("stages/{name}.json")), text).unwrap();
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// All that a run says.
fn config_gen(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let folder = folder.display().to_string();
    let arguments = ["config-gen", "--dir", &folder].into_iter().chain(arguments.iter().copied()).map(OsString::from);
    config_gen::run(arguments, &mut out, &mut err);
    [out, err].concat()
}
