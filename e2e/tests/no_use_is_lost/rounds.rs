//! What happens when.

use std::sync::Arc;
use std::time::{Duration, Instant};

use authz_core::verdict::Decision;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::callers::Caller;
use crate::faults::{LONG, MINUTE, MOMENT, Redis, Sns, Threescale, Weather};
use crate::workers::Worker;
use crate::world::World;

/// So many calls, at the least.
pub(crate) const CALLS: u64 = 20_000;
const CALLERS: usize = 4;
const WORKERS: usize = 2;

/// Calls under the same faults.
#[derive(Clone, Copy)]
pub(crate) struct Round {
    name: &'static str,
    calls: u64,
    /// How long nobody did anything before.
    pause: Duration,
    weather: Weather,
    /// Whether 3scale forgets an application before.
    deletes: bool,
}

const fn round(name: &'static str, calls: u64, pause: Duration, weather: Weather) -> Round {
    Round { name, calls, pause, weather, deletes: false }
}

/// All that happens before the end.
pub(crate) const ROUNDS: [Round; 15] = [
    round("3scale fails from the beginning", 1_000, MINUTE, FAIR.with_threescale(Threescale::Fails)),
    round("fair", 1_500, MINUTE, FAIR),
    round("workers die", 2_000, MINUTE, DEADLY),
    round("SNS refuses", 1_000, MINUTE, FAIR.with_sns(Sns::Refuses)),
    round("SNS is back", 1_000, MOMENT, FAIR),
    round("3scale fails", 2_000, MINUTE, FAIR.with_threescale(Threescale::Fails)),
    round("3scale fails, and grants are too old", 1_000, LONG, DEADLY.with_threescale(Threescale::Fails)),
    round("3scale loses answers", 2_000, MINUTE, FAIR.with_threescale(Threescale::LosesAnswers)),
    round("SNS refuses again", 1_000, MINUTE, FAIR.with_sns(Sns::Refuses)),
    Round { deletes: true, ..round("SNS loses answers", 500, MOMENT, FAIR.with_sns(Sns::LosesAnswers)) },
    round("Redis loses replies", 2_000, MINUTE, FAIR.with_redis(Redis::LosesReplies)),
    round("Redis restarts", 1_000, MINUTE, FAIR.with_redis(Redis::Restarts)),
    round("SNS and 3scale fail, workers die", 1_000, MINUTE, STORM.with_threescale(Threescale::Fails)),
    round("SNS and 3scale lose answers, workers die", 1_000, MINUTE, STORM.with_threescale(Threescale::LosesAnswers)),
    round("SNS loses answers, Redis restarts, workers die", 2_000, MINUTE, STORM.with_redis(Redis::Restarts)),
];
const FAIR: Weather = Weather::FAIR;
const DEADLY: Weather = Weather::DEADLY;
const STORM: Weather = DEADLY.with_sns(Sns::LosesAnswers);

/// A world, and who acts in it.
pub(crate) struct Run {
    pub(crate) world: Arc<World>,
    callers: Vec<Caller>,
    workers: Vec<Worker>,
}

impl Run {
    pub(crate) async fn start(seed: u64) -> Self {
        let world = Arc::new(World::start(seed).await);
        let mut callers = Vec::new();
        for number in 0..CALLERS {
            callers.push(Caller::new(&world, number, seed).await);
        }
        let workers = (0..WORKERS).map(|number| Worker::new(&world, number, seed)).collect();
        Self { world, callers, workers }
    }

    /// Lets everybody act until the calls are made and no message waits.
    pub(crate) async fn live_through(&mut self, round: Round) {
        let begun = Instant::now();
        let Round { name, calls, pause, weather, deletes } = round;
        self.world.clock.advance(pause);
        if deletes {
            self.world.delete_application();
        }
        self.world.set(weather);
        let middle = self.world.calls() + calls / 2;
        let (over, working) = self.work();
        let mut calling = JoinSet::new();
        for mut caller in self.callers.drain(..) {
            let world = Arc::clone(&self.world);
            calling.spawn(async move {
                caller.call_often(&world, calls / CALLERS as u64).await;
                caller
            });
        }
        if weather.redis == Redis::Restarts {
            self.world.restart_redis_at(middle).await;
        }
        self.callers = calling.join_all().await;
        over.send_replace(true);
        self.workers = working.join_all().await;
        println!("{:>6} ms  {name}", begun.elapsed().as_millis());
    }

    /// Lets every key with untold uses be looked at, after nobody has rung for long, until there is none.
    pub(crate) async fn drain(&mut self) {
        self.world.set(FAIR);
        for _ in 0..MOST_LOOKS {
            self.world.clock.advance(MINUTE);
            for (key, caller) in self.world.untold().await.iter().zip((0..CALLERS).cycle()) {
                self.callers[caller].call(&self.world, key).await;
            }
            self.work_off().await;
            if self.world.untold().await.is_empty() {
                return;
            }
        }
        panic!("{MOST_LOOKS} looks did not suffice: {:?}", self.world.untold().await);
    }

    /// Calls with one key, so many times; each of them may pass.
    pub(crate) async fn call(&mut self, key: &str, times: u32) {
        for _ in 0..times {
            assert_eq!(self.callers[0].call(&self.world, key).await, Decision::Allow);
        }
    }

    /// Lets the workers take every message that came back to life, dead letters included, until there is none.
    pub(crate) async fn work_off(&mut self) {
        let begun = Instant::now();
        loop {
            self.work_once().await;
            let dead = self.world.put_dead_letters_back().await;
            if dead == 0 && self.world.queue.length().await == 0 {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "messages are left after {PATIENCE:?}");
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    /// Lets the workers take every message that waits.
    pub(crate) async fn work_once(&mut self) {
        let (over, working) = self.work();
        over.send_replace(true);
        self.workers = working.join_all().await;
    }

    pub(crate) async fn bring_old_messages_again(&mut self) {
        for worker in &mut self.workers {
            worker.take_old_messages(&self.world).await;
        }
    }

    fn work(&mut self) -> (watch::Sender<bool>, JoinSet<Worker>) {
        let (over, _) = watch::channel(false);
        let mut working = JoinSet::new();
        for mut worker in self.workers.drain(..) {
            let (world, over) = (Arc::clone(&self.world), over.subscribe());
            working.spawn(async move {
                worker.work(&world, over).await;
                worker
            });
        }
        (over, working)
    }
}

const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
const MOST_LOOKS: usize = 10;
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
