//! Both built functions between a Redis, a topic and a 3scale, and what they leave behind.

use std::collections::BTreeMap;
use std::time::Duration;

use e2e::{RedisConfig, RedisServer, Topic, binary};
use runtime_api::{Config, Function};
use serde_json::{Value, json};
use threescale_stub::ServiceKind;

use crate::evidence::Evidence;
use crate::marks::{AUTH_TOKEN, CREDENTIAL_SECRET, SECRET_ACCESS_KEY, SERVICE_TOKEN, SESSION_TOKEN};
use crate::threescale::Threescale;

pub(crate) struct World {
    pub(crate) redis: RedisServer,
    pub(crate) topic: Topic,
    pub(crate) threescale: Threescale,
    pub(crate) evidence: Evidence,
}

/// The places that a world writes to.
pub(crate) const PLACES: [&str; 6] = [
    "answers to Lambda",
    "logs and metrics",
    "messages and their attributes",
    "Redis: commands, users and connections",
    "Redis: files and log",
    "Redis: keys and values",
];

impl World {
    pub(crate) async fn start(kind: ServiceKind) -> Self {
        let config = RedisConfig::default().with_password(AUTH_TOKEN).keeping_data();
        let config = config.with("loglevel debug").with("slowlog-log-slower-than 0").with("slowlog-max-len 100000");
        Self {
            redis: RedisServer::start(config).await,
            topic: Topic::start(),
            threescale: Threescale::start(kind).await,
            evidence: Evidence::default(),
        }
    }

    /// The environment of both functions; `changes` go over it.
    pub(crate) fn variables(&self, changes: &[(&str, &str)]) -> BTreeMap<String, String> {
        let port = self.redis.settings().port.to_string();
        let (backend, topic) = (self.threescale.url(), self.topic.endpoint());
        let usual = [
            ("AWS_ACCESS_KEY_ID", "AKID"),
            ("AWS_ENDPOINT_URL_SNS", topic.as_str()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY),
            ("AWS_SESSION_TOKEN", SESSION_TOKEN),
            ("CREDENTIAL_SECRET", CREDENTIAL_SECRET),
            ("ELASTICACHE_AUTH_TOKEN", AUTH_TOKEN),
            ("ELASTICACHE_ENDPOINT", "127.0.0.1"),
            ("ELASTICACHE_PORT", port.as_str()),
            ("ELASTICACHE_TIMEOUT_MS", "5000"),
            ("SERVERLESS_STAGE", "dev"),
            ("SNS_TIMEOUT_MS", "10000"),
            ("SNS_TOPIC_ARN", Topic::ARN),
            ("THREESCALE_BACKEND_URL", backend.as_str()),
            ("THREESCALE_SERVICE_ID", "7"),
            ("THREESCALE_SERVICE_TOKEN", SERVICE_TOKEN),
            ("THREESCALE_TIMEOUT_MS", "10000"),
        ];
        usual.iter().chain(changes).map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    /// Starts `authorizer` or `authrep-async`, with half a minute for an event.
    pub(crate) async fn function(&self, name: &str, changes: &[(&str, &str)]) -> Function {
        let env = self.variables(changes).into_iter().collect();
        let config = Config { env, timeout: Duration::from_secs(30), ..Config::new(binary(name)) };
        Function::start(config).await.unwrap()
    }

    /// Invokes a function, keeps what it answers, and returns that.
    pub(crate) async fn invoke(&mut self, function: &Function, event: &str) -> String {
        let answer = match function.invoke(event).await.unwrap().answer {
            Ok(answer) => answer,
            Err(error) => error.to_string(),
        };
        self.evidence.add(PLACES[0], &answer);
        answer
    }

    /// Makes two calls of which 3scale learns the first, and returns the message that tells of the other.
    pub(crate) async fn message(&mut self, authorizer: &Function, event: &str) -> String {
        let before = self.topic.accepted().len();
        for _ in 0..2 {
            self.invoke(authorizer, event).await;
        }
        authorizer.settled().await;
        let messages = self.topic.accepted();
        assert_eq!(messages.len(), before + 1, "a use that 3scale does not know rings");
        messages[before].clone()
    }

    /// Ends a function, and keeps what it logged.
    pub(crate) async fn end(&mut self, function: Function) -> String {
        let log = function.stop().await.join("\n");
        self.evidence.add(PLACES[1], &log);
        log
    }

    /// Collects what is left, and asserts that no place shows a secret, but for 3scale, which was sent these.
    pub(crate) async fn shows_nobody_but_3scale(mut self, sent: &[&str]) {
        for publish in self.topic.publishes() {
            self.evidence.add(PLACES[2], format!("{}\n{:?}", publish.body, publish.fields));
        }
        let probe = self.redis.probe().await;
        for question in [&["SLOWLOG", "GET", "-1"][..], &["ACL", "LOG"], &["CLIENT", "LIST"], &["INFO", "everything"]] {
            self.evidence.add(PLACES[3], format!("{:?}", probe.ask::<redis::Value>(question).await));
        }
        self.evidence.add(PLACES[5], probe.dump().await);
        let () = probe.ask(&["SAVE"]).await;
        self.evidence.add(PLACES[4], self.redis.written());
        self.evidence.is_clean(&PLACES);
        let shown = crate::search::found(&self.threescale.requests());
        assert_eq!(shown, sent.iter().copied().collect(), "what 3scale was sent");
    }
}

/// What a queue hands to a function, with raw delivery.
pub(crate) fn sqs_event<'b>(bodies: impl IntoIterator<Item = &'b str>) -> String {
    let record = |(id, body): (usize, &str)| {
        json!({
            "messageId": id.to_string(),
            "body": body,
            "attributes": { "ApproximateReceiveCount": "1" },
            "messageAttributes": {},
            "eventSource": "aws:sqs",
        })
    };
    json!({ "Records": bodies.into_iter().enumerate().map(record).collect::<Vec<_>>() }).to_string()
}

/// What a topic hands to a function.
pub(crate) fn sns_event(message: &str) -> String {
    let record = json!({ "EventSource": "aws:sns", "Sns": in_envelope(message) });
    json!({ "Records": [record] }).to_string()
}

/// What SNS puts around a message.
pub(crate) fn in_envelope(message: &str) -> Value {
    json!({ "Type": "Notification", "MessageId": "95df01b4", "TopicArn": Topic::ARN, "Message": message })
}
