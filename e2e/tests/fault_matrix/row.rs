//! What came of a call under a fault, once the fault is over and all is told.

use crate::caller::{Caller, UNTOLD};
use crate::key::Key;
use crate::told::Told;

#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) key: Key,
    pub(crate) told: Told,
    /// What became of the uses.
    pub(crate) uses: &'static str,
}

impl Outcome {
    /// Compares the calls that passed with those that 3scale has counted.
    pub(crate) fn new(caller: &Caller, told: Told, counted: u64) -> Self {
        let Caller { key, allowed, .. } = *caller;
        let uses = match (allowed.checked_sub(counted), told.is_allowed()) {
            (Some(0), true) => "told",
            (Some(0), false) => "none",
            (Some(1), true) if told.is_lost => "**lost**",
            (Some(UNTOLD), true) => "told; **earlier ones are lost**",
            (None, true) if counted - allowed == 1 => "told twice",
            (None, false) if counted - allowed == 1 => "told, though denied",
            _ => panic!("{key:?}: {allowed} passed, {counted} counted: {told:?}"),
        };
        Self { key, told, uses }
    }
}
