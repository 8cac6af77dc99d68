//! Ledgers in Redis or Valkey: one hash each, one script for each operation.
//!
//! The scripts beside this file mean what `authz_core::ledger` says. They name one key, so they run on a cluster, and
//! they take every instant from the caller.

mod breaker;
mod link;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use authz_core::cache::CacheKey;
use authz_core::ledger::{APPLYING, Ack, Acked, Claim, Claimed, REPORTABLE, Record, Room, Store, Take, Taken};
use authz_core::settings::CacheServer;
use authz_core::time::{Minute, UnixTime};
use redis::{FromRedisValue, RedisError, Script, Value};
use rustls::ClientConfig;

use super::CacheError;
use breaker::Breaker;
use link::Link;

/// What the script of a take returns, in its order.
type TakeAnswer = (u8, u8, u64, u64, u64, u64, Option<u64>, Option<String>);

/// Ledgers in Redis.
pub struct RedisCache {
    server: CacheServer,
    tls: Arc<ClientConfig>,
    state: Mutex<State>,
    scripts: Scripts,
}

#[derive(Default)]
struct State {
    link: Option<Link>,
    breaker: Breaker,
}

struct Scripts {
    take: Script,
    store: Script,
    record: Script,
    claim: Script,
    ack: Script,
}

impl RedisCache {
    /// Ledgers on a server. Nothing is connected yet.
    pub fn new(server: CacheServer, tls: Arc<ClientConfig>) -> Self {
        let scripts = Scripts {
            take: Script::new(include_str!("redis/take.lua")),
            store: Script::new(include_str!("redis/store.lua")),
            record: Script::new(include_str!("redis/record.lua")),
            claim: Script::new(include_str!("redis/claim.lua")),
            ack: Script::new(include_str!("redis/ack.lua")),
        };
        Self { server, tls, state: Mutex::default(), scripts }
    }

    /// Connects, so that the first call does not have to.
    pub async fn connect(&self) -> Result<(), CacheError> {
        self.link().await.map(drop)
    }

    pub(super) async fn take(&self, key: &CacheKey, ask: Take) -> Result<Taken, CacheError> {
        let arguments = [
            millis(ask.now),
            millis(ask.now.after(ask.rering)),
            ask.now.minute().number().to_string(),
            millis(ask.now.after(REPORTABLE)),
            millis(ask.now.after(ask.keep)),
        ];
        let (took, ring, uses, told, applied_by, fresh, cap, entry): TakeAnswer =
            self.run(&self.scripts.take, ask.now, key, &arguments).await?;
        let (applied_by, fresh) = (UnixTime::from_millis(applied_by), UnixTime::from_millis(fresh));
        Ok(Taken { took: took == 1, ring: ring == 1, uses, told, applied_by, fresh, cap, entry })
    }

    pub(super) async fn store(&self, key: &CacheKey, ask: Store) -> Result<(), CacheError> {
        let (room, is_denial) = match ask.room {
            Room::Unlimited => ("unlimited".to_owned(), false),
            Room::Denied => (0.to_string(), true),
            Room::Remaining(remaining) => (remaining.to_string(), false),
        };
        let arguments = [
            flag(ask.now < ask.fresh),
            ask.entry,
            millis(ask.fresh),
            room,
            flag(is_denial),
            ask.told_at_ask.to_string(),
            flag(ask.own),
            millis(ask.now.after(REPORTABLE)),
            millis(ask.now.after(ask.keep)),
            millis(ask.now.after(APPLYING)),
        ];
        self.run(&self.scripts.store, ask.now, key, &arguments).await
    }

    pub(super) async fn record(&self, key: &CacheKey, ask: Record) -> Result<bool, CacheError> {
        let arguments = [
            millis(ask.now),
            millis(ask.now.after(ask.rering)),
            ask.now.minute().number().to_string(),
            millis(ask.now.after(REPORTABLE)),
        ];
        let ring: u8 = self.run(&self.scripts.record, ask.now, key, &arguments).await?;
        Ok(ring == 1)
    }

    pub(super) async fn claim(&self, key: &CacheKey, ask: Claim) -> Result<Claimed, CacheError> {
        let arguments =
            [millis(ask.now), ask.owner, millis(ask.now.after(ask.lease)), millis(ask.now.after(REPORTABLE))];
        let answer: Vec<Value> = self.run(&self.scripts.claim, ask.now, key, &arguments).await?;
        claimed(answer).ok_or(CacheError::NotUnderstood)
    }

