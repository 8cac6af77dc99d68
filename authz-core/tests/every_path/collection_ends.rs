//! What holds on the way and wherever a collection ends.

use std::time::Duration;

use authz_core::collect::{Outcome, Report, Trouble};
use authz_core::ledger::{self, Acked, Claimed, Room};
use authz_core::threescale::Fault;
use authz_core::time::Minute;
use authz_core::verdict::Reason;

use super::collection::{Heard, Noted, Path, World};
use super::replies::{GRANT_SECS, Says};
use super::{ASKED, CANARY, show_no_secret};

/// 3scale takes nothing older than a day; ten minutes are left to arrive.
const TELLABLE: Duration = Duration::from_secs(86_400 - 600);

/// What was answered is believed from the ask on, and no use of ours is in it.
pub(crate) fn a_store_is_sound(path: &Path<'_>, store: &ledger::Store) {
    let secs = remembered_for(path).expect("only an answer about the call is stored");
    let says_no = matches!(says(path), Some(Says::No { .. }));
    assert_eq!((store.own, store.told_at_ask, store.room == Room::Denied), (false, 3, says_no), "{path:?}");
    assert_eq!((store.now, store.fresh), (path.heard_at, ASKED.after(Duration::from_secs(secs))), "{path:?}");
    assert!(secs <= GRANT_SECS && !store.entry.contains(CANARY), "{path:?}");
}

/// A report is told in time, of all that 3scale can take, and of nothing else.
pub(crate) fn a_report_is_due(world: &World, path: &Path<'_>, report: &Report<'_>) {
    let lease_end = ASKED.after(world.worker.lease);
    assert!(path.now.after(report.time_limit()) < lease_end, "{path:?}");
    assert!(path.taken.is_none() && path.acked.is_none(), "{path:?}");
    assert_eq!(path.stored, remembered_for(path).is_some(), "{path:?}");
    let transactions = report.transactions();
    let told: Vec<_> = transactions.iter().map(|t| (t.minute, t.usage.iter().map(|(_, uses)| uses).sum())).collect();
    assert_eq!(told, tellable(path), "{path:?}");
    assert!(!told.is_empty(), "{path:?}");
    match says(path) {
        Some(Says::Yes { .. }) => assert!(!report.is_doubtful(), "{path:?}"),
        Some(Says::No { reason: Reason::LimitsExceeded, .. }) => {}
        Some(Says::No { .. }) => assert!(report.is_doubtful(), "{path:?}"),
        Some(Says::Nothing(_)) | None => panic!("nothing is told before 3scale answered: {path:?}"),
    }
}

/// All that was claimed, but for what is left to the next collection, is marked as told, and only when 3scale took what it could take.
pub(crate) fn an_ack_is_due(world: &World, path: &Path<'_>, ack: &ledger::Ack) {
    assert!(matches!(says(path), Some(Says::Yes { .. } | Says::No { .. })), "{path:?}");
    assert!(path.taken == Some(true) || (path.taken.is_none() && tellable(path).is_empty()), "{path:?}");
    assert_eq!(path.stored, remembered_for(path).is_some(), "{path:?}");
    let mut minutes = ack.minutes.clone();
    minutes.sort();
    let (_, left) = told_and_left(path);
    let settled: Vec<_> = claimed(path).into_iter().filter(|claimed| !left.contains(claimed)).collect();
    assert_eq!(minutes, settled, "{path:?}");
    assert_eq!((&ack.owner, ack.now), (&world.worker.name, path.now), "{path:?}");
    assert_eq!(ack.keep, world.settings.lifetimes.keep(), "{path:?}");
}

pub(crate) fn check(world: &World, path: &Path<'_>, outcome: &Outcome) {
    show_no_secret(outcome);
    let (all, told_uses) = (sum(&claimed(path)), sum(&tellable(path)));
    match outcome {
        Outcome::Nothing => assert_eq!(path.claimed, Some(&Claimed::Nothing)),
        Outcome::Collected { told, dropped, untold } => {
            assert_eq!(path.acked, Some(Noted::Answered(Acked::Untold(*untold))), "{path:?}");
            assert_eq!((*told, told + dropped), (told_uses, all), "{path:?}");
        }
        Outcome::LeaseLost { told } => {
            assert_eq!((path.acked, *told), (Some(Noted::Answered(Acked::NotTheOwner)), told_uses), "{path:?}");
        }
        Outcome::Failed(Trouble::MoreToTell { told, dropped, left }) => {
            let (_, minutes_left) = told_and_left(path);
            assert_eq!((*told, *left), (told_uses, sum(&minutes_left)), "{path:?}");
            assert_eq!(told + dropped + left, all, "{path:?}");
            assert!(*left > 0 && matches!(path.acked, Some(Noted::Answered(Acked::Untold(_)))), "{path:?}");
        }
        Outcome::Failed(Trouble::NotAcknowledged { told }) => {
            assert_eq!((path.acked, *told), (Some(Noted::Unanswered), told_uses), "{path:?}");
        }
        Outcome::Failed(trouble) => {
            assert_eq!(path.acked, None, "nothing is marked as told after a failure: {path:?}");
            assert!(is_why(world, path, trouble), "{trouble:?}: {path:?}");
        }
    }
    assert_eq!(outcome.must_come_again(), matches!(outcome, Outcome::Failed(_)));
}

