//! Makes a module that browsers load of a built WebAssembly module: `cargo xtask wasm` runs it.
//!
//! It is a program of its own because its library takes minutes to compile, and no other task needs it.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use wasm_bindgen_cli_support::Bindgen;

/// Writes a module's bindings, and the module without what only they needed.
///
/// A module that imports anything but the bindings' own is refused: it would ask the browser for more than texts.
#[derive(Parser)]
struct Arguments {
    /// The module as cargo built it.
    module: PathBuf,
    /// Where to write `glue.js` and `glue_bg.wasm`.
    directory: PathBuf,
}

fn main() -> ExitCode {
    match glue(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn glue(Arguments { module, directory }: &Arguments) -> Result<(), Box<dyn Error>> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name("glue").typescript(false);
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.omit_default_module_path(true).reset_state_function(true);
    let mut output = bindgen.web(true)?.generate_output()?;
    for import in output.wasm().imports.iter() {
        if import.name != OWN_IMPORT {
            return Err(format!("the module imports `{}` of `{}`", import.name, import.module).into());
        }
    }
    output.emit(directory)?;
    Ok(())
}

/// What the bindings need to begin.
const OWN_IMPORT: &str = "__wbindgen_init_externref_table";
