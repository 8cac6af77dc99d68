//! Folders, listed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::step::Failed;

/// Lists what is in a folder, in the order of the names.
pub(crate) fn listed(folder: &Path) -> Result<Vec<PathBuf>, Failed> {
    let entries = fs::read_dir(folder).map_err(|error| Failed::file(folder, error))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<_> = paths.collect::<Result<_, _>>().map_err(|error| Failed::file(folder, error))?;
    paths.sort();
    Ok(paths)
}
