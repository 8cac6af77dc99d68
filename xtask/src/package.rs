//! `cargo xtask package`

mod archive;
mod elf;
mod sbom;

use std::env;
use std::fmt;
use std::fs;
use std::path::PathBuf;

use clap::ValueEnum;
use object::elf::{EM_AARCH64, EM_X86_64};

use crate::step::{Failed, target};
use crate::tools;
use elf::{Glibc, Needs};

/// A processor that Lambda offers.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Arch {
    #[value(name = "x86_64")]
    X86_64,
    Arm64,
}

impl Arch {
    /// Returns this machine's processor.
    pub(crate) fn here() -> Self {
        if cfg!(target_arch = "aarch64") { Self::Arm64 } else { Self::X86_64 }
    }

    fn target(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Arm64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// How ELF numbers it.
    fn machine(self) -> u16 {
        match self {
            Self::X86_64 => EM_X86_64,
            Self::Arm64 => EM_AARCH64,
        }
    }
}

impl fmt::Display for Arch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        })
    }
}

/// Builds both functions for these processors and writes `target/package/{arch}/{function}.zip`, each with its binary as
/// `bootstrap` and the list of what is in that, `sbom.cdx.json`.
///
/// The same sources and the same compiler give the same bytes, whoever builds them where. Fails if `provided.al2023`
/// could not run a binary, or if a zip got too large.
pub(crate) fn run(architectures: &[Arch]) -> Result<(), Failed> {
    tools::bring_packager()?;
    let mut packages = Vec::new();
    for arch in architectures {
        build(*arch)?;
        for function in FUNCTIONS {
            packages.push(Package::of(*arch, function)?);
        }
    }
    println!("{:<15}{:<8}{:>9}{:>9}{:>8}  glibc", "function", "arch", "binary", "zip", "crates");
    for package in &packages {
        println!("{package}");
    }
    for package in &packages {
        package.check().map_err(|why| Failed::Wrong { what: "package", why: format!("{} {why}", package.function) })?;
        package.write()?;
    }
    Ok(())
}

fn build(arch: Arch) -> Result<(), Failed> {
    tools::bring_target(arch.target())?;
    let target = format!("{}.{}", arch.target(), Glibc::of_lambda());
    let arguments = ["zigbuild", "--release", "--package", "lambda-shell", "--bins", "--target", &target];
    // A panic names the file that it comes from, which would be in the home directory of whoever builds it.
    let elsewhere = format!("--remap-path-prefix={}=/cargo", cargo_home().display());
    tools::zigbuild("release build", &arguments).with("CARGO_ENCODED_RUSTFLAGS", &elsewhere).run()
}

/// Where cargo keeps the sources of crates.
fn cargo_home() -> PathBuf {
    let by_default = || env::home_dir().unwrap_or_default().join(".cargo");
    env::var_os("CARGO_HOME").map_or_else(by_default, PathBuf::from)
}

/// A function, as Lambda takes it.
struct Package {
    function: &'static str,
    arch: Arch,
    needs: Needs,
    binary_bytes: usize,
    /// How many are compiled in.
    crates: usize,
    archive: Vec<u8>,
}

impl Package {
    fn of(arch: Arch, function: &'static str) -> Result<Self, Failed> {
        let built = target().join(arch.target()).join("release").join(function);
        let binary = fs::read(&built).map_err(|error| Failed::file(&built, error))?;
        let needs = Needs::of(&binary).map_err(|why| Failed::Wrong { what: function, why })?;
        let sbom = sbom::of(function, arch.target())?;
        let archive = archive::of(&[
            archive::File { name: "bootstrap", content: &binary, mode: 0o755 },
            archive::File { name: "sbom.cdx.json", content: sbom.text.as_bytes(), mode: 0o644 },
        ])?;
        Ok(Self { function, arch, needs, binary_bytes: binary.len(), crates: sbom.crates, archive })
    }

    fn check(&self) -> Result<(), String> {
        let (needed, offered, bytes) = (&self.needs.glibc, Glibc::of_lambda(), self.archive.len());
        if self.needs.machine != self.arch.machine() {
            return Err(format!("is for another processor than {}", self.arch));
        }
        if *needed > offered {
            return Err(format!("needs glibc {needed}, and Lambda has {offered}"));
        }
        if bytes > MOST_BYTES {
            return Err(format!("has a zip of {bytes} bytes, and {MOST_BYTES} are the most"));
        }
        Ok(())
    }

    fn write(&self) -> Result<(), Failed> {
        let directory = target().join("package").join(self.arch.to_string());
        fs::create_dir_all(&directory).map_err(|error| Failed::file(&directory, error))?;
        let path = directory.join(format!("{}.zip", self.function));
        fs::write(&path, &self.archive).map_err(|error| Failed::file(&path, error))
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { function, arch, needs, binary_bytes, crates, archive } = self;
        write!(f, "{function:<15}{arch:<8}{binary_bytes:>9}{:>9}{crates:>8}  {}", archive.len(), needs.glibc)
    }
}

/// The functions, each a binary of the same name.
const FUNCTIONS: [&str; 2] = ["authorizer", "authrep-async"];
/// Lambda fetches and unpacks it before each cold start.
const MOST_BYTES: usize = 2_800_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn package() -> Package {
        let needs = Needs { machine: EM_X86_64, glibc: Glibc::of_lambda() };
        Package { function: "authorizer", arch: Arch::X86_64, needs, binary_bytes: 1, crates: 1, archive: vec![0; 1] }
    }

    #[test]
    fn a_package_that_lambda_could_not_run_is_refused() {
        assert_eq!(package().check(), Ok(()));
        let for_another = Package { arch: Arch::Arm64, ..package() };
        assert_eq!(for_another.check().unwrap_err(), "is for another processor than arm64");
        let too_new = Needs { glibc: Glibc::parse("2.35").unwrap(), ..package().needs };
        let too_new = Package { needs: too_new, ..package() };
        assert_eq!(too_new.check().unwrap_err(), "needs glibc 2.35, and Lambda has 2.34");
    }

    #[test]
    fn a_package_that_is_too_large_is_refused() {
        let large = |bytes| Package { archive: vec![0; bytes], ..package() };
        assert_eq!(large(MOST_BYTES).check(), Ok(()));
        assert!(large(MOST_BYTES + 1).check().unwrap_err().contains("2800001 bytes"));
    }
}