fn is_why(world: &World, path: &Path<'_>, trouble: &Trouble) -> bool {
    match trouble {
        Trouble::ForeignService | Trouble::SealedElsewhere => path.claimed.is_none() && !path.cache_failed,
        Trouble::Cache => path.cache_failed,
        Trouble::Busy { until } => path.claimed == Some(&Claimed::Busy { until: *until }),
        Trouble::Threescale(fault) => match path.heard {
            Some(Heard::Failed(failure)) => *fault == Fault::Failure(failure),
            Some(Heard::Said(_)) => matches!(says(path), Some(Says::Nothing(_))) || path.taken == Some(false),
            None => false,
        },
        Trouble::OutOfTime => {
            let is_too_late = path.now.after(world.settings.threescale_timeout) >= ASKED.after(world.worker.lease);
            is_too_late && path.taken.is_none() && !tellable(path).is_empty()
        }
        Trouble::NotAcknowledged { .. } | Trouble::MoreToTell { .. } => false,
    }
}

/// Names an end, without its numbers.
pub(crate) fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Nothing => "nothing",
        Outcome::Collected { .. } => "collected",
        Outcome::LeaseLost { .. } => "lease lost",
        Outcome::Failed(Trouble::Busy { .. }) => "failed: busy",
        Outcome::Failed(Trouble::ForeignService) => "failed: foreign service",
        Outcome::Failed(Trouble::SealedElsewhere) => "failed: sealed elsewhere",
        Outcome::Failed(Trouble::Cache) => "failed: cache",
        Outcome::Failed(Trouble::Threescale(_)) => "failed: 3scale",
        Outcome::Failed(Trouble::OutOfTime) => "failed: out of time",
        Outcome::Failed(Trouble::MoreToTell { .. }) => "failed: more to tell",
        Outcome::Failed(Trouble::NotAcknowledged { .. }) => "failed: not acknowledged",
    }
}

fn says(path: &Path<'_>) -> Option<Says> {
    match path.heard {
        Some(Heard::Said(said)) => Some(said.says),
        Some(Heard::Failed(_)) | None => None,
    }
}

fn remembered_for(path: &Path<'_>) -> Option<u64> {
    match says(path) {
        Some(Says::Yes { secs }) => secs,
        Some(Says::No { secs, .. }) => Some(secs),
        Some(Says::Nothing(_)) | None => None,
    }
}

fn claimed(path: &Path<'_>) -> Vec<(Minute, u64)> {
    match path.claimed {
        Some(Claimed::Uses { minutes, .. }) => minutes.clone(),
        Some(Claimed::Busy { .. } | Claimed::Nothing) | None => Vec::new(),
    }
}

type Uses = Vec<(Minute, u64)>;

/// What is told of what 3scale can take, and what it can't take at once.
fn told_and_left(path: &Path<'_>) -> (Uses, Uses) {
    let mut told = takable(path);
    let left = told.split_off(told.len().min(1000));
    (told, left)
}

fn tellable(path: &Path<'_>) -> Vec<(Minute, u64)> {
    told_and_left(path).0
}

/// What 3scale can take of what was claimed: of an application that it knows, and not too old.
fn takable(path: &Path<'_>) -> Vec<(Minute, u64)> {
    let is_gone =
        matches!(says(path), Some(Says::No { reason: Reason::UserKeyInvalid | Reason::ApplicationNotFound, .. }));
    let oldest = path.heard_at.before(TELLABLE);
    claimed(path).into_iter().filter(|(minute, _)| !is_gone && minute.start() >= oldest).collect()
}

fn sum(minutes: &[(Minute, u64)]) -> u64 {
    minutes.iter().map(|(_, uses)| uses).sum()
}
