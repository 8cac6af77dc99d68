//! Every code that a caller, a backend or an operator may read has its place in `docs/reasons.md`.

use authz_core::verdict::{CacheState, Reason};

const PAGE: &str = include_str!("../../docs/reasons.md");

#[test]
fn every_reason_has_a_heading_and_every_heading_is_a_reason() {
    let mut documented: Vec<_> = PAGE.lines().filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`')).collect();
    let mut reasons: Vec<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    documented.sort_unstable();
    reasons.sort_unstable();
    assert_eq!(documented, reasons);
}

#[test]
fn every_cache_state_is_explained() {
    for state in CacheState::ALL {
        assert!(PAGE.contains(&format!("| `{}` |", state.code())), "{state}");
    }
}
