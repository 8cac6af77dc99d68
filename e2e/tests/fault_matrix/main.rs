//! What each fault costs: the answer, its reason, who is waited for, and what becomes of the uses. Every fault is really
//! caused, and the table in `docs/fail-modes.md` is what came of it. With `UPDATE_FAULT_MATRIX=1` it is written anew.
//!
//! ```text
//!  callers, one for each kind of key and FAIL_MODE ─▶ Redis, 3scale, SNS
//!     call until their keys are what they are ─▶ a fault begins ─▶ call ─▶ it ends ─▶ call ─▶ all is told ─▶ reckoning
//! ```
//!
//! The time limits are so long that whoever waits for one is told from a slow machine. Under some of the faults the built
//! authorizer is called, too, and must answer and wait just so.
#![expect(clippy::unwrap_used, reason = "a world that can't be made fails its test")]

mod bed;
mod built;
mod caller;
mod fault;
mod key;
mod page;
mod row;
mod told;

use e2e::binary;
use futures_util::future::join_all;
use tokio::sync::Semaphore;

use bed::Bed;
use caller::Caller;
use fault::{CHAPTERS, Fault};
use key::Kind;
use row::Outcome;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_shows_what_every_fault_costs() {
    // Whoever builds it would keep the others waiting.
    binary("authorizer");
    let faults: Vec<Fault> = CHAPTERS.iter().flat_map(|chapter| chapter.faults).copied().collect();
    let outcomes = outcomes(&faults).await;
    join_all(faults.iter().zip(&outcomes).map(async |(fault, outcomes)| {
        if built::FAULTS.contains(fault) {
            built::assert_agrees(*fault, outcomes).await;
        }
    }))
    .await;
    let mut rest = outcomes.as_slice();
    let chapters = CHAPTERS.iter().map(|chapter| {
        let outcomes = rest.split_off(..chapter.faults.len()).unwrap();
        page::chapter(chapter, outcomes)
    });
    page::assert_shows(&chapters.collect::<String>());
}

/// Causes faults, a few at a time, and returns what came of each for each key. They begin when all keys are what they
/// are to be: whatever keeps the processors busy would look like somebody who waits.
async fn outcomes(faults: &[Fault]) -> Vec<Vec<Outcome>> {
    let prepared = join_all(faults.iter().map(async |fault| {
        let bed = Bed::start(*fault).await;
        let callers = bed.callers().await;
        (*fault, bed, callers)
    }));
    let few = Semaphore::new(AT_A_TIME);
    let outcomes = prepared.await.into_iter().map(async |(fault, bed, callers)| {
        let _permit = few.acquire().await.unwrap();
        outcome(fault, bed, callers).await
    });
    join_all(outcomes).await
}

async fn outcome(fault: Fault, mut bed: Bed, mut callers: Vec<Caller>) -> Vec<Outcome> {
    fault.begin(&mut bed).await;
    let told = join_all(callers.iter_mut().map(Caller::call)).await;
    fault.end(&mut bed).await;
    bed.pass_a_minute();
    for caller in &mut callers {
        caller.call_when_all_is_well().await;
    }
    bed.collect().await;
    let known = callers.iter().zip(told).filter(|(caller, _)| caller.key.kind != Kind::Stranger);
    known.map(|(caller, told)| Outcome::new(caller, told, bed.account.counted(&caller.key.name()))).collect()
}

const AT_A_TIME: usize = 6;
