//! The files of the simulator's page.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::files::listed;
use crate::step::{Failed, root};

/// A file of the page.
pub(super) struct File {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// Reads what is written by hand, in the order of the names.
pub(super) fn sources() -> Result<Vec<File>, Failed> {
    listed(&root().join("docs/simulator"))?.iter().map(|path| file(path)).collect()
}

/// Joins the styles, in the order of their names.
pub(super) fn style(sources: &[File]) -> File {
    let styles = sources.iter().filter(|file| Path::new(&file.name).extension().is_some_and(|kind| kind == "css"));
    File { name: "style.css".to_owned(), bytes: styles.flat_map(|file| file.bytes.clone()).collect() }
}

pub(super) fn file(path: &Path) -> Result<File, Failed> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(File { name, bytes: fs::read(path).map_err(|error| Failed::file(path, error))? })
}

/// Compresses as a web server does.
pub(super) fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

pub(super) fn text(files: &[File], name: &str) -> Result<String, Failed> {
    String::from_utf8(found(files, name)?.bytes.clone()).map_err(|_| wrong(name))
}

pub(super) fn found<'f>(files: &'f [File], name: &str) -> Result<&'f File, Failed> {
    files.iter().find(|file| file.name == name).ok_or_else(|| wrong(name))
}

/// Something that the build relies on.
pub(super) fn wrong(place: &str) -> Failed {
    Failed::Wrong { what: "the simulator's page", why: format!("`{place}` is not there, or has another form") }
}
