//! The page's modules as one script: a browser has one file to fetch, not one after the other.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::page::{File, text, wrong};
use crate::step::Failed;

/// Joins the modules that `main.js` needs: each becomes a function that returns what it exports. Lines that only comment
/// are left out, since browsers download them too.
pub(super) fn joined(modules: &[File]) -> Result<File, Failed> {
    let mut script = String::new();
    join(modules, "main.js", &mut BTreeSet::new(), &mut script)?;
    Ok(File { name: "simulator.js".to_owned(), bytes: script.into_bytes() })
}

/// Writes a module after those that it imports.
fn join(modules: &[File], name: &str, seen: &mut BTreeSet<String>, script: &mut String) -> Result<(), Failed> {
    if !seen.insert(name.to_owned()) {
        return Ok(());
    }
    let (mut body, mut exports) = (String::new(), Vec::new());
    for line in text(modules, name)?.lines().filter(|line| !is_comment(line)) {
        if line.starts_with("import ") {
            let (names, from) = import(line).ok_or_else(|| wrong(line))?;
            join(modules, from, seen, script)?;
            let _ = writeln!(body, "const {names} = {};", variable(from));
        } else if let Some(names) = line.strip_prefix("export {") {
            let names = names.trim_end_matches(['}', ';', ' ']).split(',').map(str::trim);
            exports.extend(names.filter(|name| !name.contains(" as ")).map(str::to_owned));
        } else if let Some(declared) = line.strip_prefix("export ") {
            exports.push(declared_name(declared).ok_or_else(|| wrong(line))?.to_owned());
            let _ = writeln!(body, "{declared}");
        } else {
            let _ = writeln!(body, "{line}");
        }
    }
    let exports = exports.join(", ");
    let _ = writeln!(script, "const {} = (() => {{\n{body}return {{ {exports} }};\n}})();", variable(name));
    Ok(())
}

fn is_comment(line: &str) -> bool {
    ["//", "/**", "* ", "*/"].iter().any(|mark| line.trim_start().starts_with(mark))
}

/// Reads `import { a, b } from "./x.js";`, the only form that the page's modules have.
fn import(line: &str) -> Option<(&str, &str)> {
    let (names, from) = line.strip_prefix("import ")?.split_once(" from ")?;
    Some((names, from.trim_end_matches(';').trim_matches('"').strip_prefix("./")?))
}

fn declared_name(declared: &str) -> Option<&str> {
    let kinds = ["async function ", "function ", "const "];
    let rest = kinds.iter().find_map(|kind| declared.strip_prefix(kind))?;
    rest.split(['(', ' ', '=']).next()
}

fn variable(file: &str) -> String {
    format!("module_{}", file.replace(".js", ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> File {
        File { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    #[test]
    fn modules_become_functions_in_the_order_they_need_each_other() {
        let modules = [
            file("main.js", "import { b } from \"./b.js\";\nb();\n"),
            file("b.js", "// Why.\nimport { a } from \"./a.js\";\n/**\n * How.\n */\nexport function b() { a(); }\n"),
            file("a.js", "export const a = () => 1;\nfunction init() {}\nexport { init, a as default };\n"),
        ];
        let expected = "const module_a = (() => {\nconst a = () => 1;\nfunction init() {}\nreturn { a, init };\n})();\n\
                        const module_b = (() => {\nconst { a } = module_a;\nfunction b() { a(); }\nreturn { b };\n})();\n\
                        const module_main = (() => {\nconst { b } = module_b;\nb();\nreturn {  };\n})();\n";
        assert_eq!(String::from_utf8(joined(&modules).unwrap().bytes).unwrap(), expected);
    }

    #[test]
    fn an_import_of_another_form_is_refused() {
        let modules = [file("main.js", "import * as b from \"b\";\n")];
        assert!(joined(&modules).is_err());
    }
}
