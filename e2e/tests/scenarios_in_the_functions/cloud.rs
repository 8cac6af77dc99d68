//! Both built functions, a Redis of their own, a topic, and the 3scale of the scenario.

use std::collections::BTreeMap;
use std::time::Duration;

use authz_core::message::Message;
use e2e::{RedisConfig, RedisServer, Topic, binary};
use runtime_api::{Config, Function};
use serde_json::{Value, json};

use crate::threescale::Threescale;

pub(crate) struct Cloud {
    pub(crate) threescale: Threescale,
    authorizer: Function,
    authrep_async: Function,
    topic: Topic,
    /// How many messages were collected.
    collected: usize,
    _redis: RedisServer,
}

impl Cloud {
    /// Starts everything; the time limits are such as only a fault exceeds.
    pub(crate) async fn start(mut variables: BTreeMap<String, String>) -> Self {
        let (threescale, topic) = (Threescale::default(), Topic::start());
        let redis = RedisServer::start(RedisConfig::default()).await;
        let around = [
            ("AWS_ACCESS_KEY_ID", "AKID".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "key".to_owned()),
            ("AWS_ENDPOINT_URL_SNS", topic.endpoint()),
            ("SNS_TOPIC_ARN", Topic::ARN.to_owned()),
            ("SNS_TIMEOUT_MS", "10000".to_owned()),
            ("ELASTICACHE_ENDPOINT", "127.0.0.1".to_owned()),
            ("ELASTICACHE_PORT", redis.settings().port.to_string()),
            ("ELASTICACHE_TIMEOUT_MS", "5000".to_owned()),
            ("THREESCALE_BACKEND_URL", threescale.start().await),
            ("THREESCALE_TIMEOUT_MS", "10000".to_owned()),
        ];
        variables.extend(around.map(|(name, text)| (name.to_owned(), text)));
        let env: Vec<_> = variables.into_iter().collect();
        let start = async |name: &str| {
            let config = Config { timeout: Duration::from_secs(30), ..Config::new(binary(name)) };
            Function::start(Config { env: env.clone(), ..config }).await.unwrap()
        };
        Self {
            authorizer: start("authorizer").await,
            authrep_async: start("authrep-async").await,
            threescale,
            topic,
            collected: 0,
            _redis: redis,
        }
    }

    /// The authorizer's answer, or the error that it failed with.
    pub(crate) async fn authorize(&self, event: &str) -> Result<String, String> {
        let answer = self.authorizer.invoke(event).await.unwrap().answer;
        self.authorizer.settled().await;
        answer.map_err(|error| error.error_message)
    }

    /// Collects what was published since the last time, and tells it in the simulator's words.
    pub(crate) async fn collect(&mut self) -> String {
        let messages = self.topic.accepted().split_off(self.collected);
        self.collected += messages.len();
        if messages.is_empty() {
            return "no message".to_owned();
        }
        let record = |(id, body): (usize, &String)| json!({ "messageId": id.to_string(), "body": body });
        let records: Vec<_> = messages.iter().enumerate().map(record).collect();
        self.authrep_async.invoke(&json!({ "Records": records }).to_string()).await.unwrap().answer.unwrap();
        let mut told = Vec::new();
        for message in messages {
            let message = Message::decode(&message).unwrap();
            let line = self.authrep_async.logged(&message.correlation_id).await;
            told.push(words(&serde_json::from_str(&line).unwrap()));
        }
        told.join(", ")
    }

    pub(crate) async fn end(self) {
        self.authorizer.stop().await;
        self.authrep_async.stop().await;
    }
}

fn words(line: &Value) -> String {
    match (line["outcome"].as_str().unwrap(), line["dropped"].as_u64()) {
        ("collected", Some(0)) => format!("told {}", line["told"]),
        ("collected", Some(dropped)) => format!("told {}, dropped {dropped}", line["told"]),
        (outcome, _) => format!("{outcome}: {}", line["error"]),
    }
}
