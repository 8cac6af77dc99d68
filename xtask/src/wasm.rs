//! `cargo xtask wasm`

mod page;
mod script;
mod single_file;

use std::fs;
use std::path::{Path, PathBuf};

use crate::step::{Failed, Step, root, target};
use crate::tools;
use page::{File, compressed};

/// Builds the simulator's page into `target/simulator`, ready for any web server, and once more as one file that needs
/// none: `simulator.html`.
///
/// `wasm-opt` has no part in it: its `-Oz` leaves 9 % fewer bytes, and compressed, as they are sent, 8 % more.
pub(crate) fn run() -> Result<(), Failed> {
    tools::bring_target(TARGET)?;
    Step::cargo("engine", &["build", "--package", "wasm", "--profile", "wasm", "--target", TARGET]).run()?;
    let (engine, bindings) = (target().join(TARGET).join("wasm/wasm.wasm"), target().join("simulator-engine"));
    let [from, to] = [engine.display().to_string(), bindings.display().to_string()];
    Step::cargo("bindings", &["run", "--quiet", "--package", "glue", "--", &from, &to]).run()?;
    let mut sources = page::sources()?;
    sources.push(page::file(&bindings.join("glue.js"))?);
    let files = [
        page::file(&root().join("docs/simulator/index.html"))?,
        page::style(&sources),
        script::joined(&sources)?,
        page::file(&bindings.join("glue_bg.wasm"))?,
    ];
    let single = single_file::of(&files)?;
    write(&files, &single)?;
    weigh(&files, &single)
}

fn write(files: &[File], single: &File) -> Result<(), Failed> {
    let directory = target().join("simulator");
    if directory.exists() {
        fs::remove_dir_all(&directory).map_err(|error| Failed::file(&directory, error))?;
    }
    fs::create_dir_all(&directory).map_err(|error| Failed::file(&directory, error))?;
    for File { name, bytes } in files.iter().chain([single]) {
        let path = directory.join(name);
        fs::write(&path, bytes).map_err(|error| Failed::file(&path, error))?;
    }
    Ok(())
}

/// Tells the sizes, and fails if the page got too heavy.
fn weigh(files: &[File], single: &File) -> Result<(), Failed> {
    println!("{:<20}{:>10}{:>10}", "bytes", "raw", "gzip");
    let mut page = (0, 0);
    for File { name, bytes } in files {
        let gzip = compressed(bytes).len();
        page = (page.0 + bytes.len(), page.1 + gzip);
        println!("{name:<20}{:>10}{gzip:>10}", bytes.len());
    }
    println!("{:<20}{:>10}{:>10}", "the whole page", page.0, page.1);
    println!("{:<20}{:>10}{:>10}", single.name, single.bytes.len(), compressed(&single.bytes).len());
    if page.1 > MOST_BYTES {
        let why = format!("{} bytes to download, and {MOST_BYTES} are the most", page.1);
        return Err(Failed::Wrong { what: "the simulator's page", why });
    }
    println!("\nserve {}", shown(&target().join("simulator")));
    Ok(())
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).map_or_else(|_| PathBuf::from(path), Path::to_owned).display().to_string()
}

const TARGET: &str = "wasm32-unknown-unknown";
/// A page on a telephone should be there at once.
const MOST_BYTES: usize = 250_000;
