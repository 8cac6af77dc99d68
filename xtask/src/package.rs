//! `cargo xtask package`

use std::fs::{self, File};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::step::{Failed, Step, target};

/// The functions, each a binary of the same name.
const FUNCTIONS: [&str; 2] = ["authorizer", "authrep-async"];

/// Builds both functions and writes `target/package/{function}.zip`, each with its binary as `bootstrap`.
///
/// The same sources give the same bytes: the time in the zip is always the same.
pub(crate) fn run() -> Result<(), Failed> {
    Step::cargo("release build", &["build", "--release", "--package", "lambda-shell", "--bins"]).run()?;
    let built = target().join("release");
    let packages = target().join("package");
    fs::create_dir_all(&packages).map_err(|error| Failed::file(&packages, error))?;
    for function in FUNCTIONS {
        let (binary, package) = (built.join(function), packages.join(format!("{function}.zip")));
        pack(&binary, &package)?;
        println!("{:<32}{:>8} bytes, zip {:>8} bytes", package.display(), size(&binary)?, size(&package)?);
    }
    Ok(())
}

fn pack(binary: &Path, package: &Path) -> Result<(), Failed> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    let mut zip = ZipWriter::new(File::create(package).map_err(|error| Failed::file(package, error))?);
    let mut program = File::open(binary).map_err(|error| Failed::file(binary, error))?;
    zip.start_file("bootstrap", options).map_err(|error| Failed::file(package, error.into()))?;
    std::io::copy(&mut program, &mut zip).map_err(|error| Failed::file(package, error))?;
    zip.finish().map_err(|error| Failed::file(package, error.into()))?;
    Ok(())
}

fn size(path: &Path) -> Result<u64, Failed> {
    fs::metadata(path).map(|facts| facts.len()).map_err(|error| Failed::file(path, error))
}
