//! The local gateway in front of a built authorizer and a real Redis.
#![expect(clippy::unwrap_used, reason = "a gateway that can not be started fails its test")]

use std::collections::BTreeMap;
use std::time::Duration;

use e2e::{RedisConfig, RedisServer, binary};
use lambda_shell::{Log, http_client, tls};
use local_gateway::{AccessLog, Config, Gateway};
use tokio::net::TcpListener;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_built_authorizer_answers_behind_it_and_every_call_is_counted() {
    let redis = RedisServer::start(RedisConfig::default()).await;
    let gateway = gateway_before(&redis).await;
    let client = http_client(&tls(None).unwrap()).unwrap();
    let get = async |path: &str, key: Option<&str>| {
        let request = client.get(format!("http://{}{path}", gateway.address()));
        key.into_iter().fold(request, |request, key| request.header("apikey", key)).send().await.unwrap()
    };
    let mut caches = Vec::new();
    for _ in 0..20 {
        let answer = get("/dev/greetings", Some("demo-key")).await;
        assert_eq!(answer.status(), 200);
        caches.push(answer.headers()["x-authorizer-cache"].to_str().unwrap().to_owned());
    }
    assert_eq!((caches[0].as_str(), caches[19].as_str()), ("miss", "hit"));
    assert_eq!(get("/dev/greetings", Some("suspended-key")).await.status(), 403);
    assert_eq!(get("/dev/greetings", None).await.status(), 401);
    let counted = async {
        // Messages leave after the answer, so the last may still be on their way.
        while get("/_local/usage?flush=1", None).await.text().await.unwrap() != "{\"demo-key\":{\"hits\":20}}\n" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), counted).await.expect("each of 20 calls is counted, and no other");
}

async fn gateway_before(redis: &RedisServer) -> Gateway {
    let port = redis.settings().port.to_string();
    let variables = [("ELASTICACHE_ENDPOINT", "127.0.0.1"), ("ELASTICACHE_PORT", port.as_str())];
    let config = Config {
        variables: variables
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
        bootstrap: Some(binary("authorizer")),
        log: Log::to(|_| {}),
        access_log: AccessLog::to(|_| {}),
        ..Config::default()
    };
    Gateway::start(TcpListener::bind(("127.0.0.1", 0)).await.unwrap(), config).await.unwrap()
}
