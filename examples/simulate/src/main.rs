//! `cargo run -q -p simulate -- FILE`: what happens in a scenario, step by step.

mod report;

use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use serde_json::Value;

/// Simulates a scenario: settings, an API, and what happens when.
///
/// Exit codes: 0 everything went as the scenario expects; 1 something did not; 2 it is no scenario; 3 it can't be read.
#[derive(Parser)]
struct Arguments {
    /// The scenario; standard input without it.
    file: Option<PathBuf>,
    /// Prints the raw result.
    #[arg(long)]
    json: bool,
    /// Prints the JSON Schema of scenarios, and simulates nothing.
    #[arg(long)]
    schema: bool,
}

fn main() -> ExitCode {
    let Arguments { file, json, schema } = Arguments::parse();
    if schema {
        print!("{}", wasm::schema());
        return ExitCode::SUCCESS;
    }
    let scenario = match read(file.as_ref()) {
        Ok(scenario) => scenario,
        Err(error) => {
            let name = file.map_or_else(|| "standard input".to_owned(), |file| file.display().to_string());
            eprintln!("{name} can't be read: {error}");
            return ExitCode::from(3);
        }
    };
    let result = wasm::evaluate(&scenario);
    // The simulator writes JSON, whatever it reads.
    let read: Value = serde_json::from_str(&result).unwrap_or_default();
    if json {
        println!("{result}");
    } else {
        print!("{}", report::of(&read));
    }
    ExitCode::from(report::exit_code(&read))
}

fn read(file: Option<&PathBuf>) -> std::io::Result<String> {
    if let Some(file) = file {
        return fs::read_to_string(file);
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(text)
}
