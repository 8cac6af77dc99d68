//! Instants and minutes as values. Nothing here reads a clock.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// An instant, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(u64);

impl UnixTime {
    /// Makes an instant of milliseconds since the epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Makes an instant of seconds since the epoch.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Returns milliseconds since the epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Returns the minute this instant lies in.
    pub const fn minute(self) -> Minute {
        Minute(self.0 / 60_000)
    }

    /// Returns the instant `span` later, or the last one there is.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis(span)))
    }

    /// Returns the instant `span` earlier, or the epoch.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis(span)))
    }

    /// Returns how long after `earlier` this instant is; zero if it is not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// A whole minute, counted from the epoch.
///
/// Every period that 3scale limits begins and ends at a whole UTC minute, so uses that are counted per minute can be
/// reported without ever putting one into a wrong period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minute(u64);

impl Minute {
    /// Makes a minute of its number since the epoch.
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// Returns its number since the epoch.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// Returns the instant at which it begins.
    pub const fn start(self) -> UnixTime {
        UnixTime(self.0.saturating_mul(60_000))
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_begins_at_its_first_millisecond() {
        let last = UnixTime::from_millis(119_999);
        assert_eq!(last.minute(), Minute::from_number(1));
        assert_eq!(last.minute().start(), UnixTime::from_secs(60));
        assert_eq!(UnixTime::from_secs(120).minute(), Minute::from_number(2));
    }

    #[test]
    fn the_ends_of_time_saturate() {
        let end = UnixTime::from_millis(u64::MAX);
        assert_eq!(end.after(Duration::MAX), end);
        assert_eq!(UnixTime::from_millis(5).before(Duration::MAX), UnixTime::from_millis(0));
        assert_eq!(UnixTime::from_millis(5).since(end), Duration::ZERO);
    }
}
