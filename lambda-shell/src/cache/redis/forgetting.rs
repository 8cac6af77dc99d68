//! Finding the ledgers of a credential, to have them forget what 3scale said.

use std::collections::BTreeSet;
use std::sync::Arc;

use authz_core::cache::CacheKey;
use authz_core::forget::Forget;
use authz_core::ledger::{self, REPORTABLE};
use authz_core::time::UnixTime;

use super::node::Node;
use super::request::Request;
use super::{RedisCache, Topology, millis};
use crate::CacheError;

impl RedisCache {
    /// Has the ledgers forget that are concerned, and counts them as it goes.
    ///
    /// A ledger that is there all the while is found, unless its slot moves to another server of a cluster meanwhile.
    pub(in crate::cache) async fn forget(
        &self,
        which: &Forget,
        ask: ledger::Forget,
        forgotten: &mut u64,
    ) -> Result<(), CacheError> {
        let (pattern, mut found) = (which.pattern(), BTreeSet::new());
        for server in self.servers(ask.now).await? {
            let mut cursor = Some(0);
            while let Some(from) = cursor {
                let names;
                (cursor, names) = page(&server, ask.now, from, &pattern).await?;
                for key in names.iter().filter_map(|name| CacheKey::parse(name)) {
                    if which.concerns(&key) && found.insert(key.clone()) {
                        *forgotten += u64::from(self.forget_one(&key, ask).await?);
                    }
                }
            }
        }
        Ok(())
    }

    async fn servers(&self, now: UnixTime) -> Result<Vec<Arc<Node>>, CacheError> {
        match &self.topology {
            Topology::Server(server) => Ok(vec![Arc::clone(server)]),
            Topology::Cluster(cluster) => cluster.all(now).await,
        }
    }

    async fn forget_one(&self, key: &CacheKey, ask: ledger::Forget) -> Result<bool, CacheError> {
        let arguments = [millis(ask.now), millis(ask.now.after(REPORTABLE)), millis(ask.now.after(ask.keep))];
        let found: u8 = self.run(&self.scripts.forget, ask.now, key, &arguments).await?;
        Ok(found == 1)
    }
}

/// Returns some names, the same one perhaps several times, and where to go on.
async fn page(
    server: &Node,
    now: UnixTime,
    cursor: u64,
    pattern: &str,
) -> Result<(Option<u64>, Vec<String>), CacheError> {
    let answer = server.ask(now, &Request::Scan { cursor, pattern }).await.map_err(|failure| failure.error)?;
    let (next, names): (u64, _) = redis::from_redis_value(answer).map_err(|_| CacheError::NotUnderstood)?;
    Ok(((next > 0).then_some(next), names))
}
