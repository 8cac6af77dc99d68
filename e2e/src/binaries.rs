//! Programs of the workspace.

use std::env;
use std::env::consts::EXE_SUFFIX;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Returns where a function's program is, `authorizer` or `authrep-async`. The first caller of a process builds both,
/// in the profile that the tests were built in.
///
/// # Panics
///
/// If they don't build.
pub fn binary(name: &str) -> PathBuf {
    static BUILT: LazyLock<PathBuf> = LazyLock::new(|| built("lambda-shell"));
    BUILT.join(format!("{name}{EXE_SUFFIX}"))
}

/// Returns where the zip of a function is, as it is deployed on machines like this one.
///
/// # Panics
///
/// If it was not built.
pub fn packaged(name: &str) -> PathBuf {
    let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let target_directory = profile_directory().parent().expect("a profile has a target directory around it").to_owned();
    let package = target_directory.join("package").join(arch).join(format!("{name}.zip"));
    assert!(package.exists(), "{} is missing: `cargo xtask package` builds it", package.display());
    package
}

/// Returns where a function of the benchmarks' floor is, `noop` or `one-request`, and builds both likewise.
///
/// # Panics
///
/// If they don't build.
pub fn floor(name: &str) -> PathBuf {
    static BUILT: LazyLock<PathBuf> = LazyLock::new(|| built("floor"));
    BUILT.join(format!("{name}{EXE_SUFFIX}"))
}

/// Returns where the program of the local gateway is, and builds it likewise.
///
/// # Panics
///
/// If it does not build.
pub fn local_gateway() -> PathBuf {
    static BUILT: LazyLock<PathBuf> = LazyLock::new(|| built("local-gateway"));
    BUILT.join(format!("local-gateway{EXE_SUFFIX}"))
}

/// Builds the programs of a package, and returns where they are.
fn built(package: &str) -> PathBuf {
    let profile_directory = profile_directory();
    build(package, &profile_directory);
    profile_directory
}

/// Tests lie in `TARGET/PROFILE/deps`, programs in `TARGET/PROFILE`.
fn profile_directory() -> PathBuf {
    let test = env::current_exe().expect("a test knows where it is");
    test.ancestors().nth(2).expect("cargo puts tests into directories of its own").to_owned()
}

fn build(package: &str, profile_directory: &Path) {
    let profile = match profile_directory.file_name().and_then(OsStr::to_str) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let target_directory = profile_directory.parent().expect("a profile has a target directory around it");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--package", package, "--bins", "--profile", profile, "--target-dir"]);
    cargo.arg(target_directory).current_dir(env!("CARGO_MANIFEST_DIR"));
    for (name, _) in env::vars_os().filter(|(name, _)| is_about_this_package(name)) {
        cargo.env_remove(name);
    }
    let status = cargo.status().expect("the cargo that built this test can be run");
    assert!(status.success(), "the programs of {package} don't build: {status}");
}

/// Build scripts that look at such a variable would run again whenever tests and plain builds take turns.
fn is_about_this_package(variable: &OsStr) -> bool {
    let variable = variable.to_string_lossy();
    ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| variable.starts_with(prefix))
}
