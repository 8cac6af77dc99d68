//! Every kind of API that the authorizer can stand in front of, over real HTTP.
#![expect(clippy::unwrap_used, reason = "a gateway that can not be started fails its test")]

mod support;

use std::time::Duration;

use authz_core::gateway::GatewayResponses;
use futures_util::{SinkExt, StreamExt};
use local_gateway::{ApiConfig, Config, Kind};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Response};
use tokio_tungstenite::tungstenite::{Error, Message};

use support::{Running, body, start_with, summary};

async fn start(api: ApiConfig, variables: &[(&str, &str)]) -> Running {
    let variables = variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    start_with(Config { variables, api, ..Config::default() }).await.unwrap()
}

fn of(kind: Kind) -> ApiConfig {
    ApiConfig { kind, ..ApiConfig::default() }
}

fn remembering(kind: Kind) -> ApiConfig {
    ApiConfig { ttl: Duration::from_secs(300), ..of(kind) }
}

/// Status and body of a call with each of the demo keys, and without a key.
async fn table(gateway: &Running) -> Vec<(u16, Value)> {
    let mut answers = Vec::new();
    for key in [Some("demo-key"), Some("suspended-key"), Some(""), None] {
        let answer = gateway.get("/dev/greetings", key).await;
        answers.push((answer.status().as_u16(), body(answer).await));
    }
    answers
}

#[tokio::test]
async fn a_token_authorizer_is_shown_the_header_and_nothing_else() {
    let gateway = start(of(Kind::RestToken), &[]).await;
    let answer = gateway.get("/dev/greetings", Some("demo-key")).await;
    assert_eq!(summary(&answer), "200 allow granted miss");
    assert_eq!(body(answer).await["context"]["plan"], "Unlimited");
    assert_eq!(summary(&gateway.get("/dev/a", Some("suspended-key")).await), "403 deny application_not_active miss");
    assert_eq!(summary(&gateway.get("/dev/a", None).await), "401 not_invoked - -");
    assert_eq!(summary(&gateway.get("/dev/a", Some(&"<".repeat(3400))).await), "401 unauthorized - -");
}

#[tokio::test]
async fn a_token_authorizer_reads_the_form_of_the_first_source() {
    let gateway = start(of(Kind::RestToken), &[("CREDENTIAL_SOURCES", "bearer,header:apikey")]).await;
    let url = format!("http://{}/dev/a", gateway.gateway.address());
    let answer = gateway.client.get(url).header("Authorization", "Bearer demo-key").send().await.unwrap();
    assert_eq!(summary(&answer), "200 allow granted miss");
    assert_eq!(summary(&gateway.get("/dev/a", Some("demo-key")).await), "401 not_invoked - -");
}

#[tokio::test]
async fn default_responses_are_those_of_api_gateway() {
    let api = ApiConfig { responses: GatewayResponses::none(), ..of(Kind::RestRequest) };
    let gateway = start(api, &[]).await;
    let denied = gateway.get("/dev/a", Some("suspended-key")).await;
    assert_eq!(denied.headers()["x-amzn-errortype"], "AccessDeniedException");
    let body = body(denied).await;
    assert!(body["Message"].as_str().is_some_and(|text| text.starts_with("User is not authorized")), "{body}");
}

#[tokio::test]
async fn what_api_gateway_remembers_is_neither_asked_nor_counted_again() {
    for kind in [Kind::RestToken, Kind::RestRequest] {
        let gateway = start(remembering(kind), &[]).await;
        for (path, cache) in [("/dev/a", "miss"), ("/dev/b", "hit"), ("/dev/a?x=1", "hit")] {
            let answer = gateway.get(path, Some("demo-key")).await;
            assert_eq!(
                (answer.status().as_u16(), &answer.headers()["x-authorizer-gateway-cache"]),
                (200, &HeaderValue::from_static(cache))
            );
        }
        assert_eq!(gateway.usage().await, json!({ "demo-key": { "hits": 1 } }));
        gateway.hand.advance(Duration::from_secs(300));
        assert_eq!(gateway.get("/dev/a", Some("demo-key")).await.headers()["x-authorizer-gateway-cache"], "miss");
    }
}