    pub(super) async fn ack(&self, key: &CacheKey, ask: &Ack) -> Result<Acked, CacheError> {
        let mut arguments = vec![
            ask.owner.clone(),
            millis(ask.now.after(REPORTABLE)),
            millis(ask.now.after(ask.keep)),
            millis(ask.now.after(APPLYING)),
        ];
        for (minute, uses) in &ask.minutes {
            arguments.extend([minute.number().to_string(), uses.to_string()]);
        }
        let untold: i64 = self.run(&self.scripts.ack, ask.now, key, &arguments).await?;
        Ok(u64::try_from(untold).map_or(Acked::NotTheOwner, Acked::Untold))
    }

    async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        now: UnixTime,
        key: &CacheKey,
        arguments: &[String],
    ) -> Result<T, CacheError> {
        if !self.state().breaker.lets_through(now) {
            return Err(CacheError::Resting);
        }
        let answer = self.attempt(script, key, arguments).await;
        match &answer {
            Ok(_) | Err(CacheError::Refused(_) | CacheError::NotUnderstood) => self.state().breaker.succeeded(),
            Err(CacheError::NotConnected | CacheError::TimedOut | CacheError::Resting | CacheError::Off) => {
                self.state().breaker.failed(now);
            }
        }
        answer
    }

    /// Sends a script, and once more over a new connection if the old one broke before anything was written to it: that
    /// happens to connections that idle while a function is frozen.
    async fn attempt<T: FromRedisValue>(
        &self,
        script: &Script,
        key: &CacheKey,
        arguments: &[String],
    ) -> Result<T, CacheError> {
        let mut link = self.link().await?;
        let written = link.written();
        match invoke(script, key, arguments, &mut link).await {
            Err(error) if error.is_connection_dropped() && link.written() == written => {
                self.forget(&link);
                let mut link = self.link().await?;
                invoke(script, key, arguments, &mut link).await.map_err(|error| self.give_up(&link, &error))
            }
            answer => answer.map_err(|error| self.give_up(&link, &error)),
        }
    }

    async fn link(&self) -> Result<Link, CacheError> {
        if let Some(link) = &self.state().link {
            return Ok(link.clone());
        }
        let opening = tokio::time::timeout(self.server.timeout, Link::open(&self.server, &self.tls));
        let link = opening.await.unwrap_or(Err(CacheError::NotConnected))?;
        self.state().link = Some(link.clone());
        Ok(link)
    }

    /// A connection that broke, hangs, or leads to a server that only reads since a failover is of no further use.
    fn give_up(&self, link: &Link, error: &RedisError) -> CacheError {
        let error = CacheError::of(error);
        match &error {
            CacheError::Refused(code) if code != "READONLY" => {}
            CacheError::NotUnderstood => {}
            _ => self.forget(link),
        }
        error
    }

    fn forget(&self, link: &Link) {
        let mut state = self.state();
        if state.link.as_ref().is_some_and(|current| current.is(link)) {
            state.link = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RedisCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisCache({}:{})", self.server.host, self.server.port)
    }
}

async fn invoke<T: FromRedisValue>(
    script: &Script,
    key: &CacheKey,
    arguments: &[String],
    link: &mut Link,
) -> Result<T, RedisError> {
    script.key(key.as_str()).arg(arguments).invoke_async(&mut link.connection).await
}

fn claimed(answer: Vec<Value>) -> Option<Claimed> {
    let mut answer = answer.into_iter();
    let what: String = redis::from_redis_value(answer.next()?).ok()?;
    let numbers: Vec<u64> = answer.map(redis::from_redis_value).collect::<Result<_, _>>().ok()?;
    match (what.as_str(), numbers.as_slice()) {
        ("busy", [until]) => Some(Claimed::Busy { until: UnixTime::from_millis(*until) }),
        ("nothing", []) => Some(Claimed::Nothing),
        ("uses", [told, minutes @ ..]) => {
            let (pairs, []) = minutes.as_chunks::<2>() else { return None };
            let mut minutes: Vec<_> =
                pairs.iter().map(|[minute, uses]| (Minute::from_number(*minute), *uses)).collect();
            minutes.sort_unstable();
            Some(Claimed::Uses { told: *told, minutes })
        }
        _ => None,
    }
}

fn millis(at: UnixTime) -> String {
    at.as_millis().to_string()
}

fn flag(is_set: bool) -> String {
    u8::from(is_set).to_string()
}
