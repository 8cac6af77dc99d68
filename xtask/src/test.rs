//! `cargo xtask test`

use crate::package::{self, Arch};
use crate::step::{Failed, Step};
use crate::{docs, tools};

/// Checks everything, cheapest first, and stops at the first failure.
pub(crate) fn run() -> Result<(), Failed> {
    Step::cargo("format", &["fmt", "--all", "--check"]).run()?;
    Step::cargo("lints", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]).run()?;
    Step::cargo("documentation", &["doc", "--workspace", "--no-deps", "--quiet"])
        .with("RUSTDOCFLAGS", "-D warnings")
        .run()?;
    Step::cargo("tests", &["test", "--workspace", "--exclude", "e2e"]).run()?;
    tools::bring()?;
    tools::bring_packager()?;
    tools::judge_dependencies()?;
    Step::cargo("functions", &["build", "--package", "lambda-shell", "--bins"]).run()?;
    package::run(&[Arch::here()])?;
    Step::cargo("tests against real servers", &["test", "--package", "e2e"]).run()?;
    docs::run()?;
    tools::bring_browser()?;
    Step::cargo("simulator for this machine", &["build", "--package", "wasm", "--example", "evaluate_lines"]).run()?;
    tools::drive_browser()
}
