//! A Redis Cluster of child processes.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use authz_core::cache::CacheKey;
use authz_core::settings::CacheServer;

use crate::{Probe, RedisConfig, RedisServer};

/// Three servers, each with a third of the slots and without replicas. Dropping it kills them.
#[derive(Debug)]
pub struct RedisCluster {
    servers: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts servers of this kind, and returns when each knows the others and serves its slots.
    ///
    /// # Panics
    ///
    /// If they do not find together.
    pub async fn start(config: RedisConfig) -> Self {
        let config = config.of_a_cluster();
        let mut servers = Vec::new();
        for (epoch, first, last) in [("1", "0", "5460"), ("2", "5461", "10922"), ("3", "10923", "16383")] {
            let server = RedisServer::start(config.clone()).await;
            let probe = server.probe().await;
            let () = probe.ask(&["CLUSTER", "SET-CONFIG-EPOCH", epoch]).await;
            let () = probe.ask(&["CLUSTER", "ADDSLOTSRANGE", first, last]).await;
            servers.push(server);
        }
        let cluster = Self { servers };
        cluster.meet().await;
        cluster
    }

    /// Returns how a cache reaches it, by one of its servers.
    pub fn settings(&self) -> CacheServer {
        self.server(0).settings()
    }

    /// Returns its servers.
    pub fn servers(&self) -> &[RedisServer] {
        &self.servers
    }

    /// Returns one of its servers.
    ///
    /// # Panics
    ///
    /// If there is none of this number.
    pub fn server(&self, number: usize) -> &RedisServer {
        self.servers.get(number).expect("a number below three")
    }

    /// Kills one of its servers.
    ///
    /// # Panics
    ///
    /// If there is none of this number, or it can't be killed.
    pub async fn stop(&mut self, number: usize) {
        self.servers.get_mut(number).expect("a number below three").stop().await;
    }

    /// Returns the number of the server that has the slot of a key.
    ///
    /// # Panics
    ///
    /// If none that runs has it.
    pub async fn owner(&self, key: &CacheKey) -> usize {
        for (number, server) in self.servers.iter().enumerate() {
            if server.is_running() && server.probe().await.serves(key).await {
                return number;
            }
        }
        panic!("nobody serves {key}");
    }

    /// Connects to the server that has the slot of a key, to look into it.
    ///
    /// # Panics
    ///
    /// If none that runs has it.
    pub async fn probe(&self, key: &CacheKey) -> Probe {
        self.server(self.owner(key).await).probe().await
    }

    /// Moves the slot of a key to another server, and tells of each step once it is done.
    ///
    /// # Panics
    ///
    /// If the servers refuse.
    pub async fn move_slot(&self, key: &CacheKey, to: usize, mut reached: impl AsyncFnMut(Step)) {
        let from = self.owner(key).await;
        let (source, target) = (self.server(from).probe().await, self.server(to).probe().await);
        let (source_id, target_id): (String, String) =
            (source.ask(&["CLUSTER", "MYID"]).await, target.ask(&["CLUSTER", "MYID"]).await);
        let slot = source.ask::<u16>(&["CLUSTER", "KEYSLOT", key.as_str()]).await.to_string();
        let () = target.ask(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &source_id]).await;
        let () = source.ask(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &target_id]).await;
        reached(Step::Begun).await;
        let port = self.server(to).settings().port.to_string();
        let names: Vec<String> = source.ask(&["CLUSTER", "GETKEYSINSLOT", &slot, "1000"]).await;
        for name in names {
            let _: String = source.ask(&["MIGRATE", "127.0.0.1", &port, &name, "0", "20000"]).await;
        }
        reached(Step::KeysMoved).await;
        for probe in [&target, &source] {
            let () = probe.ask(&["CLUSTER", "SETSLOT", &slot, "NODE", &target_id]).await;
        }
        self.agree().await;
        reached(Step::Ended).await;
    }

    async fn meet(&self) {
        let first = self.server(0).probe().await;
        for server in &self.servers {
            let [host, port, bus] = server.meeting_point();
            let () = first.ask(&["CLUSTER", "MEET", &host, &port, &bus]).await;
        }
        for server in &self.servers {
            let probe = server.probe().await;
            until(async || is_complete(&probe).await).await;
        }
    }

    /// Waits until no server is behind another: one that is takes a new owner of a slot for an old one.
    async fn agree(&self) {
        until(async || {
            let mut epochs = BTreeSet::new();
            for server in &self.servers {
                epochs.insert(line(&server.probe().await, "cluster_current_epoch:").await);
            }
            epochs.len() == 1
        })
        .await;
    }
}

/// How far a slot has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The old server sends who asks for a key that it does not have to the new one.
    Begun,
    /// The keys are on the new server, and the slot is still the old one's.
    KeysMoved,
    /// The slot is the new server's.
    Ended,
}

/// Whether a server knows the others and all of their slots, and serves its own.
async fn is_complete(probe: &Probe) -> bool {
    let expected = [("cluster_state:", "ok"), ("cluster_known_nodes:", "3"), ("cluster_slots_assigned:", "16384")];
    for (name, value) in expected {
        if line(probe, name).await != value {
            return false;
        }
    }
    true
}

/// Returns what a server says of the cluster under this name.
async fn line(probe: &Probe, name: &str) -> String {
    let about: String = probe.ask(&["CLUSTER", "INFO"]).await;
    about.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned()
}

async fn until(mut is_reached: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_reached().await {
        assert!(begun.elapsed() < PATIENCE, "servers that do not find together");
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(40);
