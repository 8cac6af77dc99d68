//! What becomes of messages that were handed out too often.

use std::time::{Duration, Instant};

use crate::faults::{MINUTE, Threescale, Weather};
use crate::rounds::{PATIENCE, Run};
use crate::seed;
use crate::world::user_key;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_letter_is_told_once_it_is_put_back_and_poison_dies_again() {
    let mut run = Run::start(seed()).await;
    let key = user_key(0);
    run.call(&key, 3).await;
    run.world.set(Weather::FAIR.with_threescale(Threescale::IsDown));
    run.world.queue.send(&[POISON]).await;
    until_dead_letters(&mut run, 2).await;
    assert_eq!((run.world.untold().await, run.world.counted()[&key]), (vec![key.clone()], 1), "the authrep alone");

    run.world.set(Weather::FAIR);
    assert_eq!(run.world.put_dead_letters_back().await, 2);
    until_dead_letters(&mut run, 1).await;
    assert_eq!((run.world.untold().await, run.world.counted()[&key]), (vec![], 3));
    let bodies: Vec<_> = run.world.dead.receive().await.into_iter().map(|letter| letter.body).collect();
    assert_eq!(bodies, [POISON]);
}

/// Lets the workers try each message again, after the lease of the try before, until so many are given up and none is
/// left.
async fn until_dead_letters(run: &mut Run, count: u32) {
    let begun = Instant::now();
    loop {
        run.work_once().await;
        run.world.clock.advance(MINUTE);
        if (run.world.queue.length().await, run.world.dead.length().await) == (0, count) {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "there are no {count} dead letters after {PATIENCE:?}");
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// A later release may write messages that this one can't read.
const POISON: &str = r#"{"v":99}"#;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
