//! Which types may hold a secret, read from the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The public types that hold a secret, such as `authorize::LookUp`: those with a `Debug` form of their own, which
/// hides something, and those with a field, public or not, of a type that does.
pub(crate) fn that_may_hold_a_secret() -> BTreeSet<String> {
    let types: Vec<_> = sources().iter().flat_map(|(path, text)| types(path, text)).collect();
    let mut holds: BTreeSet<usize> = (0..types.len()).filter(|index| types[*index].hides_something).collect();
    loop {
        let holders = (0..types.len()).filter(|index| {
            types[*index]
                .fields
                .iter()
                .any(|name| named(&types, &types[*index], name).is_some_and(|field| holds.contains(&field)))
        });
        let all: BTreeSet<_> = holders.chain(holds.iter().copied()).collect();
        if all == holds {
            return holds
                .into_iter()
                .map(|index| &types[index])
                .filter(|kind| kind.is_public)
                .map(Type::path)
                .collect();
        }
        holds = all;
    }
}

struct Type {
    /// From the folder of the crates.
    file: PathBuf,
    name: String,
    is_public: bool,
    hides_something: bool,
    /// The names of types in its fields.
    fields: BTreeSet<String>,
}

impl Type {
    fn path(&self) -> String {
        format!("{}::{}", self.file.file_stem().unwrap().display(), self.name)
    }
}

fn sources() -> BTreeMap<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let (mut folders, mut sources) =
        (["authz-core/src", "lambda-shell/src"].map(PathBuf::from).to_vec(), BTreeMap::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder)).unwrap() {
            let path = folder.join(entry.unwrap().file_name());
            if root.join(&path).is_dir() {
                folders.push(path);
            } else if path.file_stem().is_some_and(|stem| stem != "tests") {
                let text = fs::read_to_string(root.join(&path)).unwrap();
                sources.insert(path, text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned());
            }
        }
    }
    sources
}

/// The types of a file. It was written by rustfmt, so what begins in a column ends in it.
fn types(file: &Path, text: &str) -> Vec<Type> {
    let lines: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with(['/', '#'])).collect();
    let mut types = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let declared = line.trim_start();
        let indent = &line[..line.len() - declared.len()];
        let mut words = declared.split([' ', '(', '<', ';']).filter(|word| !word.is_empty());
        let is_public = declared.starts_with("pub ");
        let Some("struct" | "enum") = words.find(|word| !matches!(*word, "pub" | "crate)" | "super)")) else {
            continue;
        };
        let Some(name) = words.next().filter(|name| name.starts_with(char::is_uppercase)) else { continue };
        let ends = |line: &&&str| line.starts_with(&format!("{indent}}}")) || line.starts_with(&format!("{indent})"));
        let is_whole = line.ends_with([';', '}']);
        let body = lines[number + 1..].iter().take_while(|line| !is_whole && !ends(line));
        let fields = std::iter::once(line).chain(body).flat_map(|line| field_types(line)).collect();
        let hides_something = text.contains(&format!("Debug for {name} "))
            || text.contains(&format!("Debug for {name}<"))
            || redacted(text).any(|redacted| redacted == name);
        types.push(Type { file: file.to_owned(), name: name.to_owned(), is_public, hides_something, fields });
    }
    types
}

/// The types that the macro of `credential.rs` gives a `Debug` form.
fn redacted(text: &str) -> impl Iterator<Item = &str> {
    let list = text.split("\nredacted!(").nth(1).and_then(|list| list.split(");").next());
    list.into_iter().flat_map(|list| list.split(", "))
}

/// Types stand behind the name of a field or variant.
fn field_types(line: &str) -> impl Iterator<Item = String> {
    let behind = line.split_once(": ").or_else(|| line.split_once('(')).map_or("", |(_, types)| types);
    let words = behind.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with(char::is_uppercase)).map(str::to_owned)
}

/// The type that a field of another names: several have one name, and the nearest is meant.
fn named(types: &[Type], holder: &Type, name: &str) -> Option<usize> {
    let distance = |other: &Type| {
        let below = holder.file.with_extension("");
        let module = holder.file.parent().unwrap();
        let is_of_crate = other.file.iter().next() == holder.file.iter().next();
        match &other.file {
            file if *file == holder.file => 0,
            file if file.starts_with(below) => 1,
            file if file.starts_with(module) => 2,
            _ if is_of_crate => 3,
            _ => 4,
        }
    };
    let others = types.iter().enumerate().filter(|(_, other)| other.name == name);
    others.min_by_key(|(_, other)| distance(other)).map(|(index, _)| index)
}
