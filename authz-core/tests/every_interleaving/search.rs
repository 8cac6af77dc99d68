//! Walks all worlds that can come of a setup, the nearest first, so that a trace to a broken promise is a short one.

use std::collections::BTreeSet;
use std::fmt;

use crate::promises::{Measures, check};
use crate::setup::Setup;
use crate::world::{Broken, Move, World};

/// What a walk has seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk {
    pub(crate) worlds: usize,
    pub(crate) worst: Measures,
}

/// A promise that does not hold, and how it came to that.
#[derive(Debug)]
pub(crate) struct Violation {
    pub(crate) broken: Broken,
    pub(crate) trace: Vec<Move>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, after:", self.broken)?;
        self.trace.iter().try_for_each(|step| writeln!(f, "  {step:?}"))
    }
}

pub(crate) fn walk(setup: &Setup) -> Result<Walk, Violation> {
    let first = World::new(setup);
    let mut seen = BTreeSet::from([first.clone()]);
    let mut layer = vec![(first, 0)];
    let mut steps = Steps::default();
    let mut worst = Measures::default();
    while !layer.is_empty() {
        let mut next_layer = Vec::new();
        for (world, reached) in layer {
            for step in world.moves(setup) {
                let violation = |broken| Violation { broken, trace: steps.trace(reached, step) };
                let next = world.after(step, setup).map_err(violation)?;
                if seen.contains(&next) {
                    continue;
                }
                worst = worst.worst(check(&next, setup).map_err(violation)?);
                seen.insert(next.clone());
                next_layer.push((next, steps.push(reached, step)));
            }
        }
        layer = next_layer;
    }
    Ok(Walk { worlds: seen.len(), worst })
}

/// How each world was first reached: from which, and by what. The first world is number 0.
#[derive(Default)]
struct Steps(Vec<(usize, Move)>);

impl Steps {
    fn push(&mut self, from: usize, step: Move) -> usize {
        self.0.push((from, step));
        self.0.len()
    }

    fn trace(&self, mut reached: usize, last: Move) -> Vec<Move> {
        let mut trace = vec![last];
        while let Some((from, step)) = reached.checked_sub(1).map(|index| self.0[index]) {
            trace.push(step);
            reached = from;
        }
        trace.reverse();
        trace
    }
}
