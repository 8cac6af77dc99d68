//! `cargo xtask bench`

use std::fs;

use clap::ValueEnum;

use crate::step::{Failed, Step, root};

/// What can be measured.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Benchmark {
    /// Time and allocations of the code that decides, without any I/O.
    Core,
    /// Time, processor, memory and size of the authorizer, as Lambda runs it.
    Functions,
    /// Messages, invocations and requests to 3scale that cached calls cost, in virtual time.
    Reporting,
}

/// Measures, and prints tables; `writes` puts them into their page of `docs` too.
pub(crate) fn run(benchmark: Benchmark, writes: bool) -> Result<(), Failed> {
    let tables = match benchmark {
        Benchmark::Core => core()?,
        Benchmark::Functions => functions(writes)?,
        Benchmark::Reporting => in_short("what reporting costs", &["--bench", "reporting"])?,
    };
    print!("{tables}");
    if writes { write(benchmark, &tables) } else { Ok(()) }
}

/// Built as carefully as what is deployed.
fn core() -> Result<String, Failed> {
    Step::cargo("what the core costs", &["bench", "--package", "authz-core", "--bench", "core"]).printed()
}

/// The functions are built as they are deployed; what stands around them is not what is measured.
fn functions(draws: bool) -> Result<String, Failed> {
    let packages = ["--package", "lambda-shell", "--package", "floor"];
    Step::cargo("release build", &[&["build", "--release", "--bins"], packages.as_slice()].concat()).run()?;
    let plot = root().join("docs/diagrams/calls.svg").display().to_string();
    let mut arguments = vec!["--bench", "functions"];
    if draws {
        arguments.extend(["--", "--plot", &plot]);
    }
    in_short("what functions cost", &arguments)
}

/// Built soon rather than well.
fn in_short(what: &'static str, benchmark: &[&str]) -> Result<String, Failed> {
    Step::cargo(what, &[&["bench", "--package", "e2e"], benchmark].concat())
        .with("CARGO_PROFILE_BENCH_CODEGEN_UNITS", "16")
        .with("CARGO_PROFILE_BENCH_LTO", "off")
        .printed()
}

/// Puts tables into their page, between their marks.
fn write(benchmark: Benchmark, tables: &str) -> Result<(), Failed> {
    let (page, name) = match benchmark {
        Benchmark::Core => ("docs/performance.md", "core"),
        Benchmark::Functions => ("docs/performance.md", "functions"),
        Benchmark::Reporting => ("docs/cost.md", "reporting"),
    };
    let path = root().join(page);
    let text = fs::read_to_string(&path).map_err(|error| Failed::file(&path, error))?;
    let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
    let between = text.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let Some((before, after)) = between else {
        return Err(Failed::Wrong {
            what: page,
            why: format!("the marks `<!-- {name}: begin -->` and `{end}` are missing"),
        });
    };
    fs::write(&path, format!("{before}{begin}{tables}{end}{after}")).map_err(|error| Failed::file(&path, error))
}
