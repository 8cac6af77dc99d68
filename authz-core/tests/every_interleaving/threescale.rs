//! 3scale: what it accepted, what of that it applied, and what it therefore answers.

use crate::setup::Setup;

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Threescale {
    /// Uses that count, by period.
    pub(crate) applied: [u8; 2],
    /// Uses that were accepted and don't count yet.
    pub(crate) lagging: [u8; 2],
    /// Whether it refuses every call; it still counts what it is told.
    pub(crate) is_suspended: bool,
}

impl Threescale {
    pub(crate) fn accept(&mut self, period: usize, uses: u8, setup: &Setup) {
        let counts = if setup.lags { &mut self.lagging } else { &mut self.applied };
        counts[period] += uses;
    }

    pub(crate) fn apply(&mut self, period: usize) {
        self.lagging[period] -= 1;
        self.applied[period] += 1;
    }

    /// Counts a use if there is room for it, and says how many more there is room for.
    pub(crate) fn authrep(&mut self, period: usize, setup: &Setup) -> Option<u8> {
        let remaining = self.remaining(period, setup).checked_sub(1)?;
        self.accept(period, 1, setup);
        Some(remaining)
    }

    pub(crate) fn remaining(&self, period: usize, setup: &Setup) -> u8 {
        if self.is_suspended { 0 } else { setup.limit.saturating_sub(self.applied[period]) }
    }

    /// All uses that were ever accepted, by period.
    pub(crate) fn accepted(&self) -> [u8; 2] {
        [0, 1].map(|period| self.applied[period] + self.lagging[period])
    }

    pub(crate) fn unapplied(&self) -> u8 {
        self.lagging.iter().sum()
    }
}
