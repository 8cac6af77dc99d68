//! Whatever Redis does, 3scale is asked instead, and nobody is let in whom 3scale would not let in.

use std::net::{Ipv4Addr, SocketAddr};

use e2e::RedisConfig;
use runtime_api::Function;
use threescale_stub::{Endpoint, Fault};
use tokio::net::{TcpListener, TcpSocket};

use crate::support::{USER_KEY, World, ask, in_time, request_event, token_event};

/// Asks for a known key, an unknown one, and with 3scale silent.
async fn is_answered_by_3scale(world: &World, authorizer: &Function) {
    let (asked, counted) = (world.account.requests(Endpoint::Authrep), world.account.counted(USER_KEY));
    assert_eq!(ask(authorizer, &token_event(USER_KEY)).await, "allow granted unavailable");
    assert_eq!(ask(authorizer, &request_event("CANARY-unknown")).await, "deny user_key_invalid unavailable");
    assert_eq!(ask(authorizer, &request_event(USER_KEY)).await, "allow granted unavailable");
    assert_eq!(world.account.requests(Endpoint::Authrep), asked + 3);
    world.account.set_fault(Fault::hang());
    assert_eq!(ask(authorizer, &token_event(USER_KEY)).await, "deny backend_unavailable unavailable");
    world.account.set_fault(None);
    assert_eq!(world.account.counted(USER_KEY), counted + 2);
}

/// Nobody waits longer than this for Redis, nor for a 3scale that is silent.
const IMPATIENT: [(&str, &str); 2] = [("ELASTICACHE_TIMEOUT_MS", "300"), ("THREESCALE_TIMEOUT_MS", "1500")];

fn impatient<'v>(changes: &[(&'v str, &'v str)]) -> Vec<(&'v str, &'v str)> {
    [IMPATIENT.as_slice(), changes].concat()
}

#[tokio::test]
async fn that_refuses_connections() {
    in_time(async {
        let world = World::start().await;
        let reserved = TcpSocket::new_v4().unwrap();
        reserved.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let port = reserved.local_addr().unwrap().port().to_string();
        let authorizer = world.authorizer(&impatient(&[("ELASTICACHE_PORT", &port)])).await;
        is_answered_by_3scale(&world, &authorizer).await;
        let log = world.end([authorizer]).await.join("\n");
        assert!(log.contains(r#""error":"not connected""#), "{log}");
    })
    .await;
}

#[tokio::test]
async fn that_accepts_connections_and_is_silent() {
    in_time(async {
        let world = World::start().await;
        let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = silent.local_addr().unwrap().port().to_string();
        let authorizer = world.authorizer(&impatient(&[("ELASTICACHE_PORT", &port)])).await;
        is_answered_by_3scale(&world, &authorizer).await;
        let log = world.end([authorizer]).await.join("\n");
        assert!(log.contains("cache failed"), "{log}");
    })
    .await;
}

#[tokio::test]
async fn that_falls_silent_between_two_calls() {
    in_time(async {
        let world = World::start().await;
        let authorizer = world.authorizer(&IMPATIENT).await;
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted miss");
        world.redis.freeze();
        is_answered_by_3scale(&world, &authorizer).await;
        world.redis.thaw();
        until_it_hits(&authorizer).await;
        let log = world.end([authorizer]).await.join("\n");
        assert!(log.contains(r#""error":"timed out""#), "{log}");
    })
    .await;
}

#[tokio::test]
async fn that_wants_a_password() {
    in_time(async {
        let world = World::start().await;
        let authorizer = world.authorizer(&impatient(&[("ELASTICACHE_AUTH_TOKEN", "")])).await;
        is_answered_by_3scale(&world, &authorizer).await;
        let log = world.end([authorizer]).await.join("\n");
        assert!(log.contains(r#""error":"refused: NOAUTH""#), "{log}");
    })
    .await;
}

#[tokio::test]
async fn that_wants_another_password() {
    in_time(async {
        let world = World::start().await;
        let authorizer = world.authorizer(&impatient(&[("ELASTICACHE_AUTH_TOKEN", "CANARY-wrong")])).await;
        is_answered_by_3scale(&world, &authorizer).await;
        let log = world.end([authorizer]).await.join("\n");
        assert!(log.contains(r#""error":"refused: WRONGPASS""#), "{log}");
    })
    .await;
}

#[tokio::test]
async fn that_restarts_with_all_it_knew() {
    in_time(async {
        let mut world = World::with_redis(RedisConfig::default().keeping_data()).await;
        let authorizer = world.authorizer(&[]).await;
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted miss");
        for _ in 0..3 {
            world.redis.restart().await;
            assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted hit");
        }
        world.end([authorizer]).await;
    })
    .await;
}

#[tokio::test]
async fn that_restarts_and_knows_nothing() {
    in_time(async {
        let mut world = World::start().await;
        let authorizer = world.authorizer(&[]).await;
        for _ in 0..3 {
            assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted miss");
            assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted hit");
            world.redis.restart().await;
        }
        world.end([authorizer]).await;
    })
    .await;
}

#[tokio::test]
async fn that_is_gone_for_a_while() {
    in_time(async {
        let mut world = World::start().await;
        let authorizer = world.authorizer(&IMPATIENT).await;
        assert_eq!(ask(&authorizer, &token_event(USER_KEY)).await, "allow granted miss");
        world.redis.stop().await;
        is_answered_by_3scale(&world, &authorizer).await;
        world.redis.restart().await;
        until_it_hits(&authorizer).await;
        world.end([authorizer]).await;
    })
    .await;
}

/// A cache that failed several times is left alone for a while; 3scale answers until it is asked again.
async fn until_it_hits(authorizer: &Function) {
    loop {
        match ask(authorizer, &token_event(USER_KEY)).await.as_str() {
            "allow granted hit" => return,
            "allow granted unavailable" | "allow granted miss" => {}
            other => panic!("{other}"),
        }
    }
}
