//! A stand-in for AWS that remembers what it was sent.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::Response;
use lambda_shell::{http_client, tls};
use tokio::net::TcpListener;

/// What Lambda would put in the environment; none of it may show anywhere.
pub(crate) const ACCESS_KEY_ID: &str = "AKIDCANARY";
pub(crate) const SECRET_ACCESS_KEY: &str = "SECRETKEYCANARY";
pub(crate) const SESSION_TOKEN: &str = "SESSIONTOKENCANARY";

pub(crate) struct FakeAws {
    pub(crate) endpoint: String,
    requests: Arc<Mutex<Vec<Recorded>>>,
}

/// A request.
#[derive(Clone)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// What is done about a request.
#[derive(Clone)]
pub(crate) enum Reaction {
    Answer(u16, String),
    /// The connection stays open, and nothing comes.
    Silence,
}

impl Recorded {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl FakeAws {
    /// Starts one that reacts to each request by itself and by the number of those before it.
    pub(crate) async fn start(react: impl Fn(&Recorded, usize) -> Reaction + Clone + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        let router = Router::new().fallback(move |request: Request| {
            let (seen, react) = (seen.clone(), react.clone());
            async move {
                let recorded = record(request).await;
                let before = seen.lock().unwrap().len();
                seen.lock().unwrap().push(recorded.clone());
                match react(&recorded, before) {
                    Reaction::Answer(status, body) => {
                        Response::builder().status(status).body(Body::from(body)).unwrap()
                    }
                    Reaction::Silence => std::future::pending().await,
                }
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { endpoint, requests }
    }

    /// Starts one that always answers the same.
    pub(crate) async fn answering(status: u16, body: &str) -> Self {
        let body = body.to_owned();
        Self::start(move |_, _| Reaction::Answer(status, body.clone())).await
    }

    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().unwrap().clone()
    }
}

async fn record(request: Request) -> Recorded {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    Recorded {
        method: parts.method.to_string(),
        path: parts.uri.to_string(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// The AWS side of the environment, with everything at `endpoint`.
pub(crate) fn variables(endpoint: &str) -> BTreeMap<String, String> {
    let variables = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
        ("AWS_SESSION_TOKEN", SESSION_TOKEN),
        ("AWS_ENDPOINT_URL", endpoint),
    ];
    variables.map(|(name, text)| (name.to_owned(), text.to_owned())).into()
}

/// The URL of nobody: a port that was free a moment ago.
pub(crate) async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

pub(crate) fn client() -> reqwest::Client {
    http_client(&tls(None).unwrap()).unwrap()
}
