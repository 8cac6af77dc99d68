//! A REST API with both functions behind it.

use std::fs;
use std::sync::{Arc, Mutex};

use e2e::{Aws, Function, Ministack, Queue, RedisConfig, RedisServer, invocation_uri, mock_integration, packaged};
use reqwest::Method;
use serde_json::{Value, json};
use threescale_stub::{Application, Backend, Clock, Endpoint, Plan, Server, Service, ServiceKind};
use tokio::net::TcpListener;

pub(crate) const KNOWN: &str = "known-key";

pub(crate) struct Cloud {
    pub(crate) aws: Aws,
    pub(crate) uses: Queue,
    pub(crate) dead: Queue,
    api: String,
    backend: Arc<Mutex<Backend>>,
    _threescale: Server,
    _ministack: Ministack,
    _redis: RedisServer,
}

impl Cloud {
    pub(crate) async fn start() -> Self {
        let (ministack, redis) = tokio::join!(Ministack::start(), RedisServer::start(RedisConfig::default()));
        let aws = ministack.aws().clone();
        let backend = Arc::new(Mutex::new(account()));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let threescale = Server::start(listener, Arc::clone(&backend), Clock::system()).unwrap();

        let dead = Queue::create(&aws, "dead-letters", &json!({ "MessageRetentionPeriod": "86400" })).await;
        let uses = Queue::create(&aws, "uses", &attributes(&dead)).await;
        let topic = aws.create_topic("uses").await;
        aws.subscribe(&topic, "sqs", uses.arn(), &RAW).await;

        let variables = variables(&aws, &topic, redis.settings().port, &threescale.url());
        let authrep_async = deploy(&aws, "authrep-async", &variables).await;
        aws.let_empty(&uses, &authrep_async, 100, WINDOW_SECS).await;
        let authorizer = deploy(&aws, "authorizer", &variables).await;
        let api = aws.create_rest_api(&before_all(&authorizer), &mock_integration()).await;
        Self { aws, uses, dead, api, backend, _threescale: threescale, _ministack: ministack, _redis: redis }
    }

    /// Calls a method, and returns the status that a client gets.
    pub(crate) async fn get(&self, path: &str, key: Option<&str>) -> u16 {
        let headers: Vec<_> = key.into_iter().map(|key| ("apikey", key)).collect();
        self.aws.call(Method::GET, &self.api, &format!("/dev{path}"), &headers).await.status().as_u16()
    }

    /// Returns how often the authorizer asked 3scale.
    pub(crate) fn asked(&self) -> u64 {
        self.backend.lock().unwrap().requests(Endpoint::Authrep)
    }

    /// Returns how many uses of the known key 3scale has counted.
    pub(crate) fn counted(&self) -> u64 {
        let counted = self.backend.lock().unwrap().counted();
        counted.get(KNOWN).and_then(|metrics| metrics.get("hits")).copied().unwrap_or_default()
    }
}

async fn deploy(aws: &Aws, name: &str, variables: &Value) -> String {
    let package = fs::read(packaged(name)).unwrap();
    let (runtime, handler) = ("provided.al2023", "bootstrap");
    aws.create_function(Function { name, runtime, handler, package, variables: variables.clone() }).await
}

fn account() -> Backend {
    let service = Service::new("7", "service-token", ServiceKind::UserKey)
        .with_metric("hits")
        .with_application(Application::by_user_key(KNOWN, &Plan::new("Gold")));
    Backend::new("provider-key").with_service(service)
}

/// The delay alone is shorter than in a deployment: a test waits for it.
fn attributes(dead: &Queue) -> Value {
    json!({
        "DelaySeconds": DELAY_SECS.to_string(),
        "VisibilityTimeout": "180",
        "MessageRetentionPeriod": "86400",
        "RedrivePolicy": json!({ "deadLetterTargetArn": dead.arn(), "maxReceiveCount": 5 }).to_string(),
    })
}

fn before_all(authorizer: &str) -> Value {
    json!({
        "name": "threescale",
        "type": "REQUEST",
        "authorizerUri": invocation_uri(authorizer),
        "identitySource": "method.request.header.apikey",
        "authorizerResultTtlInSeconds": 0,
    })
}

/// The time limits are such as only a fault exceeds. ministack hands its own `LOG_LEVEL` on to functions that have none.
fn variables(aws: &Aws, topic: &str, cache_port: u16, threescale: &str) -> Value {
    json!({
        "THREESCALE_BACKEND_URL": threescale,
        "THREESCALE_SERVICE_ID": "7",
        "THREESCALE_SERVICE_TOKEN": "service-token",
        "THREESCALE_TIMEOUT_MS": "5000",
        "CREDENTIAL_SECRET": "credential-secret",
        "ELASTICACHE_ENDPOINT": "127.0.0.1",
        "ELASTICACHE_PORT": cache_port.to_string(),
        "ELASTICACHE_TIMEOUT_MS": "5000",
        "SNS_TOPIC_ARN": topic,
        "SNS_TIMEOUT_MS": "10000",
        "COLLECT_DELAY_SECS": (DELAY_SECS + WINDOW_SECS).to_string(),
        "AWS_ENDPOINT_URL_SNS": aws.url(),
        "LOG_LEVEL": "info",
    })
}

const DELAY_SECS: u32 = 1;
const WINDOW_SECS: u32 = 1;
const RAW: [(&str, &str); 2] = [("Attributes.entry.1.key", "RawMessageDelivery"), ("Attributes.entry.1.value", "true")];
