//! Systems Manager's Parameter Store.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A store with one parameter.
pub(crate) struct ParameterStore {
    pub(crate) endpoint: String,
    serving: JoinHandle<()>,
}

impl ParameterStore {
    pub(crate) async fn with(name: &'static str, text: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().route("/", post(get_parameter)).with_state((name, text));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { endpoint, serving }
    }
}

async fn get_parameter(State((name, text)): State<(&'static str, &'static str)>, body: String) -> (StatusCode, String) {
    let request: Value = serde_json::from_str(&body).unwrap();
    let (status, answer) = if request["Name"] == name {
        (StatusCode::OK, json!({ "Parameter": { "Name": name, "Type": "SecureString", "Value": text } }))
    } else {
        (StatusCode::BAD_REQUEST, json!({ "__type": "ParameterNotFound" }))
    };
    (status, answer.to_string())
}

impl Drop for ParameterStore {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
