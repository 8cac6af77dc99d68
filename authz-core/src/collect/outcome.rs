//! How a collection ends.

use std::fmt;

use crate::threescale::Fault;
use crate::time::UnixTime;

/// The end of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There was nothing to collect.
    Nothing,
    /// Everything that was claimed is settled.
    Collected {
        /// How many uses 3scale was told of.
        told: u64,
        /// How many were too old to tell, or of an application that 3scale no longer knows.
        dropped: u64,
        /// How many came in meanwhile; the first of them rang.
        untold: u64,
    },
    /// The lease ended before the uses could be marked as told, so another worker tells them again.
    LeaseLost {
        /// How many uses are told twice.
        told: u64,
    },
    /// The message must come again.
    Failed(Trouble),
}

impl Outcome {
    /// Whether the message must come again.
    pub fn must_come_again(&self) -> bool {
        match self {
            Self::Failed(_) => true,
            Self::Nothing | Self::Collected { .. } | Self::LeaseLost { .. } => false,
        }
    }
}

/// Why a collection must be tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Another worker is collecting.
    Busy {
        /// When its lease ends.
        until: UnixTime,
    },
    /// The message is about a service that is not configured here.
    ForeignService,
    /// The message's caller does not open with our secret.
    SealedElsewhere,
    /// The cache did not answer.
    Cache,
    /// 3scale did not answer, or refused how it was asked.
    Threescale(Fault),
    /// What is left of the lease is too short for a report.
    OutOfTime,
    /// There are more minutes than 3scale takes at once; these are told.
    MoreToTell {
        /// How many uses are told.
        told: u64,
        /// How many were too old to tell.
        dropped: u64,
        /// How many are left to the next collection.
        left: u64,
    },
    /// 3scale was told, but the cache did not answer: these uses may be told again.
    NotAcknowledged {
        /// How many.
        told: u64,
    },
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy { .. } => f.write_str("another worker is collecting"),
            Self::ForeignService => f.write_str("the message is about a service that is not configured here"),
            Self::SealedElsewhere => f.write_str("the message does not open with our `CREDENTIAL_SECRET`"),
            Self::Cache => f.write_str("the cache did not answer"),
            Self::Threescale(fault) => write!(f, "3scale: {fault}"),
            Self::OutOfTime => f.write_str("what is left of the lease is too short for a report"),
            Self::MoreToTell { told, left, .. } => {
                write!(f, "{told} uses are told, {left} are left to the next collection")
            }
            Self::NotAcknowledged { told } => write!(f, "the cache did not take note that {told} uses were told"),
        }
    }
}
