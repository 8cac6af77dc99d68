//! What there is: Redis, 3scale, SNS and SQS, and a clock that goes on with the calls.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use authz_core::cache::CacheKey;
use authz_core::credential::{Caller, Credential, Secret, UserKey};
use authz_core::keyring::Keyring;
use authz_core::settings::CacheServer;
use authz_core::threescale::{ServiceId, Usage};
use e2e::{Account, Aws, Ministack, Proxy, ProxyMode, Queue, RedisConfig, RedisServer};
use lambda_shell::Clock;
use serde_json::json;
use tokio::sync::{Mutex as AsyncMutex, watch};

use crate::books::Books;
use crate::faults::{Sns, Weather};
use crate::threescale;

pub(crate) const KEYS: usize = 50;
/// The key whose application 3scale forgets in the middle.
pub(crate) const DELETED: &str = "key-07";
pub(crate) const SERVICE_ID: &str = "7";
pub(crate) const SERVICE_TOKEN: &str = "service-token";

pub(crate) fn user_key(number: usize) -> String {
    format!("key-{number:02}")
}

pub(crate) struct World {
    pub(crate) clock: threescale_stub::Clock,
    pub(crate) queue: Queue,
    pub(crate) dead: Queue,
    pub(crate) redis_port: u16,
    pub(crate) redis: AsyncMutex<RedisServer>,
    pub(crate) account: Account,
    pub(crate) books: Arc<Mutex<Books>>,
    user_keys: BTreeMap<CacheKey, String>,
    calls: watch::Sender<u64>,
    pub(crate) topic: String,
    pub(crate) road_to_sns: Proxy,
    _ministack: Ministack,
}

impl World {
    pub(crate) async fn start(seed: u64) -> Self {
        // What a killed process has written is safe, so nobody need wait for the disk.
        let config = RedisConfig::default().with("appendonly yes").with("appendfsync no");
        let (ministack, redis) = tokio::join!(Ministack::start(), RedisServer::start(config));
        let (topic, queue, dead) = topic_and_queues(ministack.aws()).await;
        // A proxy minds nothing but the port.
        let aws_port = ministack.aws().url().rsplit_once(':').unwrap().1.parse().unwrap();
        let aws_server = CacheServer { port: aws_port, ..redis.settings() };
        let user_keys = user_keys();
        let books = Arc::new(Mutex::new(Books::new(user_keys.clone())));
        let clock = threescale_stub::Clock::frozen(Clock::system().now().as_millis());
        Self {
            account: threescale::serve(clock.clone(), Arc::clone(&books), seed).await,
            road_to_sns: Proxy::before(&aws_server, ProxyMode::Forward).await,
            redis_port: redis.settings().port,
            redis: AsyncMutex::new(redis),
            calls: watch::Sender::default(),
            _ministack: ministack,
            clock,
            queue,
            dead,
            books,
            user_keys,
            topic,
        }
    }

    /// Lets things fail from now on, or go well.
    pub(crate) fn set(&self, weather: Weather) {
        self.books().weather = weather;
        self.road_to_sns.set(match weather.sns {
            Sns::Fair => ProxyMode::Forward,
            Sns::Refuses => ProxyMode::Close,
            Sns::LosesAnswers => ProxyMode::LoseReplies,
        });
    }

    pub(crate) fn weather(&self) -> Weather {
        self.books().weather
    }

    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    pub(crate) fn delete_application(&self) {
        self.account.backend().delete_application(SERVICE_ID, DELETED).unwrap();
        self.books().deleted(DELETED);
    }

    /// Kills Redis once so many calls were made, and starts it again with its data.
    pub(crate) async fn restart_redis_at(&self, calls: u64) {
        self.calls_made(calls).await;
        self.redis.lock().await.restart().await;
        self.books().happened("Redis restarted");
    }

    /// Waits for so many calls more.
    pub(crate) async fn further_calls(&self, calls: u64) {
        self.calls_made(self.calls() + calls).await;
    }

    async fn calls_made(&self, calls: u64) {
        // The world holds the sender, so there is always a next number to wait for.
        let _ = self.calls.subscribe().wait_for(|made| *made >= calls).await;
    }

    pub(crate) fn one_more_call(&self) {
        self.calls.send_modify(|calls| *calls += 1);
    }

    pub(crate) fn calls(&self) -> u64 {
        *self.calls.borrow()
    }

    /// Sends the dead letters to the queue again, and returns how many there were.
    pub(crate) async fn put_dead_letters_back(&self) -> usize {
        let letters = self.dead.receive().await;
        for some in letters.chunks(10) {
            let bodies: Vec<&str> = some.iter().map(|letter| letter.body.as_str()).collect();
            self.queue.send(&bodies).await;
            self.dead.delete(some).await;
            self.books().happened("dead letters were put back");
        }
        letters.len()
    }

    /// The uses of each key that 3scale has counted.
    pub(crate) fn counted(&self) -> BTreeMap<String, u64> {
        let counted = self.account.backend().counted();
        counted.into_iter().map(|(key, metrics)| (key, metrics["hits"])).collect()
    }

    /// How many batches of reports 3scale took and did not count.
    pub(crate) fn voided(&self) -> usize {
        self.account.backend().voided().len()
    }

    /// What the ledger of each key holds.
    pub(crate) async fn ledgers(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let probe = self.redis.lock().await.probe().await;
        let mut ledgers = BTreeMap::new();
        for (cache_key, user_key) in &self.user_keys {
            ledgers.insert(user_key.clone(), probe.fields(cache_key).await);
        }
        ledgers
    }

    /// The keys with uses that 3scale was not told of.
    pub(crate) async fn untold(&self) -> Vec<String> {
        let ledgers = self.ledgers().await.into_iter();
        ledgers.filter(|(_, fields)| fields.get("uses") != fields.get("told")).map(|(key, _)| key).collect()
    }
}

/// What the topic is told waits in the queue for a second; what fails there so often lies in the other one in the end.
async fn topic_and_queues(aws: &Aws) -> (String, Queue, Queue) {
    let dead = Queue::create(aws, "dead", &json!({})).await;
    let redrive = json!({ "deadLetterTargetArn": dead.arn(), "maxReceiveCount": TRIES }).to_string();
    let attributes = json!({ "DelaySeconds": "1", "VisibilityTimeout": "1", "RedrivePolicy": redrive });
    let queue = Queue::create(aws, "uses", &attributes).await;
    let topic = aws.create_topic("uses").await;
    aws.subscribe(&topic, "sqs", queue.arn(), &[]).await;
    (topic, queue, dead)
}

/// Finds the user keys by the names of their ledgers.
fn user_keys() -> BTreeMap<CacheKey, String> {
    let keyring = Keyring::derive(&Secret::new(CREDENTIAL_SECRET));
    let service = ServiceId::parse(SERVICE_ID).unwrap();
    let named = |number| {
        let user_key = user_key(number);
        let caller = Caller { credential: Credential::UserKey(UserKey::parse(&user_key).unwrap()), referrer: None };
        (CacheKey::new(&keyring, &service, &caller, &Usage::hits(1)), user_key)
    };
    (0..KEYS).map(named).collect()
}

pub(crate) const CREDENTIAL_SECRET: &str = "credential-secret";
/// So often SQS hands a message out before it becomes a dead letter.
const TRIES: u32 = 4;
