//! Files as they should be, and as they are.

use std::fs;
use std::path::{Path, PathBuf};

use similar::{ChangeTag, TextDiff};

use crate::failure::Failure;
use crate::mask;
use crate::render::File;

/// A file that is not as it should be.
#[derive(Debug)]
pub(crate) struct Drift {
    pub(crate) path: PathBuf,
    /// What would change, secrets masked.
    pub(crate) diff: String,
}

/// Writes each file whole or not at all, and returns those that were not yet so.
pub(crate) fn write(folder: &Path, files: &[File]) -> Result<Vec<PathBuf>, Failure> {
    let mut written = Vec::new();
    for File { path, text } in files {
        let path = folder.join(path);
        if read(&path)?.as_deref() != Some(text) {
            replace(&path, text).map_err(|error| Failure::file(&path, error))?;
            written.push(path);
        }
    }
    Ok(written)
}

/// Compares each file with what it should be.
pub(crate) fn drifts(folder: &Path, files: &[File]) -> Result<Vec<Drift>, Failure> {
    let mut drifts = Vec::new();
    for File { path, text } in files {
        let path = folder.join(path);
        let old = read(&path)?;
        if old.as_deref() != Some(text) {
            let diff = diff(&path, &old.unwrap_or_default(), text);
            drifts.push(Drift { path, diff });
        }
    }
    Ok(drifts)
}

/// Finds the files of a stage's folder that nothing renders any more.
pub(crate) fn orphans(folder: &Path, files: &[File]) -> Result<Vec<PathBuf>, Failure> {
    let mut orphans = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop().filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(&folder).map_err(|error| Failure::file(&folder, error))? {
            let path = entry.map_err(|error| Failure::file(&folder, error))?.path();
            if path.is_dir() { folders.push(path) } else { orphans.push(path) }
        }
    }
    orphans.retain(|orphan| !files.iter().any(|file| folder.join(&file.path) == *orphan));
    orphans.sort();
    Ok(orphans)
}

fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::file(path, error)),
    }
}

/// Nobody ever reads half a file: the new one takes the old one's name when it is whole.
pub(crate) fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    fs::write(&new, text)?;
    fs::rename(&new, path)
}

fn diff(path: &Path, old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let mut lines = vec![format!("--- {}", path.display()), format!("+++ {} (as it should be)", path.display())];
    for hunk in diff.unified_diff().iter_hunks() {
        lines.push(hunk.header().to_string());
        for change in hunk.iter_changes() {
            let line = change.value().trim_end_matches('\n');
            lines.push(match change.tag() {
                ChangeTag::Delete => format!("-{}", mask::line(line)),
                ChangeTag::Equal => format!(" {line}"),
                ChangeTag::Insert => format!("+{line}"),
            });
            if change.missing_newline() {
                lines.push("\\ no newline at the end".to_owned());
            }
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_shows_no_secret_that_somebody_wrote_into_a_file() {
        let old = "{\n  \"CREDENTIAL_SECRET\": \"CANARY\",\n  \"FAIL_MODE\": \"open\"\n}";
        let new = "{\n  \"CREDENTIAL_SECRET\": \"ssm:/a\",\n  \"FAIL_MODE\": \"closed\"\n}\n";
        let diff = diff(Path::new("f"), old, new);
        assert!(!diff.contains("CANARY"), "{diff}");
        for line in
            ["-  \"FAIL_MODE\": \"open\"", "+  \"FAIL_MODE\": \"closed\"", "+  \"CREDENTIAL_SECRET\": \"ssm:/a\","]
        {
            assert!(diff.contains(line), "{diff}");
        }
        assert!(diff.contains("no newline"), "{diff}");
    }
}
