//! The simulator's page has words for every code that the functions use.

use authz_core::verdict::{CacheState, Reason};

#[test]
fn every_reason_and_every_cache_state_has_words() {
    let words = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/simulator/words.js"))
        .expect("the page is there");
    let codes = Reason::ALL.iter().map(|reason| reason.code()).chain(CacheState::ALL.iter().map(|state| state.code()));
    let missing: Vec<_> = codes.filter(|code| !words.contains(&format!("\n  {code}: \""))).collect();
    assert_eq!(missing, [""; 0]);
}
