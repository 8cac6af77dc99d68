//! Who calls: an authorizer in an environment of Lambda, which serves one call at a time and publishes after it.

use std::time::Duration;

use authz_core::verdict::Decision;
use e2e::{Proxy, ProxyMode};
use fastrand::Rng;
use lambda_shell::{Authorizer, Courier, Outbox};
use serde_json::json;

use crate::faults::Redis;
use crate::parts::cache;
use crate::world::{KEYS, World, user_key};

pub(crate) struct Caller {
    name: String,
    authorizer: Authorizer,
    courier: Courier,
    /// Its own way to Redis.
    road: Proxy,
    random: Rng,
    calls: u64,
}

impl Caller {
    pub(crate) async fn new(world: &World, number: usize, seed: u64) -> Self {
        let road = world.road_to_redis().await;
        let settings = world.settings(road.settings().port);
        let (outbox, inbox) = Outbox::new();
        let log = world.authorizer_log();
        let authorizer = Authorizer {
            cache: cache(&settings),
            threescale: world.threescale(),
            settings,
            outbox,
            clock: world.clock(),
            log: log.clone(),
            allowance: std::sync::Arc::default(),
        };
        let courier = Courier::new(inbox, Some(world.sns()), world.clock(), log);
        let random = Rng::with_seed(seed.wrapping_mul(31).wrapping_add(number as u64));
        Self { name: format!("caller-{number}"), authorizer, courier, road, random, calls: 0 }
    }

    /// Calls with one key after the other; some come more often than others.
    pub(crate) async fn call_often(&mut self, world: &World, times: u64) {
        for _ in 0..times {
            let key = user_key(self.random.usize(..KEYS).min(self.random.usize(..KEYS)));
            let loses = world.weather().redis == Redis::LosesReplies && self.calls.is_multiple_of(LOSES_EVERY);
            self.road.set(if loses { ProxyMode::LoseReplies } else { ProxyMode::Forward });
            self.call(world, &key).await;
        }
    }

    /// Calls, and publishes what that calls for.
    pub(crate) async fn call(&mut self, world: &World, key: &str) -> Decision {
        self.calls += 1;
        let request_id = format!("{key}/{}-{}", self.name, self.calls);
        let event = json!({ "type": "TOKEN", "authorizationToken": key, "methodArn": METHOD_ARN });
        let verdict = self.authorizer.answer(&event.to_string(), request_id.as_str()).await.unwrap().verdict;
        world.books().call(key, &verdict);
        self.courier.deliver().await;
        world.clock.advance(A_CALL);
        world.one_more_call();
        verdict.decision
    }
}

/// A round takes a few seconds, much less than a lease.
const A_CALL: Duration = Duration::from_millis(2);
const LOSES_EVERY: u64 = 25;
const METHOD_ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/greetings";
