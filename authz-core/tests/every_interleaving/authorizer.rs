//! One call: look, and on a miss ask 3scale and remember its answer; publish if the look rang.

use authz_core::ledger::{Record, Room, Store};

use crate::setup::{Flaw, Setup, at, ticks};
use crate::world::{Broken, World};

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Authorizer {
    errand: Errand,
    /// Whether it is to publish a message before it is done.
    pub(crate) rings: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Errand {
    #[default]
    Idle,
    /// Missed, and asks 3scale.
    Asking { told: u64, asked: u8 },
    /// Got an answer and stores it; without `remaining`, it is a denial.
    Storing { told: u64, asked: u8, fresh: u8, remaining: Option<u8> },
    /// Got no answer and counts the call before it passes.
    Recording,
    /// Is done but for its message.
    Publishing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Look,
    Ask,
    GetNoAnswer,
    Store,
    Record,
    Publish,
    PublishInVain,
    PublishTwice,
    Die,
}

impl Authorizer {
    pub(crate) fn is_idle(&self) -> bool {
        self.errand == Errand::Idle
    }

    /// Whether 3scale has counted a use of which the ledger does not know yet.
    pub(crate) fn has_counted_elsewhere(&self) -> bool {
        matches!(self.errand, Errand::Storing { remaining: Some(_), .. })
    }

    fn is_done_but_for_its_message(&mut self) {
        self.errand = if self.rings { Errand::Publishing } else { Errand::Idle };
    }
}

/// Everything that this authorizer can do next.
pub(crate) fn steps(world: &World, setup: &Setup, who: usize) -> Vec<Step> {
    let left = &world.mishaps;
    let mut steps = match world.authorizers[who].errand {
        Errand::Idle => return if takes_a_call(world, setup) { vec![Step::Look] } else { vec![] },
        Errand::Asking { .. } if left.outages > 0 => vec![Step::Ask, Step::GetNoAnswer],
        Errand::Asking { .. } => vec![Step::Ask],
        Errand::Storing { .. } => vec![Step::Store],
        Errand::Recording => vec![Step::Record],
        Errand::Publishing => {
            let mut steps = vec![Step::Publish];
            steps.extend((left.lost_rings > 0).then_some(Step::PublishInVain));
            steps.extend((left.doubled_rings > 0).then_some(Step::PublishTwice));
            steps
        }
    };
    steps.extend((left.dead_authorizers > 0).then_some(Step::Die));
    steps
}

fn takes_a_call(world: &World, setup: &Setup) -> bool {
    let busy = world.authorizers.iter().filter(|authorizer| !authorizer.is_idle()).count();
    world.calls > 0 && busy < setup.callers
}

pub(crate) fn go(world: &mut World, setup: &Setup, who: usize, step: Step) -> Result<(), Broken> {
    match step {
        Step::Look => return look(world, setup, who),
        Step::Ask => ask(world, setup, who),
        Step::GetNoAnswer => {
            world.mishaps.outages -= 1;
            world.authorizers[who].errand = Errand::Recording;
        }
        Step::Store => store(world, setup, who),
        Step::Record => record(world, setup, who),
        Step::Publish => publish(world, who, 1),
        Step::PublishInVain => {
            world.mishaps.lost_rings -= 1;
            world.is_ring_lost = true;
            publish(world, who, 0);
        }
        Step::PublishTwice => {
            world.mishaps.doubled_rings -= 1;
            publish(world, who, 2);
        }
        Step::Die => die(world, who),
    }
    Ok(())
}

fn look(world: &mut World, setup: &Setup, who: usize) -> Result<(), Broken> {
    let now = world.now();
    world.calls -= 1;
    let taken = World::look(&mut world.ledger, setup, now);
    world.authorizers[who].rings = taken.ring;
    if taken.took {
        if world.is_revoked {
            return Err("a credential passes that was revoked".to_owned());
        }
        world.authorizers[who].is_done_but_for_its_message();
        allow(world, setup);
        world.tally.unasked += 1;
        return is_within_the_limit(world, setup);
    }
    if taken.refuses(now) {
        world.authorizers[who].is_done_but_for_its_message();
    } else {
        world.authorizers[who].errand = Errand::Asking { told: taken.told, asked: world.instant };
    }
    Ok(())
}

fn ask(world: &mut World, setup: &Setup, who: usize) {
    let Errand::Asking { told, asked } = world.authorizers[who].errand else { return };
    world.tally.unapplied = world.tally.unapplied.max(world.threescale.unapplied());
    let remaining = world.threescale.authrep(world.period(setup), setup);
    if remaining.is_some() {
        allow(world, setup);
    }
    let fresh = setup.fresh(asked, world.instant);
    world.authorizers[who].errand = Errand::Storing { told, asked, fresh, remaining };
}

fn store(world: &mut World, setup: &Setup, who: usize) {
    let Errand::Storing { told, asked, fresh, remaining } = world.authorizers[who].errand else { return };
    let told_at_ask = if setup.has(Flaw::ToldIsReadAtTheStore) { world.peek(setup).told } else { told };
    world.ledger.store(Store {
        now: world.now(),
        asked: setup.asked(asked),
        entry: String::new(),
        fresh: at(fresh),
        room: remaining.map_or(Room::Denied, |remaining| Room::Remaining(u64::from(remaining))),
        told_at_ask,
        own: remaining.is_some() && !setup.has(Flaw::OwnUseIsForgotten),
        keep: ticks(setup.keep),
    });
    world.authorizers[who].is_done_but_for_its_message();
}

fn record(world: &mut World, setup: &Setup, who: usize) {
    let rings = world.ledger.record(Record { now: world.now(), rering: ticks(setup.rering) });
    allow(world, setup);
    world.tally.unasked += 1;
    let authorizer = &mut world.authorizers[who];
    authorizer.rings |= rings;
    authorizer.is_done_but_for_its_message();
}

fn publish(world: &mut World, who: usize, copies: u8) {
    world.messages += copies;
    world.authorizers[who] = Authorizer::default();
}

fn die(world: &mut World, who: usize) {
    world.mishaps.dead_authorizers -= 1;
    world.is_ring_lost |= world.authorizers[who].rings;
    world.tally.orphans += u8::from(world.authorizers[who].has_counted_elsewhere());
    world.authorizers[who] = Authorizer::default();
}

fn allow(world: &mut World, setup: &Setup) {
    world.tally.allowed[world.period(setup)] += 1;
}

/// What is remembered lets a call through beyond the limit only while 3scale knows uses that the ledger does not, or
/// while 3scale itself was behind when it was asked.
fn is_within_the_limit(world: &World, setup: &Setup) -> Result<(), Broken> {
    let in_flight = world.authorizers.iter().filter(|authorizer| authorizer.has_counted_elsewhere()).count();
    let excess = world.tally.allowed[world.period(setup)].saturating_sub(setup.limit);
    let excused = world.tally.orphans + world.tally.unapplied;
    if usize::from(excess) > in_flight + usize::from(excused) {
        return Err(format!("{excess} beyond the limit, with {in_flight} authreps in flight and {excused} excused"));
    }
    Ok(())
}
