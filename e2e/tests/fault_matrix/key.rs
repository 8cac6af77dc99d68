//! Whose calls there are.

use std::fmt;

/// A user key of one caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) kind: Kind,
    pub(crate) fail_mode: FailMode,
}

/// What is known of a key when the fault begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The cache knows nothing of it, and 3scale would grant it.
    Unknown,
    /// The cache has a grant of it, and believes it.
    Fresh,
    /// The cache has a grant of it, and no longer believes it.
    Stale,
    /// Nobody knows it.
    Stranger,
}

/// `FAIL_MODE` of the authorizer that it calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailMode {
    Closed,
    Open,
}

impl Key {
    /// Returns every key that there is.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        // In this order each has its time to become what it is.
        let kinds = [Kind::Stale, Kind::Fresh, Kind::Unknown, Kind::Stranger];
        kinds.into_iter().flat_map(|kind| [FailMode::Closed, FailMode::Open].map(|fail_mode| Self { kind, fail_mode }))
    }

    /// Returns the key itself.
    pub(crate) fn name(self) -> String {
        format!("{:?}-{}", self.kind, self.fail_mode)
    }
}

impl fmt::Display for FailMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "closed",
            Self::Open => "open",
        })
    }
}
