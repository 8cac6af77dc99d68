//! `config-gen`: renders what each deployment tool reads for a stage.

use std::io::{stderr, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    config_gen::run(std::env::args_os(), &mut stdout().lock(), &mut stderr().lock()).into()
}
