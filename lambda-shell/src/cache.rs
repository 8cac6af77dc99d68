//! Where ledgers are kept.

mod memory;
mod redis;

use std::sync::Arc;

use ::redis::{ErrorKind, RedisError};
use authz_core::cache::CacheKey;
use authz_core::forget::Forget;
use authz_core::ledger::{self, Ack, Acked, Claim, Claimed, Record, Store, Take, Taken};
use authz_core::settings::CacheServer;
use rustls::ClientConfig;
use thiserror::Error;

pub use self::redis::RedisCache;
pub use memory::MemoryCache;

/// Ledgers by key. Whichever it is, each operation is atomic and means what `authz_core::ledger` says.
#[derive(Clone, Debug)]
pub enum Cache {
    /// In this process, for one that hosts both functions.
    Memory(Arc<MemoryCache>),
    /// In Redis or Valkey, for functions that run anywhere.
    Redis(Arc<RedisCache>),
    /// Nowhere: every call asks 3scale.
    Off,
}

impl Cache {
    /// An empty cache in this process.
    pub fn memory() -> Self {
        Self::Memory(Arc::new(MemoryCache::default()))
    }

    /// Ledgers on a server, or nowhere without one.
    pub fn on(server: Option<&CacheServer>, tls: Arc<ClientConfig>) -> Self {
        server.map_or(Self::Off, |server| Self::Redis(Arc::new(RedisCache::new(server.clone(), tls))))
    }

    /// Connects, so that the first call does not have to.
    pub async fn connect(&self) -> Result<(), CacheError> {
        match self {
            Self::Memory(_) | Self::Off => Ok(()),
            Self::Redis(redis) => redis.connect().await,
        }
    }

    /// Carries out a [`Take`].
    pub async fn take(&self, key: &CacheKey, ask: Take) -> Result<Taken, CacheError> {
        match self {
            Self::Memory(memory) => Ok(memory.with(key, ask.now, |ledger| ledger.take(ask))),
            Self::Redis(redis) => redis.take(key, ask).await,
            Self::Off => Err(CacheError::Off),
        }
    }

    /// Carries out a [`Store`].
    pub async fn store(&self, key: &CacheKey, ask: Store) -> Result<(), CacheError> {
        match self {
            Self::Memory(memory) => {
                let () = memory.with(key, ask.now, |ledger| ledger.store(ask));
                Ok(())
            }
            Self::Redis(redis) => redis.store(key, ask).await,
            Self::Off => Err(CacheError::Off),
        }
    }

    /// Carries out a [`Record`]. Returns whether a collection must be asked for.
    pub async fn record(&self, key: &CacheKey, ask: Record) -> Result<bool, CacheError> {
        match self {
            Self::Memory(memory) => Ok(memory.with(key, ask.now, |ledger| ledger.record(ask))),
            Self::Redis(redis) => redis.record(key, ask).await,
            Self::Off => Err(CacheError::Off),
        }
    }

    /// Carries out a [`Claim`].
    pub async fn claim(&self, key: &CacheKey, ask: Claim) -> Result<Claimed, CacheError> {
        match self {
            Self::Memory(memory) => Ok(memory.with(key, ask.now, |ledger| ledger.claim(ask))),
            Self::Redis(redis) => redis.claim(key, ask).await,
            Self::Off => Err(CacheError::Off),
        }
    }

    /// Carries out an [`Ack`].
    pub async fn ack(&self, key: &CacheKey, ask: &Ack) -> Result<Acked, CacheError> {
        match self {
            Self::Memory(memory) => Ok(memory.with(key, ask.now, |ledger| ledger.ack(ask))),
            Self::Redis(redis) => redis.ack(key, ask).await,
            Self::Off => Err(CacheError::Off),
        }
    }

    /// Carries out a [`ledger::Forget`] on every ledger that is concerned, and counts them as it goes: a failure undoes
    /// nothing, and one that is done twice does no harm.
    pub async fn forget(&self, which: &Forget, ask: ledger::Forget, forgotten: &mut u64) -> Result<(), CacheError> {
        match self {
            Self::Memory(memory) => {
                *forgotten = memory.forget(which, ask);
                Ok(())
            }
            Self::Redis(redis) => redis.forget(which, ask, forgotten).await,
            Self::Off => Err(CacheError::Off),
        }
    }
}

/// Why the cache did not answer. It never shows a key or a secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CacheError {
    /// There is none.
    #[error("there is no cache")]
    Off,
    /// Nobody accepted the connection in time, or its TLS was not to be trusted, or it broke.
    #[error("not connected")]
    NotConnected,
    /// There was no answer in time; whether it was carried out is not known.
    #[error("timed out")]
    TimedOut,
    /// The server refused, by this code: `NOAUTH`, `OOM`, `WRONGTYPE`, ..
    #[error("refused: {0}")]
    Refused(String),
    /// The answer is none of our scripts'.
    #[error("answer not understood")]
    NotUnderstood,
    /// It failed several times in a row and is left alone for a while.
    #[error("left alone after failures")]
    Resting,
}

impl CacheError {
    /// A server's text can hold anything; only its code is passed on.
    fn of(error: &RedisError) -> Self {
        if error.is_timeout() {
            Self::TimedOut
        } else if let Some(code) = error.code() {
            let code = code.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
            Self::Refused(code)
        } else if error.is_io_error() || error.is_connection_dropped() {
            Self::NotConnected
        } else if error.kind() == ErrorKind::AuthenticationFailed {
            Self::Refused("WRONGPASS".to_owned())
        } else {
            Self::NotUnderstood
        }
    }
}
