//! An emulator of Lambda that knows the Runtime API, and of the Extensions API nothing or the first half.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use e2e::{binary, log_line};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

/// An authorizer in an emulator.
pub(crate) struct Emulator {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    log: String,
    events: mpsc::UnboundedSender<String>,
    answers: mpsc::UnboundedReceiver<String>,
    serving: JoinHandle<()>,
}

#[derive(Clone)]
struct Api {
    events: Arc<Mutex<mpsc::UnboundedReceiver<String>>>,
    answers: mpsc::UnboundedSender<String>,
}

impl Emulator {
    /// Starts one where nobody can register as an extension.
    pub(crate) async fn without_extensions(variables: &BTreeMap<String, String>) -> Self {
        Self::start(variables, Router::new()).await
    }

    /// Starts one that registers extensions, and has no events for them.
    pub(crate) async fn without_extension_events(variables: &BTreeMap<String, String>) -> Self {
        Self::start(variables, Router::new().route("/2020-01-01/extension/register", post(register))).await
    }

    async fn start(variables: &BTreeMap<String, String>, extensions: Router<Api>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (events, waiting) = mpsc::unbounded_channel();
        let (answered, answers) = mpsc::unbounded_channel();
        let router = extensions
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{request_id}/response", post(response))
            .with_state(Api { events: Arc::new(Mutex::new(waiting)), answers: answered });
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let process = Command::new(binary("authorizer"))
            .env_clear()
            .envs(variables)
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .envs([("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"), ("AWS_LAMBDA_FUNCTION_NAME", "authorizer")])
            .envs([("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"), ("AWS_REGION", "us-east-1")])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut process = process.unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines, log: String::new(), events, answers, serving }
    }

    pub(crate) fn send(&self, event: String) {
        self.events.send(event).unwrap();
    }

    /// Waits for an answer.
    pub(crate) async fn answer(&mut self) -> String {
        self.answers.recv().await.unwrap()
    }

    /// Whether there is an answer that nobody has taken yet.
    pub(crate) fn has_answered(&self) -> bool {
        !self.answers.is_empty()
    }

    /// Waits for a line that contains `text`.
    pub(crate) async fn logged(&mut self, text: &str) {
        while !self.log.contains(text) {
            let line = self.lines.next_line().await.unwrap().unwrap();
            self.log.extend([line.as_str(), "\n"]);
        }
    }

    /// Ends the function, and returns what it logged. Each line is as its schema says.
    pub(crate) async fn end(mut self) -> String {
        self.process.kill().await.unwrap();
        self.serving.abort();
        while let Some(line) = self.lines.next_line().await.unwrap() {
            self.log.extend([line.as_str(), "\n"]);
        }
        for line in self.log.lines() {
            log_line(line);
        }
        self.log
    }
}

async fn next(State(api): State<Api>) -> impl IntoResponse {
    let event = api.events.lock().await.recv().await.unwrap_or_default();
    let headers = [
        ("lambda-runtime-aws-request-id", "00000000-0000-4000-8000-000000000001"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:authorizer"),
        ("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000001"),
    ];
    (headers, event)
}

async fn register() -> impl IntoResponse {
    let about = r#"{"functionName":"authorizer","functionVersion":"$LATEST","handler":"bootstrap"}"#;
    ([("lambda-extension-identifier", "eeeeeeee-0000-4000-8000-000000000000")], about)
}

async fn response(State(api): State<Api>, body: String) -> StatusCode {
    // Nobody takes the answers of an emulator that has ended.
    let _ = api.answers.send(body);
    StatusCode::ACCEPTED
}
