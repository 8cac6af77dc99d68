//! Ledgers in Redis or Valkey: one hash each, one script for each operation.
//!
//! The scripts beside this file mean what `authz_core::ledger` says. They name one key, so they run on a cluster, and
//! they take every instant from the caller.
//!
//! A script that may have been carried out is never sent again, or a use could count twice. One that surely was not goes
//! again: over a new connection if nothing was written to the old one, or to the server of a cluster that was named
//! instead.

mod cluster;
mod failure;
mod forgetting;
mod link;
mod node;
mod request;

use std::fmt;
use std::sync::Arc;

use authz_core::cache::CacheKey;
use authz_core::ledger::{APPLYING, Ack, Acked, Claim, Claimed, REPORTABLE, Record, Room, Store, Take, Taken};
use authz_core::settings::CacheServer;
use authz_core::time::{Minute, UnixTime};
use redis::{FromRedisValue, Value};
use rustls::ClientConfig;

use super::CacheError;
use cluster::Cluster;
use link::Address;
use node::{Access, Node};
use request::{Call, Request, Script};

/// What the script of a take returns, in its order.
type TakeAnswer = (u8, u8, u64, u64, u64, u64, Option<u64>, Option<String>);

/// Ledgers in Redis.
pub struct RedisCache {
    topology: Topology,
    scripts: Scripts,
}

enum Topology {
    Server(Arc<Node>),
    Cluster(Cluster),
}

struct Scripts {
    take: Script,
    store: Script,
    record: Script,
    claim: Script,
    ack: Script,
    forget: Script,
}

impl RedisCache {
    /// Ledgers on a server, or on the cluster that it is of. Nothing is connected yet.
    pub fn new(server: CacheServer, tls: Arc<ClientConfig>) -> Self {
        let scripts = Scripts {
            take: Script::new(include_str!("redis/take.lua")),
            store: Script::new(include_str!("redis/store.lua")),
            record: Script::new(include_str!("redis/record.lua")),
            claim: Script::new(include_str!("redis/claim.lua")),
            ack: Script::new(include_str!("redis/ack.lua")),
            forget: Script::new(include_str!("redis/forget.lua")),
        };
        let address = Address { host: server.host.clone(), port: server.port };
        let is_cluster = server.cluster;
        let access = Arc::new(Access { server, tls });
        let entry = Arc::new(Node::new(address, &access));
        let topology =
            if is_cluster { Topology::Cluster(Cluster::behind(entry, access)) } else { Topology::Server(entry) };
        Self { topology, scripts }
    }

    /// Connects, so that the first call does not have to.
    pub async fn connect(&self) -> Result<(), CacheError> {
        match &self.topology {
            Topology::Server(server) => server.connect().await,
            Topology::Cluster(cluster) => cluster.connect().await,
        }
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
            millis(ask.asked),
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
        let call = Call { script, key: key.as_str(), arguments };
        let answer = match &self.topology {
            Topology::Server(server) => server.ask(now, &Request::Run(call)).await.map_err(|failure| failure.error),
            Topology::Cluster(cluster) => cluster.run(now, call).await,
        };
        redis::from_redis_value(answer?).map_err(|_| CacheError::NotUnderstood)
    }
}

impl fmt::Debug for RedisCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.topology {
            Topology::Server(server) => write!(f, "RedisCache({})", server.address),
            Topology::Cluster(cluster) => write!(f, "RedisCache(cluster behind {})", cluster.entry()),
        }
    }
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
