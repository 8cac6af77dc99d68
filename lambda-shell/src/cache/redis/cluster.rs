//! A Redis Cluster: servers that share 16,384 slots, of which each key has one.
//!
//! ```text
//! slot of the key ─> server by the map ─> answer
//!                        │  ▲
//!             MOVED, ASK └──┘ another server, which is named    none of them carried anything out
//! ```
//!
//! The map is read from any server, and read again when an answer contradicts it. Each server has a breaker of its own,
//! so one that fails costs the keys of the other ones nothing.

mod map;
mod slot;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use authz_core::time::UnixTime;
use redis::Value;
use tokio::task::JoinSet;

use super::failure::Elsewhere;
use super::link::Address;
use super::node::{Access, Node};
use super::request::{Call, Request};
use crate::CacheError;
use map::SlotMap;
use slot::slot;

/// A cluster, and what is known of it.
#[derive(Debug)]
pub(super) struct Cluster {
    access: Arc<Access>,
    /// The configuration endpoint, or any server.
    entry: Arc<Node>,
    view: Mutex<View>,
}

#[derive(Debug, Default)]
struct View {
    map: SlotMap,
    nodes: BTreeMap<Address, Arc<Node>>,
    is_doubtful: bool,
    read_at: UnixTime,
}

impl Cluster {
    /// The cluster that a server tells of. Nothing is connected yet.
    pub(super) fn behind(entry: Arc<Node>, access: Arc<Access>) -> Self {
        Self { access, entry, view: Mutex::default() }
    }

    /// Returns the address that it was given.
    pub(super) fn entry(&self) -> &Address {
        &self.entry.address
    }

    /// Reads the map, and connects to the servers. What is wrong with one of them, the calls for its keys will tell.
    pub(super) async fn connect(&self) -> Result<(), CacheError> {
        let answer = self.entry.attempt(&Request::Slots).await.map_err(|failure| failure.error)?;
        self.believe(answer, &self.entry.address)?;
        let mut connecting = JoinSet::new();
        for node in self.servers() {
            connecting.spawn(async move { node.connect().await });
        }
        connecting.join_all().await;
        Ok(())
    }

    /// Returns the servers of all slots, by a map that is read for this.
    pub(super) async fn all(&self, now: UnixTime) -> Result<Vec<Arc<Node>>, CacheError> {
        self.read(now).await?;
        if self.view().map.is_whole() { Ok(self.servers()) } else { Err(CacheError::NotConnected) }
    }

    /// Runs a script where its key is, inside so many of the time limits as [`LIMITS`] says.
    pub(super) async fn run(&self, now: UnixTime, call: Call<'_>) -> Result<Value, CacheError> {
        let limit = self.access.server.timeout.saturating_mul(LIMITS);
        tokio::time::timeout(limit, self.follow(now, call)).await.unwrap_or_else(|_| {
            self.doubt();
            Err(CacheError::TimedOut)
        })
    }

    /// Whatever fails may do so because the map is out of date.
    async fn follow(&self, now: UnixTime, call: Call<'_>) -> Result<Value, CacheError> {
        let mut node = self.owner(now, slot(call.key)).await?;
        let mut request = Request::Run(call);
        let mut hops = 0;
        loop {
            let failure = match node.ask(now, &request).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            (node, request) = match failure.elsewhere {
                Some(Elsewhere::Moved(to)) if hops < HOPS => {
                    self.doubt();
                    (self.node(&to), Request::Run(call))
                }
                Some(Elsewhere::Ask(to)) if hops < HOPS => (self.node(&to), Request::RunAhead(call)),
                _ => {
                    self.doubt();
                    return Err(failure.error);
                }
            };
            hops += 1;
        }
    }

    /// Returns the server of a slot by the best map to be had. A slot that nobody serves is the entry's to refuse.
    async fn owner(&self, now: UnixTime, slot: u16) -> Result<Arc<Node>, CacheError> {
        let read = if self.is_reading_due(now) { self.read(now).await } else { Ok(()) };
        let view = self.view();
        match (read, view.map.owner(slot)) {
            (_, Some(address)) => Ok(view.nodes.get(address).map_or_else(|| Arc::clone(&self.entry), Arc::clone)),
            (Ok(()), None) => Ok(Arc::clone(&self.entry)),
            (Err(error), None) => Err(error),
        }
    }

    /// Tells whether the map must be read before the next script, and if so leaves that to the caller.
    fn is_reading_due(&self, now: UnixTime) -> bool {
        let mut view = self.view();
        let is_due = view.map.is_empty() || view.is_doubtful && now >= view.read_at.after(BETWEEN_READINGS);
        if is_due {
            view.read_at = now;
        }
        is_due
    }

    /// Asks one server for the map: one that is connected, else the entry, and one that is neither while that rests.
    async fn read(&self, now: UnixTime) -> Result<(), CacheError> {
        let (mut servers, others): (Vec<_>, Vec<_>) = self.servers().into_iter().partition(|node| node.is_connected());
        servers.push(Arc::clone(&self.entry));
        servers.extend(others);
        for server in servers {
            match server.ask(now, &Request::Slots).await {
                Ok(answer) => return self.believe(answer, &server.address),
                Err(failure) if failure.error == CacheError::Resting => {}
                Err(failure) => return Err(failure.error),
            }
        }
        Err(CacheError::Resting)
    }

    fn believe(&self, answer: Value, told_by: &Address) -> Result<(), CacheError> {
        let map = SlotMap::read(answer, told_by).ok_or(CacheError::NotUnderstood)?;
        let mut view = self.view();
        let known = std::mem::take(&mut view.nodes);
        for address in map.owners() {
            let node = known.get(address).map_or_else(|| self.new_node(address), Arc::clone);
            view.nodes.insert(address.clone(), node);
        }
        view.map = map;
        view.is_doubtful = false;
        Ok(())
    }

    fn node(&self, address: &Address) -> Arc<Node> {
        let mut view = self.view();
        Arc::clone(view.nodes.entry(address.clone()).or_insert_with(|| self.new_node(address)))
    }

    fn new_node(&self, address: &Address) -> Arc<Node> {
        Arc::new(Node::new(address.clone(), &self.access))
    }

    fn servers(&self) -> Vec<Arc<Node>> {
        self.view().nodes.values().map(Arc::clone).collect()
    }

    fn doubt(&self) {
        self.view().is_doubtful = true;
    }

    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// While slots move, one map after the other is out of date; a redirection costs no more than another map.
const BETWEEN_READINGS: Duration = Duration::from_secs(1);
/// A failover and a move at once make two.
const HOPS: u32 = 4;
/// Two for the map and two for the script: connecting and an answer, each.
const LIMITS: u32 = 4;
