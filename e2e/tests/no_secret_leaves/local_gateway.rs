//! What the local gateway writes and answers.

use std::sync::{Arc, Mutex};

use lambda_shell::{Log, http_client, tls};
use local_gateway::{AccessLog, ApiConfig, Config, Gateway, Kind};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use threescale_stub::ServiceKind;
use tokio::net::TcpListener;

use crate::evidence::Evidence;
use crate::marks::{APP_KEY, STRAY, UNKNOWN_KEY};
use crate::threescale::user_key;
use crate::world::World;
use crate::{events, in_time};

const PLACES: [&str; 3] = ["access log", "answers to clients", "logs and metrics"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_of_every_kind_of_api() {
    in_time(async {
        let world = World::start(ServiceKind::UserKey).await;
        let mut evidence = Evidence::default();
        for kind in [Kind::RestToken, Kind::RestRequest, Kind::Http1, Kind::Http2] {
            let (log, access) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<Mutex<Vec<String>>>::default());
            let gateway = gateway(&world, kind, &log, &access).await;
            let answers = calls(&gateway).await;
            assert!(answers.contains("200 OK") && answers.contains("403 Forbidden"), "{answers}");
            evidence.add(PLACES[1], answers);
            evidence.add(PLACES[0], access.lock().unwrap().join("\n"));
            evidence.add(PLACES[2], log.lock().unwrap().join("\n"));
        }
        evidence.is_clean(&PLACES);
    })
    .await;
}

async fn gateway(
    world: &World,
    kind: Kind,
    log: &Arc<Mutex<Vec<String>>>,
    access: &Arc<Mutex<Vec<String>>>,
) -> Gateway {
    let (log, access) = (Arc::clone(log), Arc::clone(access));
    let source = if kind == Kind::RestToken { "header:apikey" } else { events::SOURCES };
    let config = Config {
        variables: world.variables(&[("CREDENTIAL_SOURCES", source)]),
        threescale: Some(world.threescale.url()),
        log: Log::to(move |line| log.lock().unwrap().push(line.to_owned())),
        access_log: AccessLog::to(move |line| access.lock().unwrap().push(line.to_owned())),
        api: ApiConfig { kind, ..ApiConfig::default() },
        ..Config::default()
    };
    Gateway::start(TcpListener::bind(("127.0.0.1", 0)).await.unwrap(), config).await.unwrap()
}

/// Calls with a known key, an unknown one and none, in headers and queries, and returns the answers in full.
async fn calls(gateway: &Gateway) -> String {
    let client = http_client(&tls(None).unwrap()).unwrap();
    let mut answers = Vec::new();
    for key in [&user_key(0), UNKNOWN_KEY, APP_KEY] {
        let query: String = form_urlencoded::byte_serialize(key.as_bytes()).collect();
        let Value::String(basic) = events::basic(&format!("{key}:"))["authorization"].take() else { panic!("a text") };
        for (name, value) in
            [("apikey", key), ("authorization", &format!("Bearer {key}")), ("authorization", &basic), ("cookie", STRAY)]
        {
            for query in [String::new(), format!("?user_key={query}")] {
                let name = HeaderName::from_static(name);
                let headers = HeaderMap::from_iter([(name, HeaderValue::from_bytes(value.as_bytes()).unwrap())]);
                let url = format!("http://{}/dev/greetings{query}", gateway.address());
                let answer = client.get(url).headers(headers).send().await.unwrap();
                answers.push(format!("{} {:?}", answer.status(), answer.headers()));
                answers.push(answer.text().await.unwrap());
            }
        }
    }
    answers.join("\n")
}
