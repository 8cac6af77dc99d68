//! What a binary asks of the machine that runs it.

use std::fmt;

use object::elf::FileHeader64;
use object::read::elf::{FileHeader as _, SectionHeader as _};
use object::{Endianness, Error};

/// What a machine must have.
#[derive(Debug)]
pub(crate) struct Needs {
    /// A number of ELF's.
    pub(crate) machine: u16,
    pub(crate) glibc: Glibc,
}

/// A version of glibc.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Glibc(Vec<u32>);

impl Needs {
    /// Reads the newest version of glibc that a symbol of the binary is bound to.
    pub(crate) fn of(binary: &[u8]) -> Result<Self, String> {
        let (machine, versions) = parse(binary).map_err(|error| error.to_string())?;
        let versions = versions.iter().filter_map(|name| name.strip_prefix("GLIBC_").map(Glibc::parse));
        let versions = versions.collect::<Result<Vec<_>, _>>()?;
        let glibc = versions.into_iter().max().ok_or("is bound to no version of glibc")?;
        Ok(Self { machine, glibc })
    }
}

impl Glibc {
    /// Returns the version that `provided.al2023` has.
    pub(crate) fn of_lambda() -> Self {
        Self(vec![2, 34])
    }

    /// Refuses names that are no version: only a newer glibc knows `GLIBC_ABI_DT_RELR`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let numbers = text.split('.').map(str::parse).collect::<Result<_, _>>();
        numbers.map(Self).map_err(|_| format!("needs `GLIBC_{text}`, which is no version"))
    }
}

impl fmt::Display for Glibc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<_> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}

/// Returns the machine, and the names of all versions that are needed of all libraries.
fn parse(binary: &[u8]) -> Result<(u16, Vec<String>), Error> {
    let header = FileHeader64::<Endianness>::parse(binary)?;
    let endian = header.endian()?;
    let sections = header.sections(endian, binary)?;
    let mut names = Vec::new();
    if let Some((mut libraries, strings)) = sections.gnu_verneed(endian, binary)? {
        let strings = sections.section(strings)?.strings(endian, binary)?.unwrap_or_default();
        while let Some((_, mut versions)) = libraries.next()? {
            while let Some(version) = versions.next()? {
                names.push(String::from_utf8_lossy(version.name(endian, strings)?).into_owned());
            }
        }
    }
    Ok((header.e_machine(endian), names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers_in_order() {
        let parse = |text| Glibc::parse(text).unwrap();
        assert!(parse("2.4") < parse("2.34") && parse("2.2.5") < parse("2.34") && parse("2.34") < parse("2.34.1"));
        assert_eq!(parse("2.34"), Glibc::of_lambda());
        assert_eq!(parse("2.2.5").to_string(), "2.2.5");
        assert!(Glibc::parse("ABI_DT_RELR").unwrap_err().contains("`GLIBC_ABI_DT_RELR`"));
    }

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn a_program_needs_the_glibc_that_it_was_linked_against_or_an_older_one() {
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let needs = Needs::of(&program).unwrap();
        assert_eq!(needs.machine, crate::package::Arch::here().machine());
        assert!(needs.glibc >= Glibc(vec![2, 2]), "{needs:?}");
    }

    #[test]
    fn what_is_no_program_is_refused() {
        assert!(Needs::of(b"#!/bin/sh").is_err());
    }
}
