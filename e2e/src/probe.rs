//! A look into a server, past the cache.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use authz_core::cache::CacheKey;
use authz_core::settings::CacheServer;
use authz_core::time::UnixTime;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, FromRedisValue, RedisConnectionInfo, RedisResult};

/// A connection that looks into a server, and changes what it holds.
///
/// Its methods panic where the server refuses or does not answer.
#[derive(Clone, Debug)]
pub struct Probe {
    connection: MultiplexedConnection,
    pub(crate) process_id: u64,
}

impl Probe {
    pub(crate) async fn connect(socket: &Path, server: &CacheServer) -> RedisResult<Self> {
        let mut info = RedisConnectionInfo::default();
        if let Some(username) = &server.username {
            info = info.set_username(username);
        }
        if let Some(password) = &server.auth_token {
            info = info.set_password(password.expose());
        }
        let address = redis::ConnectionAddr::Unix(socket.to_owned());
        let client = Client::open(redis::IntoConnectionInfo::into_connection_info(address)?.set_redis_settings(info))?;
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
        let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        let about: String = redis::cmd("INFO").arg("server").query_async(&mut connection).await?;
        Ok(Self { connection, process_id: number(&about, "process_id").unwrap_or_default() })
    }

    /// Whether the server has read its data and serves them.
    pub(crate) async fn is_loaded(&self) -> bool {
        redis::cmd("PING").query_async::<()>(&mut self.connection.clone()).await.is_ok()
    }

    /// Sends a command, and returns the answer.
    ///
    /// # Panics
    ///
    /// If the server refuses it.
    pub async fn ask<T: FromRedisValue>(&self, words: &[&str]) -> T {
        let [name, arguments @ ..] = words else { panic!("a command has a name") };
        let answer = redis::cmd(name).arg(arguments).query_async(&mut self.connection.clone()).await;
        answer.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Whether the server has the slot of a key. It asks for another one if the key is only moving away.
    pub(crate) async fn serves(&self, key: &CacheKey) -> bool {
        redis::cmd("EXISTS").arg(key.as_str()).query_async::<u8>(&mut self.connection.clone()).await.is_ok()
    }

    /// Returns what a ledger's hash holds.
    pub async fn fields(&self, key: &CacheKey) -> BTreeMap<String, String> {
        self.ask(&["HGETALL", key.as_str()]).await
    }

    /// Returns a number that a ledger's hash holds; 0 without that field, as the scripts read it.
    ///
    /// # Panics
    ///
    /// If the field holds something else.
    pub async fn count(&self, key: &CacheKey, field: &str) -> u64 {
        let count: Option<u64> = self.ask(&["HGET", key.as_str(), field]).await;
        count.unwrap_or_default()
    }

    /// Returns when a ledger leaves; `None` if there is none.
    ///
    /// # Panics
    ///
    /// If it never leaves.
    pub async fn expires(&self, key: &CacheKey) -> Option<UnixTime> {
        let millis: i64 = self.ask(&["PEXPIRETIME", key.as_str()]).await;
        assert_ne!(millis, -1, "a ledger that never leaves");
        u64::try_from(millis).ok().map(UnixTime::from_millis)
    }

    /// Does what the server does by itself when its own clock says `now`: removes a ledger that has expired.
    pub async fn remove_if_expired(&self, key: &CacheKey, now: UnixTime) {
        if self.expires(key).await.is_some_and(|at| now >= at) {
            self.remove(key).await;
        }
    }

    /// Removes a ledger.
    pub async fn remove(&self, key: &CacheKey) {
        let () = self.ask(&["DEL", key.as_str()]).await;
    }

    /// Returns all that the server holds, names and serialized values, in one run of bytes.
    pub async fn dump(&self) -> Vec<u8> {
        let names: Vec<String> = self.ask(&["KEYS", "*"]).await;
        let mut everything = Vec::new();
        for name in names {
            let value: Vec<u8> = self.ask(&["DUMP", &name]).await;
            everything.extend(name.into_bytes());
            everything.extend(value);
        }
        everything
    }

    /// Returns how many connections the server has accepted since it started.
    ///
    /// # Panics
    ///
    /// If the server does not tell.
    pub async fn connections(&self) -> u64 {
        let about: String = self.ask(&["INFO", "stats"]).await;
        number(&about, "total_connections_received").expect("a number that every server tells")
    }
}

/// Reads a line `name:number` of an `INFO` answer.
fn number(about: &str, name: &str) -> Option<u64> {
    let value = |line: &str| line.strip_prefix(name)?.strip_prefix(':')?.trim().parse().ok();
    about.lines().find_map(value)
}

const PATIENCE: Duration = Duration::from_secs(20);
