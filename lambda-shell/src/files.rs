//! Variables whose text is in a file: Lambda takes only 4 KB of variables.

use std::collections::BTreeMap;

use authz_core::settings::{Problem, SettingsError};

/// The variables that may refer to a file.
const VARIABLES: [&str; 2] = ["SERVICES_MAP", "MAPPING_RULES"];

/// Puts a file's text in the place of `file:PATH`, and says of every file that can't be read why.
///
/// The path is relative to where the process runs, which in Lambda is the unpacked package. Only `SERVICES_MAP` and
/// `MAPPING_RULES` may refer.
pub fn read_files(variables: &mut BTreeMap<String, String>) -> Result<(), SettingsError> {
    let mut problems = Vec::new();
    for variable in VARIABLES {
        let Some(text) = variables.get_mut(variable) else { continue };
        let Some(path) = text.strip_prefix("file:") else { continue };
        match std::fs::read_to_string(path) {
            Ok(read) => *text = read,
            Err(error) => {
                let message = format!(
                    "refers to the file `{path}`, which can't be read ({error}): put it into the function's package"
                );
                problems.push(Problem { variable, message });
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(SettingsError { problems }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_text_takes_the_place_of_its_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "[]").unwrap();
        let reference = format!("file:{}", file.path().display());
        let mut variables = BTreeMap::from([("MAPPING_RULES".to_owned(), reference.clone())]);
        variables.insert("FAIL_MODE".to_owned(), reference.clone());
        read_files(&mut variables).unwrap();
        assert_eq!((variables["MAPPING_RULES"].as_str(), &variables["FAIL_MODE"]), ("[]", &reference));
    }

    #[test]
    fn every_file_that_is_missing_is_told() {
        let mut variables: BTreeMap<_, _> = VARIABLES.map(|name| (name.to_owned(), "file:/nowhere".to_owned())).into();
        let error = read_files(&mut variables).unwrap_err().to_string();
        assert!(error.contains("SERVICES_MAP refers to the file `/nowhere`, which can't be read"), "{error}");
        assert!(error.contains("MAPPING_RULES refers to the file"), "{error}");
    }
}
