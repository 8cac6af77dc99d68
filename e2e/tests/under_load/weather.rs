//! What fails when.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fastrand::Rng;
use threescale_stub::{Endpoint, Fault, Request, Response};

use crate::collecting::Collecting;
use crate::running::{AUTHORIZERS, Running};
use crate::world::World;

/// Until which call nothing fails, and what fails from then on. Redis and 3scale never fail at once: what is allowed
/// then, nobody can count.
const FORECAST: [(u64, Weather); 14] = [
    (10_000, Weather { sns: Sns::IsSilent, ..FAIR }),
    (14_000, FAIR),
    (15_000, Weather { threescale: Threescale::Fails, ..FAIR }),
    (20_000, FAIR),
    (21_000, Weather { redis: Redis::IsSilent, ..FAIR }),
    (24_000, FAIR),
    (25_000, Weather { redis: Redis::IsGone, ..FAIR }),
    (28_000, FAIR),
    (29_000, Weather { threescale: Threescale::Fails, sns: Sns::Throttles, ..FAIR }),
    (33_000, FAIR),
    (34_000, Weather { redis: Redis::IsGone, sns: Sns::Fails, ..FAIR }),
    (37_000, FAIR),
    (38_000, Weather { threescale: Threescale::Fails, sns: Sns::IsSilent, ..FAIR }),
    (41_000, FAIR),
];
const FAIR: Weather = Weather { redis: Redis::Fair, threescale: Threescale::Fair, sns: Sns::Fair };

#[derive(Clone, Copy, Debug)]
struct Weather {
    redis: Redis,
    threescale: Threescale,
    sns: Sns,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Redis {
    Fair,
    /// It is frozen, and later does what it was asked meanwhile.
    IsSilent,
    /// It was killed, and comes back with its data.
    IsGone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Threescale {
    Fair,
    /// Half of the requests are not answered, or not with what was asked for; none of these counts.
    Fails,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sns {
    Fair,
    IsSilent,
    Throttles,
    Fails,
}

/// What 3scale did not know when it had to judge past the cache, by user key.
#[derive(Default)]
pub(crate) struct Outages {
    untold: BTreeMap<String, u64>,
    count: u64,
}

impl Outages {
    /// By so much a limit may be passed. Calls may be under way when an outage begins.
    pub(crate) fn slack(&self, user_key: &str) -> u64 {
        self.untold.get(user_key).copied().unwrap_or_default() + self.count * AUTHORIZERS as u64
    }
}

/// Lets the weather change with the calls.
pub(crate) async fn forecast(world: &World, running: &Running, collecting: &Collecting) -> Outages {
    let threescale_fails = Arc::new(AtomicBool::new(false));
    world.account.choose_faults(faults(Arc::clone(&threescale_fails)));
    let (mut outages, mut now) = (Outages::default(), FAIR);
    for (calls, weather) in FORECAST {
        running.calls_made(calls).await;
        println!("{calls:>6} calls, {:?} KiB; {weather:?}", running.resident_kib());
        threescale_fails.store(weather.threescale == Threescale::Fails, Ordering::Relaxed);
        match weather.sns {
            Sns::Fair => world.topic.accept(),
            Sns::IsSilent => world.topic.hold(),
            Sns::Throttles => world.topic.throttle(),
            Sns::Fails => world.topic.fail(),
        }
        if weather.redis != now.redis {
            // A report that nobody could acknowledge would be told twice.
            let _quiet = collecting.pause().await;
            change_redis(world, now.redis, weather.redis, &mut outages).await;
        }
        now = weather;
    }
    outages
}

async fn change_redis(world: &World, before: Redis, after: Redis, outages: &mut Outages) {
    if before == Redis::Fair {
        outages.count += 1;
        for ledger in world.ledgers().await {
            *outages.untold.entry(ledger.user_key).or_default() += ledger.untold;
        }
    }
    match (before, after) {
        (_, Redis::IsSilent) => world.redis.lock().await.freeze(),
        (_, Redis::IsGone) => world.redis.lock().await.stop().await,
        (Redis::IsGone, Redis::Fair) => world.redis.lock().await.restart().await,
        (Redis::Fair | Redis::IsSilent, Redis::Fair) => world.redis.lock().await.thaw(),
    }
}

/// Chooses what becomes of each request to 3scale. Hanging is rare, because somebody waits for it.
fn faults(fails: Arc<AtomicBool>) -> impl FnMut(&Request) -> Option<Fault> + Send + 'static {
    let mut random = Rng::with_seed(7);
    move |request| {
        if !fails.load(Ordering::Relaxed) || random.bool() {
            return None;
        }
        Some(match random.u8(..60) {
            0 if Endpoint::of(request) == Endpoint::Authrep => Fault::hang(),
            0..20 => Fault::answer(Response::raw(503, "<html>Service Unavailable</html>")),
            20..40 => Fault::answer(Response::raw(429, "")),
            _ => Fault::cut(),
        })
    }
}
