//! How large the authorizer is, and how new a C library it wants.

use std::fs::{self, File};
use std::io::{Cursor, copy};
use std::path::Path;

use e2e::binary;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The sizes are in bytes.
pub(crate) struct Sizes {
    pub(crate) binary: u64,
    pub(crate) zip: u64,
    /// As in 2.`minor`; 0 if it wants no glibc.
    pub(crate) glibc_minor: u32,
}

pub(crate) fn measured() -> Sizes {
    let program = binary("authorizer");
    let bytes = fs::read(&program).expect("it was built");
    Sizes { binary: bytes.len() as u64, zip: zipped(&program), glibc_minor: glibc_minor(&bytes) }
}

/// As it is packaged.
fn zipped(program: &Path) -> u64 {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).compression_level(Some(9));
    zip.start_file("bootstrap", options).expect("memory takes it");
    copy(&mut File::open(program).expect("it was built"), &mut zip).expect("memory takes it");
    zip.finish().expect("memory takes it").into_inner().len() as u64
}

/// The newest version that any symbol is of.
fn glibc_minor(program: &[u8]) -> u32 {
    const NAME: &[u8] = b"GLIBC_2.";
    let versions = program.windows(NAME.len() + 2).filter(|window| window.starts_with(NAME));
    let minor = |window: &[u8]| {
        let digits = window[NAME.len()..].iter().take_while(|byte| byte.is_ascii_digit());
        digits.fold(0, |number, digit| 10 * number + u32::from(digit - b'0'))
    };
    versions.map(minor).max().unwrap_or_default()
}
