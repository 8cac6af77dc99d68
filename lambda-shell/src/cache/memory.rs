//! Ledgers in this process.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use authz_core::cache::CacheKey;
use authz_core::forget::Forget;
use authz_core::ledger::{self, Ledger};
use authz_core::time::UnixTime;

/// How often ledgers that nobody asks for any longer are swept out.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// Ledgers in this process. They are lost with it, untold uses included.
#[derive(Default)]
pub struct MemoryCache(Mutex<Ledgers>);

#[derive(Default)]
struct Ledgers {
    by_key: HashMap<CacheKey, Ledger>,
    swept: UnixTime,
}

impl MemoryCache {
    pub(super) fn with<T>(&self, key: &CacheKey, now: UnixTime, change: impl FnOnce(&mut Ledger) -> T) -> T {
        let mut ledgers = self.ledgers();
        ledgers.sweep(now);
        let mut ledger = ledgers.by_key.remove(key).unwrap_or_default();
        let answer = change(&mut ledger);
        if !ledger.is_expired(now) {
            ledgers.by_key.insert(key.clone(), ledger);
        }
        answer
    }

    /// Returns how many ledgers there were.
    pub(super) fn forget(&self, which: &Forget, ask: ledger::Forget) -> u64 {
        let mut ledgers = self.ledgers();
        let concerned = ledgers.by_key.iter_mut().filter(|(key, _)| which.concerns(key));
        concerned.map(|(_, ledger)| u64::from(ledger.forget(ask))).sum()
    }

    fn ledgers(&self) -> MutexGuard<'_, Ledgers> {
        // A ledger has no state between two operations, so one that panicked leaves the others sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledgers {
    fn sweep(&mut self, now: UnixTime) {
        if now.since(self.swept) >= SWEEP_EVERY {
            self.swept = now;
            self.by_key.retain(|_, ledger| !ledger.is_expired(now));
        }
    }
}

impl fmt::Debug for MemoryCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryCache(..)")
    }
}
