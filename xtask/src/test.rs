//! `cargo xtask test`

use crate::step::{Failed, Step};

/// Checks everything, cheapest first, and stops at the first failure.
pub(crate) fn run() -> Result<(), Failed> {
    Step::cargo("format", &["fmt", "--all", "--check"]).run()?;
    Step::cargo("lints", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]).run()?;
    Step::cargo("documentation", &["doc", "--workspace", "--no-deps", "--quiet"])
        .with("RUSTDOCFLAGS", "-D warnings")
        .run()?;
    Step::cargo("tests", &["test", "--workspace"]).run()
}