#[tokio::test]
async fn a_remembered_policy_for_one_method_denies_the_others() {
    let gateway = start(remembering(Kind::RestRequest), &[("POLICY_SCOPE", "exact")]).await;
    assert_eq!(gateway.get("/dev/a", Some("demo-key")).await.status(), 200);
    let other = gateway.get("/dev/b", Some("demo-key")).await;
    assert_eq!(other.headers()["x-authorizer-gateway-cache"], "hit");
    assert_eq!(summary(&other), "403 deny granted miss", "what was said about the first call");
}

#[tokio::test]
async fn an_identity_source_can_be_named() {
    let api = ApiConfig {
        identity_sources: vec!["method.request.header.apikey".to_owned(), "method.request.querystring.v".to_owned()],
        ..of(Kind::RestRequest)
    };
    let gateway = start(api, &[]).await;
    assert_eq!(gateway.get("/dev/a", Some("demo-key")).await.status(), 401);
    assert_eq!(gateway.get("/dev/a?v=1", Some("demo-key")).await.status(), 200);
}

#[tokio::test]
async fn an_http_api_of_payload_format_1_takes_a_policy() {
    let gateway = start(of(Kind::Http1), &[]).await;
    let table = table(&gateway).await;
    assert_eq!((table[0].0, &table[0].1["context"]["reason"]), (200, &json!("granted")));
    assert_eq!(table[1], (403, json!({ "message": "Forbidden" })));
    assert_eq!(table[2..], vec![(401, json!({ "message": "Unauthorized" })); 2]);
}

#[tokio::test]
async fn an_http_api_of_payload_format_2_takes_a_simple_response_or_a_policy() {
    for response in ["simple", "iam"] {
        let gateway = start(of(Kind::Http2), &[("HTTP_API_RESPONSE", response)]).await;
        let table = table(&gateway).await;
        assert_eq!((table[0].0, &table[0].1["context"]["lambda"]["reason"]), (200, &json!("granted")), "{response}");
        assert_eq!(table[1], (403, json!({ "message": "Forbidden" })));
        assert_eq!(table[2..], vec![(401, json!({ "message": "Unauthorized" })); 2]);
    }
}

#[tokio::test]
async fn an_http_api_remembers_by_the_identity() {
    let gateway = start(remembering(Kind::Http2), &[]).await;
    assert_eq!(gateway.get("/dev/a", Some("demo-key")).await.headers()["x-authorizer-gateway-cache"], "miss");
    assert_eq!(gateway.get("/dev/b", Some("demo-key")).await.headers()["x-authorizer-gateway-cache"], "hit");
    assert_eq!(gateway.usage().await, json!({ "demo-key": { "hits": 1 } }));
}

#[tokio::test]
async fn the_default_stage_of_an_http_api_is_at_the_root() {
    let gateway = start(ApiConfig { default_stage: true, ..of(Kind::Http1) }, &[]).await;
    let answer = gateway.get("/greetings/all", Some("demo-key")).await;
    assert_eq!(summary(&answer), "200 allow granted miss");
    assert_eq!(body(answer).await["path"], "/greetings/all");
    let lines = gateway.lines.lock().unwrap().join("\n");
    assert!(lines.contains("local/$default/GET/greetings/all"), "{lines}");
}

/// The first messages of a connection, or the answer of who does not let it be one.
async fn connect(gateway: &Running, path: &str, key: Option<&str>) -> Result<Vec<Message>, Response<Option<Vec<u8>>>> {
    let mut request = format!("ws://{}{path}", gateway.gateway.address()).into_client_request().unwrap();
    if let Some(key) = key {
        request.headers_mut().insert("apikey", HeaderValue::from_str(key).unwrap());
    }
    let mut socket = match tokio_tungstenite::connect_async(request).await {
        Ok((socket, _)) => socket,
        Err(Error::Http(response)) => return Err(*response),
        Err(error) => panic!("{error}"),
    };
    let mut heard = vec![socket.next().await.unwrap().unwrap()];
    for message in [Message::text("hello"), Message::binary(vec![0, 1])] {
        socket.send(message).await.unwrap();
        heard.push(socket.next().await.unwrap().unwrap());
    }
    socket.close(None).await.unwrap();
    Ok(heard)
}

