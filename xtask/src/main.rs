//! The project's automation that needs more than one line: `cargo xtask test`, `package`, `bench`, `wasm`, `docs`.

mod bench;
mod docs;
mod files;
mod package;
mod step;
mod test;
mod tools;
mod wasm;

use std::process::ExitCode;
use std::slice;

use clap::{Parser, ValueEnum as _};

use package::Arch;

/// Automation of the project.
#[derive(Parser)]
#[command(name = "cargo xtask")]
enum Task {
    /// Checks everything: format, lints, documentation and all tests. Installs what is missing, skips nothing.
    Test,
    /// Builds both Lambda functions, zips them with a list of what is in them, and tells their sizes.
    Package {
        /// Only for this processor.
        #[arg(long)]
        arch: Option<Arch>,
    },
    /// Measures something, and prints tables in Markdown.
    Bench {
        what: bench::Benchmark,
        /// Puts the tables into their page of the documentation.
        #[arg(long)]
        write: bool,
    },
    /// Builds the page of the policy simulator, and tells what a browser has to download.
    Wasm,
    /// Builds the book, with the simulator in it, and follows its links.
    Docs,
}

fn main() -> ExitCode {
    let done = match Task::parse() {
        Task::Test => test::run(),
        Task::Package { arch } => package::run(arch.as_ref().map_or(Arch::value_variants(), slice::from_ref)),
        Task::Bench { what, write } => bench::run(what, write),
        Task::Wasm => wasm::run(),
        Task::Docs => docs::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("xtask: {failed}");
            ExitCode::FAILURE
        }
    }
}
