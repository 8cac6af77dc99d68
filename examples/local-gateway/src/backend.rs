//! The API behind the gateway: an echo, or a real one.

use axum::body::{Body, to_bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::{StartError, answer};

/// API Gateway takes no larger payload, in bytes.
const MAX_PAYLOAD_BYTES: usize = 10 * 1024 * 1024;

/// Headers that belong to one connection, not to the request that goes over it.
const OF_THE_CONNECTION: [HeaderName; 6] =
    [header::CONNECTION, header::HOST, header::TE, header::TRAILER, header::TRANSFER_ENCODING, header::UPGRADE];

#[derive(Clone, Debug)]
pub(crate) enum Backend {
    /// Answers what it is told.
    Echo,
    /// Answers what the API at this URL answers.
    Proxy { client: reqwest::Client, url: reqwest::Url },
}

impl Backend {
    pub(crate) fn new(client: reqwest::Client, upstream: Option<String>) -> Result<Self, StartError> {
        let Some(url) = upstream else { return Ok(Self::Echo) };
        let url: reqwest::Url = url.trim_end_matches('/').parse().map_err(|_| StartError::Upstream)?;
        if !matches!(url.scheme(), "http" | "https") || url.query().is_some() {
            return Err(StartError::Upstream);
        }
        Ok(Self::Proxy { client, url })
    }

    /// Answers a call of `path`, with what is in `requestContext.authorizer`.
    pub(crate) async fn answer(&self, request: &Parts, body: Body, path: &str, authorizer: &Value) -> Response<Body> {
        match self {
            Self::Echo => {
                let echo = json!({ "method": request.method.as_str(), "path": path, "context": authorizer });
                answer::json(StatusCode::OK, &echo)
            }
            Self::Proxy { client, url } => proxy(client, url, request, body, path).await.unwrap_or_else(|()| {
                answer::json(StatusCode::BAD_GATEWAY, &json!({ "message": "Internal server error" }))
            }),
        }
    }
}

async fn proxy(
    client: &reqwest::Client,
    upstream: &reqwest::Url,
    request: &Parts,
    body: Body,
    path: &str,
) -> Result<Response<Body>, ()> {
    let query = request.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let url = format!("{}{}{query}", upstream.as_str().trim_end_matches('/'), path);
    let body = to_bytes(body, MAX_PAYLOAD_BYTES).await.map_err(drop)?;
    let sent = client.request(request.method.clone(), url).headers(passed_on(&request.headers)).body(body).send();
    let received = sent.await.map_err(drop)?;
    let (status, headers) = (received.status(), passed_on(received.headers()));
    let mut answer = Response::new(Body::from(received.bytes().await.map_err(drop)?));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    Ok(answer)
}

fn passed_on(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in OF_THE_CONNECTION.iter().chain([&header::CONTENT_LENGTH]) {
        headers.remove(name);
    }
    headers
}
