//! Calls of a function that has been running for a while.

use std::time::Duration;

use e2e::{Probe, RedisConfig, RedisServer};

use crate::Effort;
use crate::function::{Function, Setup};
use crate::samples::Samples;
use crate::world::{EVENT, World};

/// Calls of every kind, from the event until the answer.
pub(crate) struct Warm {
    pub(crate) noop: Calls,
    /// A function asks Redis for a value, and does nothing else.
    pub(crate) get: Calls,
    /// A function has Redis run the script of a hit, and does nothing else.
    pub(crate) script: Calls,
    pub(crate) hit: Calls,
    pub(crate) hit_over_tls: Calls,
    pub(crate) miss_over_tls: Calls,
    /// How often Redis read a request for a hit.
    pub(crate) round_trips: f64,
}

/// Calls of one function.
pub(crate) struct Calls {
    pub(crate) cycle: Samples,
    /// For one call.
    pub(crate) cpu: Duration,
    /// In bytes.
    pub(crate) peak_memory: u64,
}

/// Lets every kind have its turns, as `effort` says.
pub(crate) async fn measured(world: &World, effort: Effort) -> Warm {
    let over_tls = || RedisConfig::default().with_tls("localhost");
    let (plain, hits, misses) =
        (RedisServer::start(RedisConfig::default()), RedisServer::start(over_tls()), RedisServer::start(over_tls()));
    let (plain, hits, misses) = (plain.await, hits.await, misses.await);
    let bare = RedisServer::start(RedisConfig::default()).await;
    let mut kinds = [
        Kind::start(&World::noop(), "null", None).await,
        Kind::start(&World::one_request(&bare, GET), "null", None).await,
        Kind::start(&World::one_request(&bare, &script_of_a_hit(&bare.probe().await).await), "null", None).await,
        Kind::start(&world.with_cache(&plain), HIT, None).await,
        Kind::start(&world.with_cache(&hits), HIT, None).await,
        Kind::start(&world.with_cache(&misses), MISS, Some(misses.probe().await)).await,
    ];
    for kind in &mut kinds {
        kind.warm_up(effort.calls).await;
    }
    let probe = plain.probe().await;
    let reads = requests(&probe).await;
    for _ in 0..effort.turns {
        for kind in &mut kinds {
            kind.turn(effort.calls).await;
        }
    }
    // The question how many there were is one of them.
    let reads = requests(&probe).await - reads - 1;
    let [noop, get, script, hit, hit_over_tls, miss_over_tls] = kinds.map(Kind::calls);
    #[expect(clippy::cast_precision_loss, reason = "there are not that many")]
    let round_trips = reads as f64 / hit.cycle.count() as f64;
    Warm { noop, get, script, hit, hit_over_tls, miss_over_tls, round_trips }
}

struct Kind {
    function: Function,
    expected: &'static str,
    /// What is emptied before each call.
    forgets: Option<Probe>,
    cycles: Vec<Duration>,
    cpu_before: Duration,
}

impl Kind {
    async fn start(setup: &Setup, expected: &'static str, forgets: Option<Probe>) -> Self {
        let mut function = Function::start(setup, None).await;
        function.ready().await;
        Self { function, expected, forgets, cycles: Vec::new(), cpu_before: Duration::ZERO }
    }

    /// The first call of all finds nothing in the cache.
    async fn warm_up(&mut self, calls: usize) {
        self.function.lambda.invoke(EVENT.to_owned()).await;
        self.turn(calls).await;
        self.function.ready().await;
        self.cycles.clear();
        self.cpu_before = self.function.cpu();
    }

    async fn turn(&mut self, calls: usize) {
        for _ in 0..calls {
            if let Some(cache) = &self.forgets {
                let () = cache.ask(&["FLUSHALL"]).await;
            }
            let (answer, _, cycle) = self.function.lambda.invoke(EVENT.to_owned()).await;
            assert!(answer.contains(self.expected), "{answer}");
            self.cycles.push(cycle);
        }
    }

    fn calls(self) -> Calls {
        let calls = u32::try_from(self.cycles.len()).expect("not that many");
        let cpu = self.function.cpu().saturating_sub(self.cpu_before) / calls;
        Calls { cycle: self.cycles.into_iter().collect(), cpu, peak_memory: self.function.peak_memory() }
    }
}

/// How many requests a server has read.
async fn requests(probe: &Probe) -> u64 {
    let about: String = probe.ask(&["INFO", "stats"]).await;
    let reads = about.lines().find_map(|line| line.strip_prefix("total_reads_processed:")?.trim().parse().ok());
    reads.expect("a number that every server tells")
}

/// Puts a ledger into Redis, and returns the request of a hit of it.
async fn script_of_a_hit(redis: &Probe) -> String {
    let entry = r#"{"grant":{"plan":"Gold"}}"#;
    let fields = ["entry", entry, "fresh", FAR_AWAY, "uses", "1", "told", "1"];
    let () = redis.ask(&[["HSET", "ledger"].as_slice(), &fields].concat()).await;
    let hash: String = redis.ask(&["SCRIPT", "LOAD", TAKE]).await;
    format!("EVALSHA {hash} 1 ledger 1800000000000 1800000060000 30000000 {FAR_AWAY} {FAR_AWAY}")
}

const GET: &str = "GET ledger-of-nobody";
const FAR_AWAY: &str = "4102444800000";
const HIT: &str = r#""cache":"hit""#;
const MISS: &str = r#""cache":"miss""#;
const TAKE: &str = include_str!("../../../lambda-shell/src/cache/redis/take.lua");
