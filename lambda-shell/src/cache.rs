//! Where ledgers are kept.

mod memory;

use std::sync::Arc;

use authz_core::cache::CacheKey;
use authz_core::ledger::{Ack, Acked, Claim, Claimed, Record, Store, Take, Taken};
use thiserror::Error;

pub use memory::MemoryCache;

/// Ledgers by key. Whichever it is, each operation is atomic and means what `authz_core::ledger` says.
#[derive(Clone, Debug)]
pub enum Cache {
    /// In this process, for one that hosts both functions.
    Memory(Arc<MemoryCache>),
}

#[expect(clippy::unused_async, reason = "a cache in this process waits for nothing; one across the network will")]
impl Cache {
    /// An empty cache in this process.
    pub fn memory() -> Self {
        Self::Memory(Arc::new(MemoryCache::default()))
    }

    /// Carries out a [`Take`].
    pub async fn take(&self, key: &CacheKey, ask: Take) -> Result<Taken, CacheError> {
        match self {
            Self::Memory(memory) => Ok(memory.with(key, ask.now, |ledger| ledger.take(ask))),
        }
    }

    /// Carries out a [`Store`].
    pub async fn store(&self, key: &CacheKey, ask: Store) -> Result<(), CacheError> {
        match self {
            Self::Memory(memory) => {
                let () = memory.with(key, ask.now, |ledger| ledger.store(ask));
                Ok(())
            }
        }
    }

    /// Carries out a [`Record`]. Returns whether a collection must be asked for.
    pub async fn record(&self, key: &CacheKey, ask: Record) -> Result<bool, CacheError> {
        match self {
            Self::Memory(memory) => Ok(memory.with(key, ask.now, |ledger| ledger.record(ask))),
        }
    }

    /// Carries out a [`Claim`].
    pub async fn claim(&self, key: &CacheKey, ask: Claim) -> Result<Claimed, CacheError> {
        match self {
            Self::Memory(memory) => Ok(memory.with(key, ask.now, |ledger| ledger.claim(ask))),
        }
    }

    /// Carries out an [`Ack`].
    pub async fn ack(&self, key: &CacheKey, ask: &Ack) -> Result<Acked, CacheError> {
        match self {
            Self::Memory(memory) => Ok(memory.with(key, ask.now, |ledger| ledger.ack(ask))),
        }
    }
}

/// Why the cache did not answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CacheError {}
