//! Which faults there are, and when 3scale's strike.

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;
use threescale_stub::{Endpoint, Fault, Response};

/// What fails at the moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    pub(crate) sns: Sns,
    pub(crate) threescale: Threescale,
    pub(crate) redis: Redis,
    /// Whether workers die.
    pub(crate) is_deadly: bool,
}

impl Weather {
    pub(crate) const FAIR: Self =
        Self { sns: Sns::Fair, threescale: Threescale::Fair, redis: Redis::Fair, is_deadly: false };
    pub(crate) const DEADLY: Self = Self { is_deadly: true, ..Self::FAIR };

    pub(crate) const fn with_sns(self, sns: Sns) -> Self {
        Self { sns, ..self }
    }

    pub(crate) const fn with_threescale(self, threescale: Threescale) -> Self {
        Self { threescale, ..self }
    }

    /// Never together with a fault of 3scale: a use that neither of both can count is lost, and logged as such.
    pub(crate) const fn with_redis(self, redis: Redis) -> Self {
        Self { redis, threescale: Threescale::Fair, ..self }
    }
}

/// How SNS is, seen by who publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sns {
    Fair,
    /// Connections are closed.
    Refuses,
    /// Messages are taken, and the answers lost.
    LosesAnswers,
}

/// How 3scale is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Threescale {
    Fair,
    /// Half of the requests are not answered, or not with what was asked for; none of these counts.
    Fails,
    /// A third of the requests count, and their answers are lost.
    LosesAnswers,
    /// No request is answered with what was asked for.
    IsDown,
}

/// How Redis is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Redis {
    Fair,
    /// Now and then a request of an authorizer is carried out, and its reply lost.
    LosesReplies,
    /// It is killed in the middle of the round and starts again with its data.
    Restarts,
}

/// Chooses what becomes of each request to 3scale: after the first few it is chance whether one fails, and each
/// endpoint fails in all ways in turn.
pub(crate) struct Strikes {
    random: Rng,
    turns: BTreeMap<Endpoint, BTreeMap<Threescale, usize>>,
}

impl Strikes {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: Rng::with_seed(seed), turns: BTreeMap::new() }
    }

    pub(crate) fn next(&mut self, threescale: Threescale, endpoint: Endpoint) -> Option<Strike> {
        let (strikes, all): (&[Strike], u8) = match threescale {
            Threescale::Fair => return None,
            Threescale::Fails => (&FAILURES, 2),
            Threescale::LosesAnswers => (&LOSSES, 3),
            Threescale::IsDown => (&[Strike::Unavailable], 1),
        };
        let turn = self.turns.entry(endpoint).or_default().entry(threescale).or_default();
        if *turn >= FOR_SURE && self.random.u8(..all) > 0 {
            return None;
        }
        *turn += 1;
        Some(strikes[(*turn - 1) % strikes.len()])
    }
}

/// What becomes of one request to 3scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strike {
    Unavailable,
    TooMany,
    Cut,
    Hung,
    /// It counts, and the connection is cut.
    CountedThenCut,
    /// It counts, and there is no answer in time.
    CountedThenHung,
}

impl Strike {
    pub(crate) fn fault(self) -> Fault {
        match self {
            Self::Unavailable => Fault::answer(Response::raw(503, "<html>Service Unavailable</html>")),
            Self::TooMany => Fault::answer(Response::raw(429, "")),
            Self::Cut => Fault::cut(),
            Self::Hung => Fault::hang(),
            Self::CountedThenCut => Fault::count_then_cut(),
            Self::CountedThenHung => Fault::count_then_hang(),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unavailable => "503",
            Self::TooMany => "429",
            Self::Cut => "cut off",
            Self::Hung => "hung",
            Self::CountedThenCut => "counted, then cut off",
            Self::CountedThenHung => "counted, then hung",
        }
    }
}

/// So many requests suffice for each way to fail.
const FOR_SURE: usize = 4;
/// Hanging is rare, because somebody waits for it.
const FAILURES: [Strike; 10] = [
    Strike::Cut,
    Strike::Unavailable,
    Strike::TooMany,
    Strike::Hung,
    Strike::Cut,
    Strike::Unavailable,
    Strike::TooMany,
    Strike::Cut,
    Strike::Unavailable,
    Strike::TooMany,
];
const LOSSES: [Strike; 8] = [
    Strike::CountedThenCut,
    Strike::CountedThenHung,
    Strike::CountedThenCut,
    Strike::CountedThenCut,
    Strike::CountedThenCut,
    Strike::CountedThenCut,
    Strike::CountedThenCut,
    Strike::CountedThenCut,
];

/// After which step a worker dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Death {
    Claimed,
    Asked,
    Stored,
    /// 3scale took the report.
    Told,
    Acknowledged,
}

impl Death {
    pub(crate) const ALL: [Self; 5] = [Self::Claimed, Self::Asked, Self::Stored, Self::Told, Self::Acknowledged];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Claimed => "a worker died after its claim",
            Self::Asked => "a worker died after the authorize",
            Self::Stored => "a worker died after the store",
            Self::Told => "a worker died after the report",
            Self::Acknowledged => "a worker died after the acknowledgement",
        }
    }
}

/// Longer than a grant is believed, than a lease, and than nobody rings.
pub(crate) const MINUTE: Duration = Duration::from_secs(61);
/// Longer than SNS is left alone, and shorter than nobody rings: only a courier brings what was not published.
pub(crate) const MOMENT: Duration = Duration::from_secs(20);
/// Longer than a grant stands in.
pub(crate) const LONG: Duration = Duration::from_secs(400);
