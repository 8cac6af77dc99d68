//! Everything but the API and the way from the topic to the collector, which differ from test to test.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Arc, Mutex};

use authz_core::cache::CacheKey;
use e2e::{Aws, Function, Ministack, Probe, Queue, RedisConfig, RedisServer, binary, zipped};
use serde_json::{Value, json};
use threescale_stub::{Backend, Clock, Endpoint, Server};
use tokio::net::TcpListener;

use crate::account::{CACHE_TOKEN, CREDENTIAL_SECRET, SERVICE_ID, SERVICE_TOKEN, account};

pub(crate) struct Cloud {
    pub(crate) aws: Aws,
    pub(crate) topic: String,
    /// Gets a copy of every message, and keeps it.
    pub(crate) witness: Queue,
    pub(crate) probe: Probe,
    pub(crate) threescale: Server,
    backend: Arc<Mutex<Backend>>,
    variables: BTreeMap<&'static str, String>,
    _ministack: Ministack,
    _redis: RedisServer,
}

impl Cloud {
    pub(crate) async fn start() -> Self {
        let (ministack, redis) =
            tokio::join!(Ministack::start(), RedisServer::start(RedisConfig::default().with_password(CACHE_TOKEN)));
        let backend = Arc::new(Mutex::new(account()));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let threescale = Server::start(listener, Arc::clone(&backend), Clock::system()).unwrap();
        let aws = ministack.aws().clone();
        let topic = aws.create_topic("uses").await;
        let witness = Queue::create(&aws, "witness", &json!({ "VisibilityTimeout": "3600" })).await;
        let variables = variables(&aws, &topic, redis.settings().port, &threescale.url());
        let probe = redis.probe().await;
        let without_envelope = [("Attributes.entry.1.key", "RawMessageDelivery"), ("Attributes.entry.1.value", "true")];
        aws.subscribe(&topic, "sqs", witness.arn(), &without_envelope).await;
        Self { aws, topic, witness, probe, threescale, backend, variables, _ministack: ministack, _redis: redis }
    }

    /// Deploys one of our two functions under its own name, and returns its ARN.
    pub(crate) async fn deploy(&self, name: &str) -> String {
        self.deploy_with(name, |_| {}).await
    }

    /// Deploys one of our two functions with other variables.
    pub(crate) async fn deploy_with(
        &self,
        name: &str,
        change: impl FnOnce(&mut BTreeMap<&'static str, String>),
    ) -> String {
        let mut variables = self.variables.clone();
        change(&mut variables);
        let package = zipped("bootstrap", &stripped(name));
        let (runtime, handler) = ("provided.al2023", "bootstrap");
        self.aws.create_function(Function { name, runtime, handler, package, variables: json!(variables) }).await
    }

    /// Deploys the API itself: it answers what API Gateway tells it about the caller.
    pub(crate) async fn deploy_backend(&self) -> String {
        let program = "import json\n\
            def handler(event, context):\n    \
                told = event['requestContext']['authorizer']\n    \
                return {'statusCode': 200, 'body': json.dumps(told)}\n";
        let package = zipped("main.py", program.as_bytes());
        let (name, runtime, handler) = ("backend", "python3.13", "main.handler");
        self.aws.create_function(Function { name, runtime, handler, package, variables: json!({}) }).await
    }

    /// Lets a queue or a function hear of every message.
    pub(crate) async fn subscribe(&self, protocol: &str, endpoint: &str) {
        self.aws.subscribe(&self.topic, protocol, endpoint, &[]).await;
    }

    /// The function's own lines with this message.
    ///
    /// Those of one invocation may come with the next one: ministack does not wait for them.
    pub(crate) async fn lines(&self, function: &str, message: &str) -> Vec<Value> {
        let lines = self.aws.log(function).await;
        let lines = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["message"] == message).collect()
    }

    /// How often a function was invoked.
    pub(crate) async fn invocations(&self, function: &str) -> usize {
        self.aws.log(function).await.iter().filter(|line| line.starts_with("START RequestId: ")).count()
    }

    /// How many uses of a key 3scale has counted.
    pub(crate) fn counted(&self, key: &str) -> u64 {
        self.counted_of(key, "hits")
    }

    /// How much of a metric 3scale has counted for a key.
    pub(crate) fn counted_of(&self, key: &str, metric: &str) -> u64 {
        let counted = self.backend.lock().unwrap().counted();
        counted.get(key).and_then(|metrics| metrics.get(metric)).copied().unwrap_or_default()
    }

    /// How often the authorizer asked 3scale.
    pub(crate) fn asked(&self) -> u64 {
        self.backend.lock().unwrap().requests(Endpoint::Authrep)
    }

    /// Uses and told uses of every ledger.
    pub(crate) async fn ledgers(&self) -> Vec<(u64, u64)> {
        let names: Vec<String> = self.probe.ask(&["KEYS", "*"]).await;
        let mut ledgers = Vec::new();
        for key in names.iter().map(|name| CacheKey::parse(name).unwrap()) {
            ledgers.push((self.probe.count(&key, "uses").await, self.probe.count(&key, "told").await));
        }
        ledgers
    }
}

/// The time limits are such as only a fault exceeds. ministack hands its own `LOG_LEVEL` on to functions that have none.
fn variables(aws: &Aws, topic: &str, cache_port: u16, threescale: &str) -> BTreeMap<&'static str, String> {
    let cache_port = cache_port.to_string();
    let variables = [
        ("THREESCALE_BACKEND_URL", threescale),
        ("THREESCALE_SERVICE_ID", SERVICE_ID),
        ("THREESCALE_SERVICE_TOKEN", SERVICE_TOKEN),
        ("THREESCALE_TIMEOUT_MS", "5000"),
        ("CREDENTIAL_SECRET", CREDENTIAL_SECRET),
        ("CREDENTIAL_SOURCES", "header:apikey,query:user_key"),
        ("ELASTICACHE_ENDPOINT", "127.0.0.1"),
        ("ELASTICACHE_PORT", &cache_port),
        ("ELASTICACHE_AUTH_TOKEN", CACHE_TOKEN),
        ("ELASTICACHE_TIMEOUT_MS", "5000"),
        ("SNS_TOPIC_ARN", topic),
        ("SNS_TIMEOUT_MS", "10000"),
        ("AWS_ENDPOINT_URL_SNS", aws.url()),
        ("LOG_LEVEL", "info"),
    ];
    variables.map(|(name, text)| (name, text.to_owned())).into()
}

/// Half of a debug build is names, which take long to upload.
fn stripped(name: &str) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let small = directory.path().join(name);
    let status = Command::new("strip").arg("-o").arg(&small).arg(binary(name)).status();
    assert!(status.expect("`strip` comes with the linker").success());
    std::fs::read(small).unwrap()
}
