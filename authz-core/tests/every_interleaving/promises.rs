//! What holds in every world, and what holds once all is done.

use authz_core::ledger::{Ack, Acked, Claim, Claimed, Taken};

use crate::collector::Collector;
use crate::setup::{Setup, at, ticks};
use crate::world::{Broken, World};

/// Checks one world, and measures it.
pub(crate) fn check(world: &World, setup: &Setup) -> Result<Measures, Broken> {
    let taken = world.peek(setup);
    let untold = taken.uses - taken.told.min(taken.uses);
    nothing_is_lost(world, &taken)?;
    if untold > 0 {
        somebody_comes(world)?;
        a_later_look_rings(world, setup)?;
    }
    if world.is_quiet() {
        accounts_agree(world, untold)?;
        if world.calls == 0 {
            everything_gets_told(world, setup)?;
        }
    }
    Ok(Measures::of(world, setup, &taken))
}

/// How far a world is from what was meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measures {
    /// Calls beyond the limit of a period.
    pub(crate) overshoot: u8,
    /// Calls that a period still has room for, while what is remembered lets none through.
    pub(crate) shortfall: u8,
    /// Uses that 3scale counted and that never were.
    pub(crate) repeated: u8,
}

impl Measures {
    fn of(world: &World, setup: &Setup, taken: &Taken) -> Self {
        let allowed = world.tally.allowed;
        let is_denial = taken.refuses(world.now());
        let room = setup.limit.saturating_sub(allowed[world.period(setup)]);
        Self {
            overshoot: allowed.iter().map(|allowed| allowed.saturating_sub(setup.limit)).max().unwrap_or(0),
            shortfall: if is_denial { room } else { 0 },
            repeated: world.tally.repeated,
        }
    }

    pub(crate) fn worst(self, other: Self) -> Self {
        Self {
            overshoot: self.overshoot.max(other.overshoot),
            shortfall: self.shortfall.max(other.shortfall),
            repeated: self.repeated.max(other.repeated),
        }
    }
}

/// Each use that was allowed without an authrep is either acknowledged or still to be told.
fn nothing_is_lost(world: &World, taken: &Taken) -> Result<(), Broken> {
    let expected = i16::from(world.tally.unasked) - i16::from(world.tally.acknowledged);
    let by_minute: u64 = world.untold().values().sum();
    let in_all = taken.uses.checked_sub(taken.told);
    if in_all != Some(by_minute) || u64::try_from(expected) != Ok(by_minute) {
        return Err(format!("{expected} uses are to be told, the ledger says {in_all:?}, its minutes {by_minute}"));
    }
    Ok(())
}

/// Untold uses have a message, or somebody who is about to publish one, or a ring that got lost to show for them.
fn somebody_comes(world: &World) -> Result<(), Broken> {
    let is_published = world.authorizers.iter().any(|authorizer| authorizer.rings);
    let is_collected = world.collectors.iter().any(Collector::is_backed_by_a_message);
    if world.messages > 0 || is_published || is_collected || world.is_ring_lost {
        return Ok(());
    }
    Err("there are untold uses, and nobody comes for them".to_owned())
}

/// Whatever became of a ring: a look that finds untold uses when no lease and no bell is in the way rings again.
fn a_later_look_rings(world: &World, setup: &Setup) -> Result<(), Broken> {
    let later = at(world.instant + setup.rering.max(setup.lease));
    if World::look(&mut world.ledger.clone(), setup, later).ring {
        return Ok(());
    }
    Err("a look does not ring for the untold uses".to_owned())
}

/// When nobody is busy, 3scale counts each call once, and those a second time that a fault had reported twice.
fn accounts_agree(world: &World, untold: u64) -> Result<(), Broken> {
    let accepted = world.threescale.accepted();
    let total = |counts: [u8; 2]| u64::from(counts[0]) + u64::from(counts[1]);
    let expected = total(world.tally.allowed) - untold + u64::from(world.tally.repeated);
    let is_exact = untold > 0 || world.tally.repeated > 0 || accepted == world.tally.allowed;
    if total(accepted) == expected && is_exact {
        return Ok(());
    }
    Err(format!("3scale counts {accepted:?}, allowed were {:?}", world.tally.allowed))
}

/// One look and one collection after the last fault, nothing is left to be told.
fn everything_gets_told(world: &World, setup: &Setup) -> Result<(), Broken> {
    let mut ledger = world.ledger.clone();
    let later = at(world.instant + setup.rering.max(setup.lease));
    World::look(&mut ledger, setup, later);
    let owner = "last".to_owned();
    let claimed = ledger.claim(Claim { now: later, owner: owner.clone(), lease: ticks(setup.lease) });
    match claimed {
        Claimed::Nothing => Ok(()),
        Claimed::Busy { .. } => Err("the lease never ends".to_owned()),
        Claimed::Uses { minutes, .. } => match ledger.ack(&Ack { owner, minutes, keep: ticks(1), now: later }) {
            Acked::Untold(0) => Ok(()),
            rest => Err(format!("after the last collection: {rest:?}")),
        },
    }
}
