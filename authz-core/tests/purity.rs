//! The core does no I/O, reads no clock and no environment, and has no feature that changes a decision.
//!
//! Its dependencies are an explicit list, its sources name nothing of `std` that reaches outside.
#![expect(clippy::disallowed_methods, reason = "the sources under test are files")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MANIFEST: &str = include_str!("../Cargo.toml");

/// Everything the core links. Whoever adds to it says what for.
const ALLOWED: [(&str, &[&str]); 5] = [
    ("to seal", &["aead", "aes", "aes-gcm-siv", "cipher", "ctr", "inout", "polyval", "universal-hash"]),
    ("to digest", &["block-buffer", "crypto-common", "digest", "hmac", "hybrid-array", "sha2", "typenum"]),
    ("to know the processor, `libc` only off x86", &["cfg-if", "cmov", "cpubits", "cpufeatures", "ctutils", "libc"]),
    ("to read and write texts", &["arrayvec", "base64", "form_urlencoded", "memchr", "percent-encoding", "quick-xml"]),
    ("to read and write values", &["itoa", "serde", "serde_core", "serde_json", "thiserror", "zmij"]),
];

/// What reaches outside: modules of `std`, and names that come from them.
const MODULES: [&str; 7] = ["env", "fs", "io", "net", "os", "process", "thread"];
const NAMES: [&str; 9] =
    ["SystemTime", "Instant", "println!", "eprintln!", "print!", "eprint!", "dbg!", "cfg(feature", "cfg_attr(feature"];

/// What the one feature adds: descriptions, which decide nothing.
const DESCRIPTIONS: [&str; 6] = [
    r#"#[cfg(feature = "schema")] mod schema;"#,
    r#"#[cfg(feature = "schema")] pub(super) struct Described {"#,
    r#"#[cfg(feature = "schema")] pub(super) fn schemas("#,
    r#"#[cfg(feature = "schema")] impl schemars::JsonSchema for "#,
    r#"#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]"#,
    r#"#[cfg_attr(feature = "schema", schemars(with = "String"))]"#,
];

#[test]
fn the_core_links_nothing_that_could_do_io() {
    let core = built_from("authz-core");
    let unknown: Vec<_> = core.iter().filter(|name| !is_allowed(name)).collect();
    assert!(unknown.is_empty(), "not on the list: {unknown:?}");
    assert!(core.contains("quick-xml") && core.contains("typenum"), "the tree was walked: {core:?}");
}

#[test]
fn a_crate_that_does_io_would_be_noticed() {
    let shell = built_from("lambda-shell");
    for name in ["mio", "reqwest", "rustls", "socket2", "tokio"] {
        assert!(shell.contains(name) && !is_allowed(name), "{name}");
    }
}

#[test]
fn the_only_feature_describes_the_settings() {
    let features: Vec<_> = section(MANIFEST, "[features]").into_iter().filter(|name| *name != "#").collect();
    assert_eq!(features, ["schema"]);
    assert_eq!(MANIFEST.matches("optional").count(), 1);
}

#[test]
fn the_sources_reach_for_nothing_outside() {
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(sources.len() > 20, "{sources:?}");
    for path in sources {
        let found = reaches_outside(&fs::read_to_string(&path).unwrap());
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
}

#[test]
fn a_source_that_reaches_outside_would_be_noticed() {
    for (source, found) in [
        ("let text = std::fs::read_to_string(path);", "std::fs"),
        ("use std::{fmt, env as surroundings};", "std::env"),
        ("use std::{\n    fmt,\n    net::{TcpStream, UdpSocket},\n};", "std::net"),
        ("use std::time::{Duration, Instant};", "Instant"),
        ("let now = time::SystemTime::now();", "SystemTime"),
        ("println!(\"{verdict:?}\");", "println!"),
        ("#[cfg(feature = \"strict\")]\nfn allow() {}", "cfg(feature"),
        ("#[cfg(feature = \"schema\")]\nfn allow() {}", "cfg(feature"),
        ("#[cfg_attr(feature = \"schema\", derive(PartialOrd))]\nstruct A;", "cfg_attr(feature"),
    ] {
        assert_eq!(reaches_outside(source), [found], "{source}");
    }
    for source in [
        "/// Nothing here calls std::fs::read or SystemTime::now.\nuse std::{fmt, iter};",
        "use std::time::Duration;\nfn a() {}\n\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n",
    ] {
        assert_eq!(reaches_outside(source), [""; 0], "{source}");
    }
}

fn is_allowed(name: &str) -> bool {
    ALLOWED.iter().any(|(_, names)| names.contains(&name))
}

/// Names what a crate of this workspace links, by Cargo itself; tests and macros are left out.
fn built_from(root: &str) -> BTreeSet<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--offline", "--package", root, "--edges", "normal,no-proc-macro", "--prefix", "none"]);
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("Cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).expect("it is text");
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names.filter(|name| ![root, ""].contains(name)).map(str::to_owned).collect()
}

/// Names what a section of a manifest lists.
fn section<'m>(manifest: &'m str, header: &str) -> Vec<&'m str> {
    let lines = manifest.lines().skip_while(|line| *line != header).skip(1).take_while(|line| !line.starts_with('['));
    lines.filter_map(|line| line.split(['.', ' ', '=']).next()).filter(|name| !name.is_empty()).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("it is a file").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.into_iter().chain(folders.iter().flat_map(|folder| sources(folder))).collect()
}

/// Names what a source uses of the outside, comments and its tests excepted.
fn reaches_outside(source: &str) -> Vec<String> {
    let product = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let code: Vec<_> = product.lines().map(str::trim).filter(|line| !line.starts_with("//")).collect();
    let code = DESCRIPTIONS.iter().fold(code.join(" "), |code, description| code.replace(description, ""));
    let of_std = code.split("std::").skip(1).flat_map(first_names);
    let modules = of_std.filter(|name| MODULES.contains(&name.as_str())).map(|name| format!("std::{name}"));
    modules.chain(NAMES.iter().filter(|name| has_word(&code, name)).map(|name| (*name).to_owned())).collect()
}

/// Names what stands directly behind `std::`: one name, or those of a list in braces.
fn first_names(path: &str) -> Vec<String> {
    let Some(list) = path.strip_prefix('{') else { return vec![identifier(path)] };
    let (mut names, mut depth) = (vec![identifier(list)], 0);
    for (at, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(identifier(&list[at + 1..])),
            _ => {}
        }
    }
    names
}

fn identifier(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn has_word(code: &str, word: &str) -> bool {
    let is_start = |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    code.match_indices(word).any(|(at, _)| is_start(at))
}
