//! From the execution of the program until it is ready, and until it has answered its first call.

use std::time::Duration;

use e2e::{Probe, RedisConfig, RedisServer};

use crate::Effort;
use crate::cpu_share::CpuShare;
use crate::function::{Function, Setup};
use crate::samples::Samples;
use crate::world::{EVENT, World};

/// The memory of the function that gets a share of a processor.
pub(crate) const LITTLE_MEMORY_MB: u32 = 128;

/// Starts of every kind.
pub(crate) struct Cold {
    pub(crate) noop: Starts,
    pub(crate) without_cache: Starts,
    pub(crate) with_cache: Starts,
    /// Both with a share of a processor, or why that can't be had here.
    pub(crate) with_a_share: Result<[Starts; 2], String>,
}

/// Starts of one kind.
pub(crate) struct Starts {
    pub(crate) first_poll: Samples,
    pub(crate) first_answer: Samples,
    pub(crate) cpu: Samples,
}

struct Start {
    first_poll: Duration,
    first_answer: Duration,
    cpu: Duration,
}

struct Kind {
    setup: Setup,
    expected: &'static str,
    cache: Option<Probe>,
    starts: Vec<Start>,
}

/// Starts every kind in turn, as often as `effort` says.
pub(crate) async fn measured(world: &World, effort: Effort) -> Cold {
    let redis = RedisServer::start(RedisConfig::default().with_tls("localhost")).await;
    let noop = || Kind::new(World::noop(), "null", None);
    let probe = redis.probe().await;
    let with_cache = || Kind::new(world.with_cache(&redis), r#""cache":"miss""#, Some(probe.clone()));
    let without_cache = Kind::new(world.without_cache(), r#""cache":"off""#, None);
    let kinds = in_turn([noop(), without_cache, with_cache()], effort.starts, None).await;
    let with_a_share = match CpuShare::of_memory(LITTLE_MEMORY_MB) {
        Ok(share) => Ok(in_turn([noop(), with_cache()], effort.starts_with_a_share, Some(&share)).await),
        Err(error) => {
            eprintln!("NOT MEASURED with a share of a processor: no control group can be made here: {error}");
            Err(error.to_string())
        }
    };
    let [noop, without_cache, with_cache] = kinds;
    Cold { noop, without_cache, with_cache, with_a_share }
}

async fn in_turn<const N: usize>(mut kinds: [Kind; N], starts: usize, share: Option<&CpuShare>) -> [Starts; N] {
    for _ in 0..starts {
        for kind in &mut kinds {
            let start = kind.start(share).await;
            kind.starts.push(start);
        }
    }
    kinds.map(|Kind { starts, .. }| Starts {
        first_poll: starts.iter().map(|start| start.first_poll).collect(),
        first_answer: starts.iter().map(|start| start.first_answer).collect(),
        cpu: starts.iter().map(|start| start.cpu).collect(),
    })
}

impl Kind {
    fn new(setup: Setup, expected: &'static str, cache: Option<Probe>) -> Self {
        Self { setup, expected, cache, starts: Vec::new() }
    }

    async fn start(&self, share: Option<&CpuShare>) -> Start {
        if let Some(cache) = &self.cache {
            let () = cache.ask(&["FLUSHALL"]).await;
        }
        let mut function = Function::start(&self.setup, share).await;
        let ready = function.ready().await;
        let (answer, answered, _) = function.lambda.invoke(EVENT.to_owned()).await;
        assert!(answer.contains(self.expected), "{answer}");
        let (first_poll, first_answer) = (ready - function.begun, answered - function.begun);
        let cpu = function.cpu();
        function.end().await;
        Start { first_poll, first_answer, cpu }
    }
}
