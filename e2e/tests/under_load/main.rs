//! 50,000 calls of all kinds through the built functions, while Redis, 3scale and SNS come and go: nobody passes who must
//! not, limits hold, no use is lost, and the functions do not grow.
//!
//! ```text
//!  4 x authorizer, as fast as they answer ─▶ Redis, 3scale
//!            └ SNS ─▶ authrep-async, as fast as it collects ─▶ Redis, 3scale
//! ```
//!
//! `SEED` chooses the calls. The weather depends on how many were made, so that a slow machine sees the same. `FAIL_MODE`
//! is `closed`; what `open` lets pass is for `fault_matrix` to tell, and how often uses are told twice for
//! `no_use_is_lost`.
#![expect(clippy::unwrap_used, reason = "a world that can't be made fails its test")]

mod books;
mod calls;
mod collecting;
mod running;
mod weather;
mod world;

use std::sync::Arc;

use tokio::join;

use collecting::Collecting;
use running::{CALLS, Running, WARM_UP};
use world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_passes_who_must_not_and_no_use_is_lost() {
    let world = Arc::new(World::start().await);
    let (running, collecting) = (Running::start(&world, seed()).await, Collecting::start(&world).await);
    let (books, warm, outages, ()) = join!(
        running.make_all_calls(),
        async {
            running.calls_made(WARM_UP).await;
            running.resident_kib()
        },
        weather::forecast(&world, &running, &collecting),
        collecting.work_until(running.calls_made(CALLS)),
    );
    collecting.finish().await;
    books.print();
    books.assert_sound(&world, &outages);
    running.assert_flat(&warm);
    running.assert_nothing_was_lost().await;
}

fn seed() -> u64 {
    let seed = std::env::var("SEED").map_or(2_026, |seed| seed.parse().expect("SEED is a number"));
    println!("SEED={seed}");
    seed
}
