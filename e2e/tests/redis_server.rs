//! What the other tests rely on: a server of one's own that can be stopped, restarted, frozen and searched.

use std::time::Duration;

use e2e::{RedisConfig, RedisServer};

#[tokio::test]
async fn data_survive_a_restart_where_they_are_to() {
    for (config, found) in
        [(RedisConfig::default(), None), (RedisConfig::default().keeping_data(), Some("value".to_owned()))]
    {
        let mut server = RedisServer::start(config).await;
        let () = server.probe().await.ask(&["SET", "name", "value"]).await;
        server.stop().await;
        server.restart().await;
        assert_eq!(server.probe().await.ask::<Option<String>>(&["GET", "name"]).await, found);
    }
}

#[tokio::test]
async fn a_frozen_server_answers_when_it_is_thawed() {
    let server = RedisServer::start(RedisConfig::default()).await;
    let probe = server.probe().await;
    server.freeze();
    let mut answer = Box::pin(probe.ask::<String>(&["PING"]));
    assert!(tokio::time::timeout(Duration::from_millis(50), &mut answer).await.is_err());
    server.thaw();
    assert_eq!(answer.await, "PONG");
}

#[tokio::test]
async fn a_dump_shows_every_text_as_it_is() {
    let server = RedisServer::start(RedisConfig::default()).await;
    let probe = server.probe().await;
    let long = "x".repeat(1000) + "CANARY-end";
    let () = probe.ask(&["HSET", "CANARY-name", "CANARY-field", "CANARY-value", "long", &long]).await;
    let dump = String::from_utf8_lossy(&probe.dump().await).into_owned();
    for canary in ["CANARY-name", "CANARY-field", "CANARY-value", "CANARY-end"] {
        assert!(dump.contains(canary), "{canary}");
    }
}

#[tokio::test]
async fn servers_do_not_disturb_each_other() {
    let starts: Vec<_> = (0..8).map(|_| tokio::spawn(RedisServer::start(RedisConfig::default()))).collect();
    let mut ports = std::collections::BTreeSet::new();
    let mut servers = Vec::new();
    for start in starts {
        let server = start.await.expect("a server that starts");
        assert!(ports.insert(server.settings().port), "a port of its own");
        servers.push(server);
    }
}
