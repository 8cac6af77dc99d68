//! Zip archives whose bytes follow from their content.

use std::io::{Cursor, Error, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::step::Failed;

/// A file of an archive.
pub(crate) struct File<'a> {
    pub(crate) name: &'static str,
    pub(crate) content: &'a [u8],
    pub(crate) mode: u32,
}

/// Packs files; the time in the archive is always the same.
pub(crate) fn of(files: &[File]) -> Result<Vec<u8>, Failed> {
    packed(files).map_err(|error| Failed::Wrong { what: "archive", why: error.to_string() })
}

fn packed(files: &[File]) -> Result<Vec<u8>, Error> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for File { name, content, mode } in files {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(9))
            .last_modified_time(DateTime::default())
            .unix_permissions(*mode);
        archive.start_file(*name, options)?;
        archive.write_all(content)?;
    }
    Ok(archive.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_give_the_same_bytes() {
        let pack = || of(&[File { name: "bootstrap", content: b"program", mode: 0o755 }]).unwrap();
        assert_eq!(pack(), pack());
    }
}
