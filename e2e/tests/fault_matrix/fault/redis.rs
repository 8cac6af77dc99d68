//! Faults of Redis.

use e2e::{ProxyMode, RedisConfig, RedisServer};

use crate::bed::Bed;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Redis {
    Refuses,
    IsSilent,
    LosesAnswers,
    WantsAPassword,
    HoldsSomethingElse,
    HasNoMemory,
    OnlyReads,
    FailsOver,
    MovesKeys,
    RestartsEmpty,
}

impl Redis {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Refuses => "refuses connections",
            Self::IsSilent => "is silent",
            Self::LosesAnswers => "does what it is asked, and its answers are lost",
            Self::WantsAPassword => "wants a password: `NOAUTH`",
            Self::HoldsSomethingElse => "holds something else in the key's place: `WRONGTYPE`",
            Self::HasNoMemory => "has no memory left: `OOM`",
            Self::OnlyReads => "only reads: `READONLY`",
            Self::FailsOver => "fails over to a replica that knows everything",
            Self::MovesKeys => "moves keys to another server of the cluster: `MOVED`",
            Self::RestartsEmpty => "restarts and knows nothing",
        }
    }

    pub(crate) async fn begin(self, bed: &mut Bed) {
        match self {
            Self::Refuses => bed.redis.stop().await,
            Self::IsSilent => bed.road_to_redis.set(ProxyMode::Silence),
            Self::LosesAnswers => bed.road_to_redis.set(ProxyMode::LoseReplies),
            Self::WantsAPassword => {
                let probe = bed.redis.probe().await;
                let () = probe.ask(&["CONFIG", "SET", "requirepass", "another"]).await;
                let _: u64 = probe.ask(&["CLIENT", "KILL", "TYPE", "normal"]).await;
            }
            Self::HoldsSomethingElse => {
                for ledger in Bed::ledgers() {
                    ask(bed, &["SET", ledger.as_str(), "something else"]).await;
                }
            }
            Self::HasNoMemory => ask(bed, &["CONFIG", "SET", "maxmemory", "1"]).await,
            Self::OnlyReads => ask(bed, &["REPLICAOF", "127.0.0.1", "1"]).await,
            Self::FailsOver => fail_over(bed).await,
            Self::MovesKeys => {
                let cluster = bed.cluster.as_ref().unwrap();
                for ledger in Bed::ledgers() {
                    let other = (cluster.owner(&ledger).await + 1) % cluster.servers().len();
                    cluster.move_slot(&ledger, other, async |_| ()).await;
                }
            }
            Self::RestartsEmpty => bed.redis.restart().await,
        }
    }

    pub(crate) async fn end(self, bed: &mut Bed) {
        match self {
            Self::Refuses | Self::WantsAPassword => bed.redis.restart().await,
            Self::IsSilent | Self::LosesAnswers => bed.road_to_redis.set(ProxyMode::Forward),
            Self::HoldsSomethingElse => ask(bed, &["FLUSHALL"]).await,
            Self::HasNoMemory => ask(bed, &["CONFIG", "SET", "maxmemory", "0"]).await,
            Self::OnlyReads => ask(bed, &["REPLICAOF", "NO", "ONE"]).await,
            Self::FailsOver | Self::MovesKeys | Self::RestartsEmpty => {}
        }
    }
}

/// What ElastiCache does: the name of the primary leads to a replica, which becomes the primary.
async fn fail_over(bed: &mut Bed) {
    let primary = bed.redis.settings().port.to_string();
    ask(bed, &["CONFIG", "SET", "repl-diskless-sync-delay", "0"]).await;
    let replica = RedisServer::start(RedisConfig::default().with(&format!("replicaof 127.0.0.1 {primary}"))).await;
    let probe = bed.redis.probe().await;
    let () = probe.ask(&["SET", "the last write", "before the failover"]).await;
    let followed: u64 = probe.ask(&["WAIT", "1", "20000"]).await;
    assert_eq!(followed, 1, "the replica knows everything");
    bed.redis = replica;
    ask(bed, &["REPLICAOF", "NO", "ONE"]).await;
    bed.road_to_redis.lead_to(&bed.redis.settings());
}

async fn ask(bed: &Bed, words: &[&str]) {
    let () = bed.redis.probe().await.ask(words).await;
}
