//! The life of a key: asked for once, remembered, collected, asked for again.

use authz_core::collect::Outcome;
use authz_core::verdict::{CacheState, Decision, Reason};
use threescale_stub::{Endpoint, Period, Plan};

use crate::world::{ask, world};

const MISS: (Decision, Reason, CacheState) = (Decision::Allow, Reason::Granted, CacheState::Miss);
const HIT: (Decision, Reason, CacheState) = (Decision::Allow, Reason::Granted, CacheState::Hit);
const SPENT: (Decision, Reason, CacheState) = (Decision::Deny, Reason::LimitsExceeded, CacheState::Hit);

#[tokio::test]
async fn five_calls_a_minute_are_five_calls_a_minute() {
    let mut world = world(&Plan::new("Basic").limit("hits", Period::Minute, 5)).await;
    let authorizer = world.authorizer();
    for answer in [MISS, HIT, HIT, HIT, HIT, SPENT, SPENT] {
        assert_eq!(ask(&authorizer).await, answer);
    }
    assert_eq!((world.counted(), world.account.lock().unwrap().requests(Endpoint::Authrep)), (1, 1));
    assert_eq!(world.collect().await, [Outcome::Collected { told: 4, dropped: 0, untold: 0 }]);
    assert_eq!(world.counted(), 5);
    let answer = ask(&authorizer).await;
    assert_eq!((answer.0, answer.1), (Decision::Deny, Reason::LimitsExceeded));
    assert_eq!(world.counted(), 5);
    world.assert_nothing_leaked().await;
}

#[tokio::test]
async fn what_one_authorizer_learns_the_others_know() {
    let mut world = world(&Plan::new("Unlimited")).await;
    assert_eq!(ask(&world.authorizer()).await, MISS);
    for _ in 0..5 {
        assert_eq!(ask(&world.authorizer()).await, HIT);
    }
    assert_eq!(world.collect().await, [Outcome::Collected { told: 5, dropped: 0, untold: 0 }]);
    assert_eq!(world.collect().await, [], "nothing rang since");
    assert_eq!(world.counted(), 6);
    world.assert_nothing_leaked().await;
}

#[tokio::test]
async fn without_redis_every_call_asks_3scale() {
    let mut world = world(&Plan::new("Basic").limit("hits", Period::Minute, 5)).await;
    let authorizer = world.authorizer();
    assert_eq!(ask(&authorizer).await, MISS);
    world.server.stop().await;
    for _ in 0..4 {
        assert_eq!(ask(&authorizer).await, (Decision::Allow, Reason::Granted, CacheState::Unavailable));
    }
    assert_eq!(ask(&authorizer).await, (Decision::Deny, Reason::LimitsExceeded, CacheState::Unavailable));
    assert_eq!(world.counted(), 5);
}
