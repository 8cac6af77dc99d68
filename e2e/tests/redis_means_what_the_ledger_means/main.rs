//! The scripts are a second writing of the ledger's rules. Any sequence of operations, carried out by both, gets the
//! same answers and leaves the same state with the same end.
#![expect(clippy::unwrap_used, reason = "a server that does not answer fails its test")]

mod operation;
mod state;

use std::sync::atomic::{AtomicU64, Ordering};

use authz_core::cache::CacheKey;
use authz_core::forget::Forget;
use authz_core::keyring::Fingerprint;
use authz_core::ledger::Ledger;
use authz_core::time::{Minute, UnixTime};
use e2e::{Probe, RedisConfig, RedisServer};
use lambda_shell::{Cache, CacheError, tls};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tokio::runtime;

use operation::{Answer, Operation, Step, step};

/// So far ahead, in 2096, the server's own clock ends nothing.
const START: UnixTime = UnixTime::from_secs(4_000_000_000);

#[test]
fn no_operation_tells_them_apart() {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let redis = runtime.block_on(Redis::start());
    let config = ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() };
    let compared = TestRunner::new(config).run(&vec(step(), 20..60), |steps| runtime.block_on(compare(&redis, &steps)));
    compared.unwrap_or_else(|difference| panic!("{difference}"));
}

struct Redis {
    _server: RedisServer,
    cache: Cache,
    probe: Probe,
    ledgers: AtomicU64,
}

impl Redis {
    async fn start() -> Self {
        let server = RedisServer::start(RedisConfig::default()).await;
        let cache = Cache::on(Some(&server.settings()), tls(None).unwrap());
        Self { cache, probe: server.probe().await, _server: server, ledgers: AtomicU64::new(0) }
    }

    fn new_key(&self) -> CacheKey {
        let number = self.ledgers.fetch_add(1, Ordering::Relaxed);
        CacheKey::parse(&format!("authz:1:7:{number:022}:use")).unwrap()
    }

    async fn carry_out(&self, key: &CacheKey, operation: Operation) -> Result<Answer, CacheError> {
        match operation {
            Operation::Take(ask) => self.cache.take(key, ask).await.map(Answer::Taken),
            Operation::Store(ask) => self.cache.store(key, ask).await.map(|()| Answer::Stored),
            Operation::Record(ask) => self.cache.record(key, ask).await.map(Answer::Recorded),
            Operation::Claim(ask) => self.cache.claim(key, ask).await.map(Answer::Claimed),
            Operation::Ack(ask) => self.cache.ack(key, &ask).await.map(Answer::Acked),
            Operation::Forget(ask) => {
                let mut forgotten = 0;
                self.cache.forget(&alone(key), ask, &mut forgotten).await.map(|()| Answer::Forgotten(forgotten == 1))
            }
        }
    }
}

/// Each of these ledgers is the only one of its credential.
fn alone(key: &CacheKey) -> Forget {
    let credential = key.as_str().split(':').nth(3).and_then(Fingerprint::parse);
    Forget { credential: credential.unwrap(), service: None }
}

/// What a sequence has come to.
struct Course {
    now: UnixTime,
    /// What the last claim that was not busy got: what workers acknowledge.
    claimed: Vec<(Minute, u64)>,
    told: u64,
}

async fn compare(redis: &Redis, steps: &[Step]) -> Result<(), TestCaseError> {
    let (mut ledger, key) = (Ledger::default(), redis.new_key());
    let mut course = Course { now: START, claimed: Vec::new(), told: 0 };
    let mut expires = None;
    for step in steps {
        let operation = step.operation(&mut course);
        if expires.is_some_and(|at| course.now >= at) {
            redis.probe.remove(&key).await;
        }
        let meant = operation.clone().on(&mut ledger);
        let got = redis.carry_out(&key, operation.clone()).await;
        prop_assert_eq!(got.as_ref(), Ok(&meant), "{:?}", operation);
        course.learn(&meant);
        let fields;
        (expires, fields) = tokio::join!(redis.probe.expires(&key), redis.probe.fields(&key));
        state::compare(&ledger, &fields, expires, course.now)
            .map_err(|difference| TestCaseError::fail(format!("after {operation:?}: {difference}: {fields:?}")))?;
    }
    Ok(())
}

impl Course {
    fn learn(&mut self, answer: &Answer) {
        match answer {
            Answer::Taken(taken) => self.told = taken.told,
            Answer::Claimed(authz_core::ledger::Claimed::Uses { told, minutes }) => {
                self.told = *told;
                self.claimed.clone_from(minutes);
            }
            Answer::Claimed(_) | Answer::Stored | Answer::Recorded(_) | Answer::Acked(_) | Answer::Forgotten(_) => {}
        }
    }
}
