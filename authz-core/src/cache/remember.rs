//! What of an answer is remembered.

use super::{Entry, Lifetimes, LimitFacts};
use crate::ledger::{Room, Store};
use crate::threescale::{Answer, Limit};
use crate::time::UnixTime;
use crate::verdict::Reason;

/// An answer of 3scale, and what was known when it was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// When it was asked for.
    pub at: UnixTime,
    /// How many uses 3scale knew then.
    pub told: u64,
    /// Whether 3scale counted a use with it.
    pub own: bool,
}

/// Writes the store of an answer; `None` if it is not to be remembered.
///
/// | 3scale answers | remembered |
/// |---|---|
/// | authorized | a grant with what remains, for the grant's time or until the reset |
/// | authorized, without limit headers | nothing: a limit could be passed unseen |
/// | `limits_exceeded` | a denial, for the grant's time or until the reset |
/// | refused otherwise | a denial, for the denial's time |
/// | nothing about the call | nothing: neither our mistakes nor 3scale's troubles are the caller's |
pub fn remember(answer: &Answer, asked: Asked, lifetimes: &Lifetimes, now: UnixTime) -> Option<Store> {
    let (entry, fresh, room) = match answer {
        Answer::Authorized { limit: Limit::Unknown, .. } | Answer::None(_) => return None,
        Answer::Authorized { plan, limit: Limit::Unlimited } => {
            let entry = Entry::Grant { plan: plan.clone(), limit: None };
            (entry, lifetimes.grant_until(asked.at, None), Room::Unlimited)
        }
        Answer::Authorized { plan, limit: Limit::Remaining { remaining, max, reset } } => {
            let limit = Some(LimitFacts { max: *max, reset_at: reset.map(|reset| asked.at.after(reset)) });
            let entry = Entry::Grant { plan: plan.clone(), limit };
            (entry, lifetimes.grant_until(asked.at, *reset), Room::Remaining((*remaining).min(Room::MOST)))
        }
        Answer::LimitsExceeded { max, reset } => {
            let limit = Some(LimitFacts { max: *max, reset_at: reset.map(|reset| asked.at.after(reset)) });
            let entry = Entry::Denial { reason: Reason::LimitsExceeded, limit };
            (entry, lifetimes.grant_until(asked.at, *reset), Room::Denied)
        }
        Answer::Refused(reason) => {
            let entry = Entry::Denial { reason: *reason, limit: None };
            (entry, lifetimes.denial_until(asked.at), Room::Denied)
        }
    };
    Some(Store {
        now,
        asked: asked.at,
        entry: entry.encode(),
        fresh,
        room,
        told_at_ask: asked.told,
        own: asked.own && matches!(answer, Answer::Authorized { .. }),
        keep: lifetimes.keep(),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::threescale::Fault;

    const LIFETIMES: Lifetimes =
        Lifetimes { grant: Duration::from_secs(60), denial: Duration::from_secs(10), stale: Duration::from_secs(300) };

    fn remembered(answer: &Answer) -> Option<(String, u64, Room, bool)> {
        let asked = Asked { at: UnixTime::from_secs(100), told: 7, own: true };
        let store = remember(answer, asked, &LIFETIMES, UnixTime::from_secs(101))?;
        Some((store.entry, store.fresh.as_millis() / 1000, store.room, store.own))
    }

    fn authorized(limit: Limit) -> Answer {
        Answer::Authorized { plan: None, limit }
    }

    #[test]
    fn a_grant_is_remembered_with_its_room() {
        assert_eq!(
            remembered(&authorized(Limit::Unlimited)),
            Some((r#"{"grant":{}}"#.to_owned(), 160, Room::Unlimited, true))
        );
        let limit = Limit::Remaining { remaining: 4, max: Some(5), reset: Some(Duration::from_secs(20)) };
        assert_eq!(
            remembered(&authorized(limit)),
            Some((r#"{"grant":{"limit":{"max":5,"reset_at":120000}}}"#.to_owned(), 120, Room::Remaining(4), true))
        );
    }

    #[test]
    fn an_eternal_limit_has_no_reset() {
        let limit = Limit::Remaining { remaining: 4, max: Some(5), reset: None };
        assert_eq!(
            remembered(&authorized(limit)),
            Some((r#"{"grant":{"limit":{"max":5}}}"#.to_owned(), 160, Room::Remaining(4), true))
        );
    }

    #[test]
    fn a_denial_is_remembered_shortly_and_counts_nothing() {
        assert_eq!(
            remembered(&Answer::Refused(Reason::UserKeyInvalid)),
            Some((r#"{"denial":{"reason":"user_key_invalid"}}"#.to_owned(), 110, Room::Denied, false))
        );
        let exceeded = Answer::LimitsExceeded { max: Some(5), reset: Some(Duration::from_secs(20)) };
        assert_eq!(
            remembered(&exceeded),
            Some((
                r#"{"denial":{"reason":"limits_exceeded","limit":{"max":5,"reset_at":120000}}}"#.to_owned(),
                120,
                Room::Denied,
                false
            ))
        );
    }

    #[test]
    fn what_tells_nothing_of_the_call_is_not_remembered() {
        assert_eq!(remembered(&authorized(Limit::Unknown)), None);
        assert_eq!(remembered(&Answer::None(Fault::Status(500))), None);
        assert_eq!(remembered(&Answer::None(Fault::Code("service_token_invalid"))), None);
    }
}
