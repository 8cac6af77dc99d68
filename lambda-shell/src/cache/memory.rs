//! Ledgers in this process.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use authz_core::cache::CacheKey;
use authz_core::ledger::Ledger;
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
        // A ledger has no state between two operations, so one that panicked leaves the others sound.
        let mut ledgers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ledgers.sweep(now);
        let mut ledger = ledgers.by_key.remove(key).unwrap_or_default();
        let answer = change(&mut ledger);
        if !ledger.is_expired(now) {
            ledgers.by_key.insert(key.clone(), ledger);
        }
        answer
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
