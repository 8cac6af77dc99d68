//! The authorizers, and who calls them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use runtime_api::Function;
use tokio::sync::watch;

use crate::books::Books;
use crate::calls::Call;
use crate::world::World;

/// So many calls there are.
pub(crate) const CALLS: u64 = 50_000;
/// After so many of them everything that is kept is there.
pub(crate) const WARM_UP: u64 = 10_000;
/// So many calls are under way at a time, each in an authorizer of its own.
pub(crate) const AUTHORIZERS: usize = 4;

pub(crate) struct Running {
    authorizers: Vec<Function>,
    seed: u64,
    next: AtomicU64,
    made: watch::Sender<u64>,
}

impl Running {
    pub(crate) async fn start(world: &World, seed: u64) -> Self {
        let changes = [
            ("CACHE_DENIAL_TTL_SECS", "2"),
            ("CACHE_GRANT_TTL_SECS", "3"),
            ("ELASTICACHE_TIMEOUT_MS", "500"),
            ("SNS_TIMEOUT_MS", "1000"),
            ("THREESCALE_TIMEOUT_MS", "1000"),
        ];
        let mut authorizers = Vec::new();
        for _ in 0..AUTHORIZERS {
            authorizers.push(world.function("authorizer", TIMEOUT, &changes).await);
        }
        Self { authorizers, seed, next: AtomicU64::new(0), made: watch::Sender::default() }
    }

    pub(crate) async fn make_all_calls(&self) -> Books {
        let books = Mutex::new(Books::default());
        let begun = Instant::now();
        join_all(self.authorizers.iter().map(|authorizer| self.call_one_after_the_other(authorizer, &books))).await;
        let mut books = books.into_inner().unwrap();
        books.span = begun.elapsed();
        books
    }

    async fn call_one_after_the_other(&self, authorizer: &Function, books: &Mutex<Books>) {
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= CALLS {
                return;
            }
            let call = Call::choose(self.seed, number);
            let event = call.event();
            let begun = Instant::now();
            let answer = authorizer.invoke(&event).await.unwrap().answer.map_err(|error| error.error_message);
            let time = begun.elapsed();
            let told = call.judge(&answer);
            books.lock().unwrap().write(call, told, time);
            self.made.send_modify(|made| *made += 1);
        }
    }

    /// Waits until so many calls were made.
    pub(crate) async fn calls_made(&self, calls: u64) {
        // The sender lives as long as `self`, so there is always a next number to wait for.
        let _ = self.made.subscribe().wait_for(|made| *made >= calls).await;
    }

    /// Returns how much memory each authorizer has, in KiB.
    pub(crate) fn resident_kib(&self) -> Vec<u64> {
        self.authorizers.iter().map(resident_kib).collect()
    }

    /// Makes sure that no authorizer has grown since it was warm, but for some 150 bytes a call: `lambda_runtime` sets
    /// `_X_AMZN_TRACE_ID` for each event, and glibc keeps every value that a variable ever had.
    pub(crate) fn assert_flat(&self, warm: &[u64]) {
        let now = self.resident_kib();
        println!("resident, in KiB: {warm:?} after {WARM_UP} calls, {now:?} in the end");
        for (warm, now) in warm.iter().zip(now) {
            assert!(now <= warm + warm / 4 + 2048, "an authorizer has grown from {warm} KiB to {now} KiB");
        }
    }

    /// Makes sure that no use was lost because Redis and 3scale failed at once, and that nobody panicked.
    pub(crate) async fn assert_nothing_was_lost(self) {
        for authorizer in self.authorizers {
            for line in authorizer.stop().await {
                assert!(!line.contains(r#""lost_use":true"#) && !line.contains("panicked"), "{line}");
            }
        }
    }
}

fn resident_kib(function: &Function) -> u64 {
    // A process that was lost would have failed its call.
    let status = std::fs::read_to_string(format!("/proc/{}/status", function.pid().unwrap())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Far above every other limit, for machines that are slow.
const TIMEOUT: Duration = Duration::from_secs(30);
