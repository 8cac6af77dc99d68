//! `cargo xtask bench`

use clap::ValueEnum;

use crate::step::{Failed, Step};

/// What can be measured.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Benchmark {
    /// Messages, invocations and requests to 3scale that cached calls cost, in virtual time.
    Reporting,
}

/// Measures, and prints a table; `writes` puts it into its page of `docs` too.
pub(crate) fn run(benchmark: Benchmark, writes: bool) -> Result<(), Failed> {
    match benchmark {
        Benchmark::Reporting => reporting(writes),
    }
}

/// It counts and does not time, so it need not be built as carefully as what is deployed.
fn reporting(writes: bool) -> Result<(), Failed> {
    let mut arguments = vec!["bench", "--package", "e2e", "--bench", "reporting"];
    if writes {
        arguments.extend(["--", "--write"]);
    }
    Step::cargo("what reporting costs", &arguments)
        .with("CARGO_PROFILE_BENCH_CODEGEN_UNITS", "16")
        .with("CARGO_PROFILE_BENCH_LTO", "off")
        .run()
}
