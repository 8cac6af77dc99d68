//! What is in a zip.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::packaged;
use serde_json::Value;
use zip::ZipArchive;

const FUNCTIONS: [&str; 2] = ["authorizer", "authrep-async"];

#[test]
fn a_package_holds_a_program_that_may_be_run_and_the_list_of_what_is_in_it() {
    for function in FUNCTIONS {
        let mut archive = archive(function);
        let names: Vec<_> = archive.file_names().map(str::to_owned).collect();
        assert_eq!(names, ["bootstrap", "sbom.cdx.json"]);
        assert_eq!(archive.by_name("bootstrap").unwrap().unix_mode().unwrap() & 0o777, 0o755);
    }
}

#[test]
fn the_list_is_valid_by_the_schema_of_cyclonedx() {
    let folder = tempfile::tempdir().unwrap();
    let mut lists = Vec::new();
    for function in FUNCTIONS {
        let (list, broken) = (text(function), text(function).replace("\"library\"", "\"book\""));
        for (name, text) in [(format!("{function}.json"), list), (format!("broken-{function}.json"), broken)] {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            lists.push(path);
        }
    }
    assert_eq!(judged(&lists), ["valid", "invalid", "valid", "invalid"]);
}

#[test]
fn the_list_names_what_is_compiled_in_and_nothing_else() {
    for function in FUNCTIONS {
        let list: Value = serde_json::from_str(&text(function)).unwrap();
        assert_eq!(list["metadata"]["component"]["name"], function);
        let component = |name: &str| {
            let components = list["components"].as_array().unwrap();
            components.iter().find(|component| component["name"] == name)
        };
        assert!(component("authz-core").is_some_and(|ours| ours["purl"].is_null()), "no registry has it");
        let redis = component("redis").unwrap();
        let version = redis["version"].as_str().unwrap();
        assert_eq!(redis["purl"], format!("pkg:cargo/redis@{version}"));
        assert_eq!(redis["hashes"][0]["content"].as_str().unwrap().len(), 64);
        for of_a_test_a_macro_or_another_program in ["tempfile", "serde_derive", "clap"] {
            assert_eq!(component(of_a_test_a_macro_or_another_program), None);
        }
    }
}

/// Whoever depends, and whatever is depended on, is a component.
#[test]
fn every_dependency_is_in_the_list() {
    let list: Value = serde_json::from_str(&text("authorizer")).unwrap();
    let components = list["components"].as_array().unwrap();
    let known: Vec<_> = components.iter().chain([&list["metadata"]["component"]]).map(|one| &one["bom-ref"]).collect();
    let dependencies = list["dependencies"].as_array().unwrap();
    let mut needed: Vec<&Value> = Vec::new();
    for dependency in dependencies {
        let on = dependency["dependsOn"].as_array().unwrap();
        assert!(known.contains(&&dependency["ref"]) && on.iter().all(|on| known.contains(&on)), "{dependency}");
        needed.extend(on);
    }
    for component in components {
        assert!(needed.contains(&&component["bom-ref"]), "nobody needs {component}");
    }
}

fn archive(function: &str) -> ZipArchive<File> {
    ZipArchive::new(File::open(packaged(function)).unwrap()).unwrap()
}

fn text(function: &str) -> String {
    let mut text = String::new();
    archive(function).by_name("sbom.cdx.json").unwrap().read_to_string(&mut text).unwrap();
    text
}

fn judged(lists: &[PathBuf]) -> Vec<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = here.join("../target/tools/package/bin/python");
    let answer = Command::new(python).arg(here.join("tests/packaged_functions/validate.py")).args(lists).output();
    let answer = answer.expect("`cargo xtask test` brings the validator");
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    String::from_utf8_lossy(&answer.stdout).lines().map(str::to_owned).collect()
}
