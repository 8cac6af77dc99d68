//! What a function is made of, in the words of `CycloneDX` 1.6.
//!
//! Cargo itself tells it: no library of ours could know better which features and which target a build has.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::step::{Failed, Step, root};

/// The list of a function.
pub(crate) struct Sbom {
    pub(crate) text: String,
    /// How many crates it names, ours included.
    pub(crate) crates: usize,
}

/// Lists the crates that are compiled into a function for a target, and who needs whom; not those that only tests, build
/// scripts and macros need.
pub(crate) fn of(function: &str, target: &str) -> Result<Sbom, Failed> {
    let arguments = ["tree", "--locked", "--package", "lambda-shell", "--target", target];
    let shape = ["--edges", "normal,no-proc-macro", "--prefix", "depth", "--format", "|{p}|{l}|"];
    let tree = Step::cargo("dependencies", &[&arguments[..], &shape].concat()).output()?;
    let lock = root().join("Cargo.lock");
    let lock = fs::read_to_string(&lock).map_err(|error| Failed::file(&lock, error))?;
    let (crates, edges) = parse(&tree).ok_or_else(|| wrong("`cargo tree` answers in another form"))?;
    let checksums = checksums(&lock).map_err(|error| wrong(&error.to_string()))?;
    Ok(Sbom { text: document(function, &crates, &edges, &checksums).to_string(), crates: crates.len() })
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Crate<'a> {
    name: &'a str,
    version: &'a str,
    license: &'a str,
}

impl Crate<'_> {
    /// Names it within the document.
    fn reference(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    fn component(&self, checksums: &BTreeMap<String, String>) -> Value {
        let Self { name, version, license } = self;
        let mut component = json!({
            "type": "library",
            "bom-ref": self.reference(),
            "name": name,
            "version": version,
            "licenses": [{ "expression": or(license) }],
        });
        // Our own crates have no checksum, and are in no registry.
        if let Some(checksum) = checksums.get(&self.reference()) {
            component["purl"] = format!("pkg:cargo/{name}@{}", version.replace('+', "%2B")).into();
            component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        }
        component
    }
}

/// Puts the older form of crates, `MIT/Apache-2.0`, into the one that SPDX has.
fn or(license: &str) -> String {
    license.split('/').map(str::trim).collect::<Vec<_>>().join(" OR ")
}

type Edges = BTreeMap<String, BTreeSet<String>>;

/// Reads lines like `2|serde v1.0.229|MIT OR Apache-2.0|`: how deep, what, and under which licence.
fn parse(tree: &str) -> Option<(BTreeSet<Crate<'_>>, Edges)> {
    let (mut crates, mut edges) = (BTreeSet::new(), Edges::new());
    let mut path: Vec<String> = Vec::new();
    for line in tree.lines() {
        let mut fields = line.split('|');
        let (depth, package, license) = (fields.next()?.parse().ok()?, fields.next()?, fields.next()?);
        let (name, rest) = package.split_once(" v")?;
        let version = rest.split(' ').next()?;
        let found = Crate { name, version, license };
        path.truncate(depth);
        if let Some(parent) = path.last() {
            edges.entry(parent.clone()).or_default().insert(found.reference());
        }
        path.push(found.reference());
        crates.insert(found);
    }
    Some((crates, edges))
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

fn checksums(lock: &str) -> Result<BTreeMap<String, String>, toml::de::Error> {
    let lock: Lock = toml::from_str(lock)?;
    let checksum = |Locked { name, version, checksum }| Some((format!("{name}@{version}"), checksum?));
    Ok(lock.package.into_iter().filter_map(checksum).collect())
}

/// Without the time and a number of its own, so that the same sources give the same bytes.
fn document(function: &str, crates: &BTreeSet<Crate>, edges: &Edges, checksums: &BTreeMap<String, String>) -> Value {
    let components: Vec<_> = crates.iter().map(|one| one.component(checksums)).collect();
    let root = json!({ "ref": function, "dependsOn": ["lambda-shell@".to_owned() + VERSION] });
    let others = edges.iter().map(|(of, on)| json!({ "ref": of, "dependsOn": on }));
    let dependencies: Vec<_> = std::iter::once(root).chain(others).collect();
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": { "type": "application", "bom-ref": function, "name": function, "version": VERSION },
        },
        "components": components,
        "dependencies": dependencies,
    })
}

fn wrong(why: &str) -> Failed {
    Failed::Wrong { what: "sbom", why: why.to_owned() }
}

/// That of all of the workspace.
const VERSION: &str = env!("CARGO_PKG_VERSION");

#[cfg(test)]
mod tests {
    use super::*;

    /// As cargo prints it: what was shown before is marked, and not unfolded again.
    const TREE: &str = "\
0|lambda-shell v0.1.0 (/somewhere/lambda-shell)|Apache-2.0|
1|authz-core v0.1.0 (/somewhere/authz-core)|Apache-2.0|
2|serde v1.0.229|MIT OR Apache-2.0|
1|fnv v1.0.7|Apache-2.0 / MIT|
1|serde v1.0.229|MIT OR Apache-2.0| (*)
";
    const LOCK: &str = "\
version = 4
[[package]]
name = \"serde\"
version = \"1.0.229\"
checksum = \"c0ffee\"
[[package]]
name = \"lambda-shell\"
version = \"0.1.0\"
";

    fn listed() -> Value {
        let (crates, edges) = parse(TREE).unwrap();
        document("authorizer", &crates, &edges, &checksums(LOCK).unwrap())
    }

    #[test]
    fn a_crate_is_listed_once_with_what_is_known_of_it() {
        let listed = listed();
        let names: Vec<_> = listed["components"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
        assert_eq!(names, ["authz-core", "fnv", "lambda-shell", "serde"]);
        let serde = json!({
            "type": "library",
            "bom-ref": "serde@1.0.229",
            "name": "serde",
            "version": "1.0.229",
            "licenses": [{ "expression": "MIT OR Apache-2.0" }],
            "purl": "pkg:cargo/serde@1.0.229",
            "hashes": [{ "alg": "SHA-256", "content": "c0ffee" }],
        });
        assert_eq!(listed["components"][3], serde);
        assert_eq!(listed["components"][1]["licenses"][0]["expression"], "Apache-2.0 OR MIT");
    }

    #[test]
    fn who_needs_whom_is_told() {
        let needs = json!([
            { "ref": "authorizer", "dependsOn": [format!("lambda-shell@{VERSION}")] },
            { "ref": "authz-core@0.1.0", "dependsOn": ["serde@1.0.229"] },
            { "ref": "lambda-shell@0.1.0", "dependsOn": ["authz-core@0.1.0", "fnv@1.0.7", "serde@1.0.229"] },
        ]);
        assert_eq!(listed()["dependencies"], needs);
    }

    #[test]
    fn another_form_of_the_tree_is_noticed() {
        assert_eq!(parse("lambda-shell v0.1.0"), None);
    }
}
