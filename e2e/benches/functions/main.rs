//! What the authorizer costs as Lambda runs it: until it is ready, for a call, in memory and on disk.
//!
//! The released program stands between a Runtime API, a Redis server and the 3scale stub, all on this machine. Beside it
//! runs what nobody can go below: functions that do nothing, or nothing but one request to Redis. Prints tables in
//! Markdown; `--plot FILE` draws the warm ones. As a test everything is done once, and nothing is judged.

mod budget;
mod cold;
mod cpu_share;
mod function;
mod http;
mod lambda;
mod plot;
mod samples;
mod size;
mod tables;
mod warm;
mod world;

use world::World;

/// How often things are done.
#[derive(Clone, Copy, Debug)]
struct Effort {
    /// Processes that are started of each kind.
    starts: usize,
    /// Those of them that have a share of a processor.
    starts_with_a_share: usize,
    /// Turns that each kind of call gets.
    turns: usize,
    /// Calls in a turn.
    calls: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo bench` says so; `cargo test` does not.
    let is_bench = arguments.iter().any(|argument| argument == "--bench");
    let effort = if is_bench { THOROUGH } else { ONCE };
    let world = World::start().await;
    let cold = cold::measured(&world, effort).await;
    let warm = Box::pin(warm::measured(&world, effort)).await;
    let sizes = size::measured();
    if is_bench {
        print!("{}", tables::of(&cold, &warm, &sizes));
    }
    if let Some(file) = arguments.iter().skip_while(|argument| *argument != "--plot").nth(1) {
        std::fs::write(file, plot::of(&warm)).expect("the plot can be written");
    }
}

const THOROUGH: Effort = Effort { starts: 100, starts_with_a_share: 30, turns: 150, calls: 20 };
const ONCE: Effort = Effort { starts: 1, starts_with_a_share: 1, turns: 1, calls: 1 };