#[tokio::test]
async fn a_websocket_is_authorized_when_it_connects() {
    let gateway = start(of(Kind::WebSocket), &[]).await;
    let heard = connect(&gateway, "/dev?v=1", Some("demo-key")).await.unwrap();
    let told: Value = serde_json::from_str(heard[0].to_text().unwrap()).unwrap();
    assert_eq!((&told["context"]["reason"], &told["context"]["plan"]), (&json!("granted"), &json!("Unlimited")));
    assert_eq!(heard[1..], [Message::text("hello"), Message::binary(vec![0, 1])]);
    assert_eq!(gateway.usage().await, json!({ "demo-key": { "hits": 1 } }), "messages are not authorized");
}

#[tokio::test]
async fn a_websocket_that_may_not_connect_gets_an_answer() {
    let gateway = start(of(Kind::WebSocket), &[]).await;
    for (path, key, status) in [
        ("/dev", Some("suspended-key"), 403),
        ("/dev", None, 401),
        ("/dev/below", Some("demo-key"), 403),
        ("/", Some("demo-key"), 403),
    ] {
        assert_eq!(connect(&gateway, path, key).await.unwrap_err().status().as_u16(), status, "{path} {key:?}");
    }
    assert_eq!(gateway.get("/dev", Some("demo-key")).await.status(), 400, "it is no handshake");
    assert_eq!(gateway.usage().await, json!({}));
}

#[tokio::test]
async fn each_request_is_one_line_of_the_access_log() {
    let gateway = start(of(Kind::RestRequest), &[]).await;
    for key in [Some("demo-key"), Some("suspended-key"), None] {
        gateway.get("/dev/greetings?user_key=demo-key", key).await;
    }
    gateway.get("/", None).await;
    let lines: Vec<Value> =
        gateway.access.lock().unwrap().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = lines.iter().map(|line| (line["status"].as_u64(), line["authorizer.reason"].as_str())).collect();
    let denied = (Some(403), Some("application_not_active"));
    assert_eq!(told, [(Some(200), Some("granted")), denied, (Some(401), None), (Some(403), None)]);
    assert_eq!((&lines[0]["ip"], &lines[0]["resourcePath"]), (&json!("127.0.0.1"), &json!("/greetings")));
    let log = gateway.access.lock().unwrap().join("\n");
    assert!(!log.contains("demo-key") && !log.contains("suspended-key"), "{log}");
}

#[tokio::test]
async fn what_api_gateway_would_refuse_does_not_start() {
    let error = async |api: ApiConfig, upstream: Option<&str>| {
        let config = Config { api, upstream: upstream.map(str::to_owned), ..Config::default() };
        start_with(config).await.err().unwrap().to_string()
    };
    let source = ApiConfig { identity_sources: vec!["header:apikey".to_owned()], ..of(Kind::Http2) };
    assert_eq!(
        error(source, None).await,
        "`header:apikey` is no identity source of this kind of API; one is `$request.header.apikey`; \
         correct `--identity-source`"
    );
    let websocket = error(remembering(Kind::WebSocket), None).await;
    assert!(websocket.ends_with("a WebSocket API remembers no answers: set the TTL to 0"), "{websocket}");
    let upstream = error(of(Kind::WebSocket), Some("http://127.0.0.1:1")).await;
    assert!(upstream.ends_with("leave `--upstream` out"), "{upstream}");
    let stage = error(ApiConfig { default_stage: true, ..of(Kind::RestToken) }, None).await;
    assert_eq!(stage, "API Gateway would refuse the API: only an HTTP API serves the stage `$default`, at the root");
}
