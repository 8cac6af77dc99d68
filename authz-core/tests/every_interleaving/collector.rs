//! One collection: claim, ask 3scale, remember its answer, report, acknowledge.

use authz_core::ledger::{Ack, Acked, Claim, Claimed, Room, Store};
use authz_core::time::Minute;

use crate::setup::{Flaw, Setup, at, ticks};
use crate::world::{Broken, World};

/// How many instants a minute has.
const MINUTE: u64 = 2;

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Collector {
    task: Task,
    /// Whether a message is hidden from others until this collector is done with it.
    has_message: bool,
    /// Whether its lease ran out while it worked.
    pub(crate) is_late: bool,
    /// When it claimed.
    asked: u8,
    /// What 3scale knew then.
    told: u64,
    /// What it claimed.
    minutes: Vec<(Minute, u64)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Task {
    #[default]
    Idle,
    Asking,
    /// Stores an answer; with 0 `remaining`, it is a denial.
    Storing {
        remaining: u8,
        fresh: u8,
    },
    Reporting,
    Acknowledging,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Takes a message, and claims.
    Claim,
    Ask,
    Store,
    Report,
    Acknowledge,
    /// It has been so long that its message is shown to others again.
    LoseMessage,
    Die,
}

impl Collector {
    pub(crate) fn is_idle(&self) -> bool {
        self.task == Task::Idle
    }

    /// Whether its work is done again by another, should it come to nothing.
    pub(crate) fn is_backed_by_a_message(&self) -> bool {
        self.has_message
    }

    pub(crate) fn is_over_lease(&self, instant: u8, setup: &Setup) -> bool {
        !self.is_idle() && instant >= self.asked + setup.lease
    }

    fn has_reported(&self, setup: &Setup) -> bool {
        self.task == Task::Acknowledging && !setup.has(Flaw::AcknowledgedBeforeTheReport)
    }

    fn uses(&self) -> u8 {
        self.minutes.iter().map(|(_, uses)| u8::try_from(*uses).unwrap_or(u8::MAX)).sum()
    }
}

/// Everything that this collector can do next.
pub(crate) fn steps(world: &World, who: usize) -> Vec<Step> {
    let collector = &world.collectors[who];
    let mut steps = match collector.task {
        Task::Idle => return if world.messages > 0 { vec![Step::Claim] } else { vec![] },
        Task::Asking => vec![Step::Ask],
        Task::Storing { .. } => vec![Step::Store],
        Task::Reporting => vec![Step::Report],
        Task::Acknowledging => vec![Step::Acknowledge],
    };
    steps.extend((collector.is_late && collector.has_message).then_some(Step::LoseMessage));
    steps.extend((world.mishaps.dead_collectors > 0).then_some(Step::Die));
    steps
}

pub(crate) fn go(world: &mut World, setup: &Setup, who: usize, step: Step) -> Result<(), Broken> {
    match step {
        Step::Claim => claim(world, setup, who),
        Step::Ask => ask(world, setup, who),
        Step::Store => store(world, setup, who),
        Step::Report => report(world, setup, who),
        Step::Acknowledge => return acknowledge(world, setup, who),
        Step::LoseMessage => {
            world.collectors[who].has_message = false;
            world.messages += 1;
        }
        Step::Die => {
            world.mishaps.dead_collectors -= 1;
            if world.collectors[who].has_reported(setup) {
                world.tally.repeated += world.collectors[who].uses();
            }
            fail(world, who);
        }
    }
    Ok(())
}

fn claim(world: &mut World, setup: &Setup, who: usize) {
    let claim = Claim { now: world.now(), owner: name(who), lease: ticks(setup.lease) };
    match world.ledger.claim(claim) {
        Claimed::Busy { .. } if setup.has(Flaw::BusyMessageIsConsumed) => world.messages -= 1,
        Claimed::Busy { .. } => {}
        Claimed::Nothing => {
            world.messages -= 1;
            world.is_ring_lost = false;
        }
        Claimed::Uses { told, minutes } => {
            world.messages -= 1;
            world.is_ring_lost = false;
            let asked = world.instant;
            world.collectors[who] =
                Collector { task: Task::Asking, has_message: true, is_late: false, asked, told, minutes };
        }
    }
}

fn ask(world: &mut World, setup: &Setup, who: usize) {
    world.tally.unapplied = world.tally.unapplied.max(world.threescale.unapplied());
    let remaining = world.threescale.remaining(world.period(setup), setup);
    let fresh = setup.fresh(world.collectors[who].asked, world.instant);
    world.collectors[who].task = Task::Storing { remaining, fresh };
}

/// Before a report, the lease must still cover it.
fn store(world: &mut World, setup: &Setup, who: usize) {
    let Task::Storing { remaining, fresh } = world.collectors[who].task else { return };
    let told = world.collectors[who].told;
    world.ledger.store(Store {
        now: world.now(),
        asked: setup.asked(world.collectors[who].asked),
        entry: String::new(),
        fresh: at(fresh),
        room: if remaining == 0 { Room::Denied } else { Room::Remaining(u64::from(remaining)) },
        told_at_ask: if setup.has(Flaw::ToldIsReadAtTheStore) { world.peek(setup).told } else { told },
        own: false,
        keep: ticks(setup.keep),
    });
    if world.collectors[who].is_over_lease(world.instant, setup) {
        fail(world, who);
    } else if setup.has(Flaw::AcknowledgedBeforeTheReport) {
        world.collectors[who].task = Task::Acknowledging;
    } else {
        world.collectors[who].task = Task::Reporting;
    }
}

fn report(world: &mut World, setup: &Setup, who: usize) {
    let collector = &mut world.collectors[who];
    for (minute, uses) in &collector.minutes {
        let instant = u8::try_from(minute.number() * MINUTE).unwrap_or(u8::MAX);
        let time = if setup.has(Flaw::OneTimeForAllUses) { collector.asked } else { instant };
        world.threescale.accept(setup.period(time), u8::try_from(*uses).unwrap_or(u8::MAX), setup);
    }
    collector.task = Task::Acknowledging;
    if setup.has(Flaw::AcknowledgedBeforeTheReport) {
        *collector = Collector::default();
    }
}

fn acknowledge(world: &mut World, setup: &Setup, who: usize) -> Result<(), Broken> {
    let owner = if setup.has(Flaw::AnyoneMayAcknowledge) { owner(world, who) } else { name(who) };
    let minutes = world.collectors[who].minutes.clone();
    let acked = world.ledger.ack(&Ack { owner, minutes, keep: ticks(setup.keep), now: world.now() });
    match acked {
        Acked::Untold(_) => world.tally.acknowledged += world.collectors[who].uses(),
        Acked::NotTheOwner if world.collectors[who].is_late => {
            world.tally.repeated += world.collectors[who].uses();
        }
        Acked::NotTheOwner => return Err("a collector lost its lease in time".to_owned()),
    }
    if setup.has(Flaw::AcknowledgedBeforeTheReport) {
        world.collectors[who].task = Task::Reporting;
    } else {
        world.collectors[who] = Collector::default();
    }
    Ok(())
}

/// The message comes again, if it has not already.
fn fail(world: &mut World, who: usize) {
    world.messages += u8::from(world.collectors[who].has_message);
    world.collectors[who] = Collector::default();
}

/// A dead collector's name may be used again: the dead do nothing that could be mistaken for another's doing.
fn name(who: usize) -> String {
    ["a", "b"][who].to_owned()
}

/// The name under which an acknowledgement is surely taken.
fn owner(world: &World, who: usize) -> String {
    let other = 1 - who;
    let is_accepted = |who| {
        let ack = Ack { owner: name(who), minutes: Vec::new(), keep: ticks(1), now: world.now() };
        world.ledger.clone().ack(&ack) != Acked::NotTheOwner
    };
    name(if is_accepted(other) { other } else { who })
}
