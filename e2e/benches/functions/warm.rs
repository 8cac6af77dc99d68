//! Calls of a function that has been running for a while, and what Redis takes of them.

use std::time::{Duration, Instant};

use e2e::{Probe, RedisConfig, RedisServer};
use redis::Script;
use redis::aio::MultiplexedConnection;

use crate::Effort;
use crate::function::{Function, Setup};
use crate::samples::Samples;
use crate::world::{EVENT, World};

/// Calls of every kind, from the event until the answer.
pub(crate) struct Warm {
    /// Redis is asked for a value by a client that does nothing else.
    pub(crate) get: Samples,
    /// It runs the script of a hit for that client.
    pub(crate) script: Samples,
    pub(crate) noop: Calls,
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
    let mut bare = BareRedis::connect(&bare).await;
    let mut kinds = [
        Kind::start(&World::noop(), "null", None).await,
        Kind::start(&world.with_cache(&plain), HIT, None).await,
        Kind::start(&world.with_cache(&hits), HIT, None).await,
        Kind::start(&world.with_cache(&misses), MISS, Some(misses.probe().await)).await,
    ];
    for kind in &mut kinds {
        kind.warm_up(effort.calls).await;
    }
    let probe = plain.probe().await;
    let (mut get, mut script, reads) = (Vec::new(), Vec::new(), requests(&probe).await);
    for _ in 0..effort.turns {
        for kind in &mut kinds {
            kind.turn(effort.calls).await;
        }
        for _ in 0..effort.calls {
            get.push(bare.get().await);
            script.push(bare.script().await);
        }
    }
    // The question how many there were is one of them.
    let reads = requests(&probe).await - reads - 1;
    let [noop, hit, hit_over_tls, miss_over_tls] = kinds.map(Kind::calls);
    #[expect(clippy::cast_precision_loss, reason = "there are not that many")]
    let round_trips = reads as f64 / hit.cycle.count() as f64;
    let (get, script) = (get.into_iter().collect(), script.into_iter().collect());
    Warm { get, script, noop, hit, hit_over_tls, miss_over_tls, round_trips }
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
        let function = Function::start(setup, None).await;
        Self { function, expected, forgets, cycles: Vec::new(), cpu_before: Duration::ZERO }
    }

    /// The first call of all finds nothing in the cache.
    async fn warm_up(&mut self, calls: usize) {
        self.function.lambda.invoke(EVENT.to_owned()).await;
        self.turn(calls).await;
        self.function.lambda.ready().await;
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

/// A client that does nothing but ask.
struct BareRedis {
    connection: MultiplexedConnection,
    script: Script,
}

impl BareRedis {
    async fn connect(server: &RedisServer) -> Self {
        let address = format!("redis://127.0.0.1:{}", server.settings().port);
        let client = redis::Client::open(address).expect("an address");
        let connection = client.get_multiplexed_async_connection().await.expect("a server that answers");
        let mut bare = Self { connection, script: Script::new(TAKE) };
        let mut store = redis::cmd("HSET");
        store.arg("ledger").arg(&[
            ("entry", r#"{"grant":{"plan":"Gold"}}"#),
            ("fresh", "4102444800000"),
            ("uses", "1"),
            ("told", "1"),
        ]);
        let () = store.query_async(&mut bare.connection).await.expect("a server that takes it");
        let () = redis::cmd("SET")
            .arg("text")
            .arg("x".repeat(64))
            .query_async(&mut bare.connection)
            .await
            .expect("a server that takes it");
        bare.script().await;
        bare
    }

    async fn get(&mut self) -> Duration {
        let begun = Instant::now();
        let _: String = redis::cmd("GET").arg("text").query_async(&mut self.connection).await.expect("an answer");
        begun.elapsed()
    }

    async fn script(&mut self) -> Duration {
        let begun = Instant::now();
        let mut call = self.script.key("ledger");
        for argument in ["1800000000000", "1800000060000", "30000000", "4102444800000", "4102444800000"] {
            call.arg(argument);
        }
        let _: redis::Value = call.invoke_async(&mut self.connection).await.expect("an answer");
        begun.elapsed()
    }
}

const HIT: &str = r#""cache":"hit""#;
const MISS: &str = r#""cache":"miss""#;
const TAKE: &str = include_str!("../../../lambda-shell/src/cache/redis/take.lua");
