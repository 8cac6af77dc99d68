//! WebSocket APIs.

use e2e::{Aws, invocation_uri};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::http::{Protocol, create};
use crate::cloud::Cloud;

pub(crate) struct WebSocketApi {
    aws: Aws,
    id: String,
}

impl WebSocketApi {
    /// Makes an API whose stage is `dev`. The backend answers every message.
    pub(crate) async fn create(cloud: &Cloud, authorizer: &Value, backend: &str) -> Self {
        let id = create(cloud, &WEB_SOCKET, "dev", authorizer, backend).await;
        Self { aws: cloud.aws.clone(), id }
    }

    /// Opens a socket, as browsers do: they can't set headers, so the key is in the query. The answer is 101 if the
    /// socket is open.
    pub(crate) async fn open(&self, key: Option<&str>) -> Response {
        let query = key.map(|key| format!("?user_key={key}")).unwrap_or_default();
        let upgrade = [
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "MDEyMzQ1Njc4OWFiY2RlZg=="),
        ];
        self.aws.call(Method::GET, &self.id, &format!("/dev{query}"), &upgrade).await
    }
}

/// An authorizer of a WebSocket API; only `$connect` can have one.
pub(crate) fn connect(function: &str) -> Value {
    json!({
        "name": "authorizer",
        "authorizerType": "REQUEST",
        "authorizerUri": invocation_uri(function),
        "identitySource": ["route.request.querystring.user_key"],
    })
}

/// Sends a message through an open socket, and returns the answer.
///
/// On AWS only a route with a route response answers; in ministack every route does.
pub(crate) async fn heard(open: Response) -> Value {
    let mut socket = open.upgrade().await.unwrap();
    socket.write_all(&[FINAL_TEXT, MASKED | 2, 0, 0, 0, 0, b'h', b'i']).await.unwrap();
    assert_eq!(socket.read_u8().await.unwrap(), FINAL_TEXT);
    let length = match socket.read_u8().await.unwrap() {
        LENGTH_FOLLOWS => usize::from(socket.read_u16().await.unwrap()),
        length => usize::from(length),
    };
    let mut text = vec![0; length];
    socket.read_exact(&mut text).await.unwrap();
    serde_json::from_slice(&text).unwrap()
}

const WEB_SOCKET: Protocol =
    Protocol { name: "WEBSOCKET", payload_format: "1.0", guarded: "$connect", open: &["$default"] };

/// Bytes of the frames of RFC 6455.
const FINAL_TEXT: u8 = 0x81;
const LENGTH_FOLLOWS: u8 = 126;
const MASKED: u8 = 0x80;
