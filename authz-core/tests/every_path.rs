//! Walks every path of both machines: at each question every distinct kind of answer, at every end the invariants.

#![expect(clippy::disallowed_macros, reason = "a walk says how far it went")]

#[path = "every_path/authorization.rs"]
mod authorization;
#[path = "every_path/authorization_ends.rs"]
mod authorization_ends;
#[path = "every_path/collection.rs"]
mod collection;
#[path = "every_path/collection_ends.rs"]
mod collection_ends;
#[path = "every_path/memories.rs"]
mod memories;
#[path = "every_path/replies.rs"]
mod replies;

use std::fmt::Debug;

use authz_core::settings::Settings;
use authz_core::time::UnixTime;

/// When the question comes; far enough from the epoch for everything that is a day old.
const ASKED: UnixTime = UnixTime::from_secs(1_784_543_415);

/// Stands in every secret and in every text of 3scale that may repeat one.
const CANARY: &str = "CANARY";

fn settings(more: &[(&str, &str)]) -> Settings {
    let least = [("THREESCALE_SERVICE_ID", "7"), ("THREESCALE_SERVICE_TOKEN", "CANARY-TOKEN")];
    let variables = least.iter().chain(more).map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Settings::read(&variables.collect()).expect("the settings are right")
}

fn show_no_secret(shown: &impl Debug) {
    let shown = format!("{shown:?}");
    assert!(!shown.contains(CANARY), "{shown}");
}

#[test]
fn every_authorization_ends_well() {
    let walked = authorization::walk_all();
    println!("{} paths of the authorization, {} different ends", walked.paths, walked.ends.len());
    authorization::assert_nothing_was_left_out(&walked);
}

#[test]
fn every_collection_ends_well() {
    let walked = collection::walk_all();
    println!("{} paths of the collection, {} different ends", walked.paths, walked.ends.len());
    collection::assert_nothing_was_left_out(&walked);
}
