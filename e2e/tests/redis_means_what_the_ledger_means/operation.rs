//! Operations, as they come.

use std::time::Duration;

use authz_core::ledger::{Ack, Acked, Claim, Claimed, Forget, Ledger, Record, Room, Store, Take, Taken};
use authz_core::time::Minute;
use proptest::prelude::*;
use proptest::sample::select;

use crate::Course;

/// Any operation of a ledger.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Take(Take),
    Store(Store),
    Record(Record),
    Claim(Claim),
    Ack(Ack),
    Forget(Forget),
}

/// Any answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Taken(Taken),
    Stored,
    Recorded(bool),
    Claimed(Claimed),
    Acked(Acked),
    Forgotten(bool),
}

impl Operation {
    pub(crate) fn on(self, ledger: &mut Ledger) -> Answer {
        match self {
            Self::Take(ask) => Answer::Taken(ledger.take(ask)),
            Self::Store(ask) => {
                ledger.store(ask);
                Answer::Stored
            }
            Self::Record(ask) => Answer::Recorded(ledger.record(ask)),
            Self::Claim(ask) => Answer::Claimed(ledger.claim(ask)),
            Self::Ack(ask) => Answer::Acked(ledger.ack(&ask)),
            Self::Forget(ask) => Answer::Forgotten(ledger.forget(ask)),
        }
    }
}

/// An operation that waits for its place in a sequence.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    after: Duration,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Take {
        rering: Duration,
        keep: Duration,
    },
    Store {
        entry: &'static str,
        fresh: Duration,
        /// For how long it was under way; it may be stale when it comes.
        late: Duration,
        room: Room,
        told: ToldAtAsk,
        own: bool,
        keep: Duration,
    },
    Record {
        rering: Duration,
    },
    Claim {
        owner: &'static str,
        lease: Duration,
    },
    Ack {
        owner: &'static str,
        part: Part,
        keep: Duration,
    },
    Forget {
        keep: Duration,
    },
}

#[derive(Clone, Copy, Debug)]
enum ToldAtAsk {
    LastSeen,
    Number(u64),
}

/// What of the last claim is acknowledged.
#[derive(Clone, Copy, Debug)]
enum Part {
    All,
    Nothing,
    Less(u64),
    More(u64),
    Twice,
    OtherMinutes,
}

pub(crate) const OWNERS: [&str; 3] = ["w1", "w2", ""];

pub(crate) fn step() -> impl Strategy<Value = Step> {
    (pause(), what()).prop_map(|(after, what)| Step { after, what })
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        6 => (secs(120), secs(400)).prop_map(|(rering, keep)| What::Take { rering, keep }),
        4 => (
            select(vec!["entry", "", "{\"grant\":{}}", "\u{1F511}\r\n\0"]),
            prop_oneof![4 => secs(100), 1 => secs(200_000)],
            prop_oneof![3 => Just(Duration::ZERO), 1 => secs(100)],
            room(),
            told(),
            any::<bool>(),
            secs(400),
        )
            .prop_map(|(entry, fresh, late, room, told, own, keep)| {
                What::Store { entry, fresh, late, room, told, own, keep }
            }),
        2 => secs(120).prop_map(|rering| What::Record { rering }),
        4 => (select(&OWNERS), secs(20)).prop_map(|(owner, lease)| What::Claim { owner, lease }),
        4 => (select(&OWNERS), part(), secs(400)).prop_map(|(owner, part, keep)| What::Ack { owner, part, keep }),
        1 => secs(400).prop_map(|keep| What::Forget { keep }),
    ]
}

fn pause() -> impl Strategy<Value = Duration> {
    prop_oneof![
        4 => Just(Duration::ZERO),
        4 => (1_u64..2000).prop_map(Duration::from_millis),
        4 => secs(90),
        1 => (1_u64..30).prop_map(|hours| Duration::from_secs(hours * 3600)),
    ]
}

fn secs(most: u64) -> impl Strategy<Value = Duration> {
    prop_oneof![
        1 => Just(Duration::ZERO),
        8 => (0..=most).prop_map(Duration::from_secs),
        1 => (0..=most * 1000).prop_map(Duration::from_millis),
    ]
}

fn room() -> impl Strategy<Value = Room> {
    prop_oneof![
        1 => Just(Room::Unlimited),
        1 => Just(Room::Denied),
        4 => (0_u64..6).prop_map(Room::Remaining),
        1 => (Room::MOST - 2..=Room::MOST).prop_map(Room::Remaining),
    ]
}

fn told() -> impl Strategy<Value = ToldAtAsk> {
    prop_oneof![
        4 => Just(ToldAtAsk::LastSeen),
        2 => (0_u64..8).prop_map(ToldAtAsk::Number),
        1 => Just(ToldAtAsk::Number(Room::MOST)),
    ]
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        6 => Just(Part::All),
        1 => Just(Part::Nothing),
        3 => (1_u64..3).prop_map(Part::Less),
        1 => (1_u64..3).prop_map(Part::More),
        1 => Just(Part::Twice),
        1 => Just(Part::OtherMinutes),
    ]
}

impl Step {
    /// Puts it into its place: now it has a time, and knows what was claimed before.
    pub(crate) fn operation(&self, course: &mut Course) -> Operation {
        course.now = course.now.after(self.after);
        let now = course.now;
        match self.what.clone() {
            What::Take { rering, keep } => Operation::Take(Take { now, rering, keep }),
            What::Store { entry, fresh, late, room, told, own, keep } => Operation::Store(Store {
                now,
                asked: now.before(late),
                entry: entry.to_owned(),
                fresh: now.before(late).after(fresh),
                room,
                told_at_ask: match told {
                    ToldAtAsk::LastSeen => course.told,
                    ToldAtAsk::Number(number) => number,
                },
                own,
                keep,
            }),
            What::Record { rering } => Operation::Record(Record { now, rering }),
            What::Claim { owner, lease } => Operation::Claim(Claim { now, owner: owner.to_owned(), lease }),
            What::Forget { keep } => Operation::Forget(Forget { now, keep }),
            What::Ack { owner, part, keep } => {
                Operation::Ack(Ack { owner: owner.to_owned(), minutes: part.of(&course.claimed), keep, now })
            }
        }
    }
}

impl Part {
    fn of(self, claimed: &[(Minute, u64)]) -> Vec<(Minute, u64)> {
        let each =
            |change: &dyn Fn(u64) -> u64| claimed.iter().map(|(minute, uses)| (*minute, change(*uses))).collect();
        match self {
            Self::All => claimed.to_vec(),
            Self::Nothing => Vec::new(),
            Self::Less(by) => each(&|uses| uses.saturating_sub(by)),
            Self::More(by) => each(&|uses| uses + by),
            Self::Twice => claimed.repeat(2),
            Self::OtherMinutes => {
                claimed.iter().map(|(minute, uses)| (Minute::from_number(minute.number() + 1), *uses)).collect()
            }
        }
    }
}
