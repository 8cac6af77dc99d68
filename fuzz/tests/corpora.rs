//! Everything that was found still holds.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fuzz::{TARGETS, Target};

/// Together they are read at every `cargo test`, and by everybody who gets the sources.
const MOST_BYTES: usize = 512 * 1024;

const MOST_INPUTS: usize = 100;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn inputs(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder().join(target.name)).expect("every target has a corpus");
    let paths = entries.map(|entry| entry.expect("a folder can be read").path());
    let mut inputs: Vec<_> = paths.map(|path| (path.clone(), fs::read(path).expect("an input can be read"))).collect();
    inputs.sort();
    inputs
}

fn is_understood(target: &Target, (path, input): &(PathBuf, Vec<u8>)) -> bool {
    // Shown if the check fails.
    println!("{}", path.display());
    (target.check)(input)
}

#[test]
fn every_input_holds_and_each_corpus_has_some_that_are_understood_and_some_that_are_not() {
    for target in TARGETS {
        let understood: BTreeSet<_> = inputs(&target).iter().map(|input| is_understood(&target, input)).collect();
        assert_eq!(understood, BTreeSet::from([false, true]), "{}", target.name);
    }
}

#[test]
fn every_corpus_is_small_and_has_a_target() {
    let entries = fs::read_dir(folder()).expect("the corpora are there");
    let folders: BTreeSet<_> = entries.map(|entry| entry.expect("a folder can be read").file_name()).collect();
    assert_eq!(folders, TARGETS.iter().map(|target| target.name.into()).collect());
    let corpora = TARGETS.map(|target| inputs(&target));
    assert!(corpora.iter().all(|inputs| inputs.len() <= MOST_INPUTS));
    assert!(corpora.iter().flatten().map(|(_, input)| input.len()).sum::<usize>() <= MOST_BYTES);
}
