//! The table of all metrics: names, units, lines, meanings.

use serde::Serialize;

/// Declares an enum of metrics, and the table.
macro_rules! metrics {
    ($($(#[doc = $meaning:literal])+ $name:ident: $unit:ident in [$($line:literal),+],)+) => {
        /// What is counted or measured.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Metric { $($(#[doc = $meaning])+ $name,)+ }

        impl Metric {
            /// Every one of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Returns its name in CloudWatch.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// Returns its unit in CloudWatch.
            pub const fn unit(self) -> Unit {
                match self { $(Self::$name => Unit::$unit,)+ }
            }

            /// Returns the messages of the lines that carry it.
            pub const fn lines(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($line),+],)+ }
            }

            /// Returns what it means.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($meaning),+).trim_ascii(),)+ }
            }
        }
    };
}

metrics! {
    /// calls that were decided
    Decisions: Count in ["authorization"],
    /// from the event until the answer
    Latency: Milliseconds in ["authorization"],
    /// 1 if the cache answered, else 0: its average is the hit rate
    CacheHits: Count in ["authorization"],
    /// 1 if 3scale was asked, else 0
    UpstreamCalls: Count in ["authorization"],
    /// 1 if 3scale was asked and gave no answer about the call, 0 if it gave one
    UpstreamFailures: Count in ["authorization"],
    /// how long 3scale took, where it was asked
    UpstreamLatency: Milliseconds in ["authorization"],
    /// calls that were allowed and that nobody could count
    LostUses: Count in ["authorization"],
    /// calls without a proper credential
    Unauthorized: Count in ["unauthorized"],
    /// events that are none of an authorizer's, or of SNS or SQS
    EventErrors: Count in ["event not understood"],
    /// operations that Redis did not carry out
    CacheFailures: Count in ["cache failed"],
    /// messages that SNS did not take
    PublishFailures: Count in ["publish failed"],
    /// uses that 3scale was told of, and that Redis knows to be told
    ToldUses: Count in ["collection"],
    /// uses that 3scale will never be told of
    DroppedUses: Count in ["collection"],
    /// uses that came in during a collection; the next one tells them
    UncollectedUses: Count in ["collection"],
    /// uses that are told once more, because the lease ended too early
    UsesToldTwice: Count in ["collection"],
    /// collections that failed and come again
    FailedCollections: Count in ["collection"],
    /// messages that are none of ours, or not of this release
    MessageErrors: Count in ["message not understood"],
    /// first invocations of a process
    ColdStarts: Count in
        ["authorization", "unauthorized", "event not understood", "collection", "message not understood", "forgotten"],
    /// starts that ended with an error
    FailedStarts: Count in ["the function can't start"],
}

/// A unit of CloudWatch's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Unit {
    /// How many.
    Count,
    /// How long.
    Milliseconds,
}
