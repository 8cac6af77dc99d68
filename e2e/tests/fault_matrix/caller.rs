//! Who calls: an authorizer in this process, with connections of its own, that publishes after its answer.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use authz_core::settings::Settings;
use lambda_shell::{Authorizer, Cache, Courier, Environment, Log, Outbox, Sns, Threescale, http_client, tls};
use serde_json::json;

use crate::bed::{Bed, SOMEBODY};
use crate::key::{FailMode, Key, Kind};
use crate::told::{Spent, Told};

pub(crate) struct Caller {
    pub(crate) key: Key,
    /// How many calls passed.
    pub(crate) allowed: u64,
    authorizer: Authorizer,
    courier: Courier,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Caller {
    pub(crate) fn new(bed: &Bed, key: Key) -> Self {
        let variables = bed.variables(key);
        let settings = Settings::read(&variables).unwrap();
        let tls = tls(settings.ca_file.as_deref()).unwrap();
        let client = http_client(&tls).unwrap();
        let topic = settings.topic.as_ref().unwrap();
        let sns = Sns::new(client.clone(), &Environment::read(&variables).unwrap(), &topic.arn, topic.timeout);
        let (outbox, inbox) = Outbox::new();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&lines);
        let log = Log::to(move |line| written.lock().unwrap().push(line.to_owned()));
        let authorizer = Authorizer {
            cache: Cache::on(settings.cache.as_ref(), tls),
            threescale: Threescale::new(client, &settings.backend_url),
            settings: Arc::new(settings),
            outbox,
            clock: bed.clock(),
            log: log.clone(),
            allowance: Arc::default(),
        };
        Self { key, allowed: 0, authorizer, courier: Courier::new(inbox, Some(sns), bed.clock(), log), lines }
    }

    /// Is granted its key, and uses it so often that there is something to lose.
    pub(crate) async fn become_known(&mut self) {
        for _ in 0..=UNTOLD {
            let told = self.call().await;
            assert!(told.is_well(), "{told:?}");
        }
    }

    /// Has connections, as an authorizer that was called before.
    pub(crate) async fn connect(&mut self) {
        let told = self.answered(SOMEBODY).await;
        assert!(told.is_well(), "{told:?}");
    }

    /// Calls with its key.
    pub(crate) async fn call(&mut self) -> Told {
        let told = self.answered(&self.key.name()).await;
        self.allowed += u64::from(told.is_allowed());
        let is_kept_out = self.key.kind != Kind::Stranger || self.key.fail_mode == FailMode::Open || !told.is_allowed();
        assert!(is_kept_out, "a stranger passed a closed door: {told:?}");
        told
    }

    /// Calls when the fault is over, and nothing may be left of it.
    pub(crate) async fn call_when_all_is_well(&mut self) {
        let told = self.call().await;
        assert_eq!(told.is_well(), self.key.kind != Kind::Stranger, "{:?}: {told:?}", self.key);
    }

    async fn answered(&mut self, user_key: &str) -> Told {
        self.lines.lock().unwrap().clear();
        let event = json!({ "type": "TOKEN", "authorizationToken": user_key, "methodArn": METHOD_ARN });
        let begun = Instant::now();
        let answer = self.authorizer.answer(&event.to_string(), "request").await.unwrap();
        let answered = Instant::now();
        self.courier.deliver().await;
        let spent = Spent { before: answered.duration_since(begun), after: answered.elapsed() };
        Told::read(&answer.policy, &self.lines.lock().unwrap(), spent)
    }
}

/// So many uses of a known key are not told to 3scale when the fault begins.
pub(crate) const UNTOLD: u64 = 2;
pub(crate) const METHOD_ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/greetings";
