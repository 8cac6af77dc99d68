//! Why a server did not do what it was asked.

use redis::RedisError;

use super::link::Address;
use crate::CacheError;

/// A failure, and where to turn to instead if the server said so.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: CacheError,
    pub(super) elsewhere: Option<Elsewhere>,
}

/// Another server of the cluster. The one that names it carried nothing out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Elsewhere {
    /// It serves the slot.
    Moved(Address),
    /// The slot is moving there, and the key is there already or nowhere; this once, it is to be asked.
    Ask(Address),
}

impl Failure {
    /// Reads an answer of the server at `address`.
    pub(super) fn of(error: &RedisError, address: &Address) -> Self {
        let other = error.redirect_node().and_then(|(other, _)| address.relative(other));
        let elsewhere = other.map(match error.code() {
            Some("ASK") => Elsewhere::Ask,
            _ => Elsewhere::Moved,
        });
        Self { error: CacheError::of(error), elsewhere }
    }

    /// Whether it leaves no doubt that the server is well.
    pub(super) fn is_answer(&self) -> bool {
        match self.error {
            CacheError::Refused(_) | CacheError::NotUnderstood => true,
            CacheError::NotConnected | CacheError::TimedOut | CacheError::Resting | CacheError::Off => false,
        }
    }

    /// Whether the connection is of no further use: it broke, hangs, or leads to a server that only reads since a
    /// failover.
    pub(super) fn ends_the_link(&self) -> bool {
        !self.is_answer() || self.error == CacheError::Refused("READONLY".to_owned())
    }
}

impl From<CacheError> for Failure {
    fn from(error: CacheError) -> Self {
        Self { error, elsewhere: None }
    }
}
