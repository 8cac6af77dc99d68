//! Which faults there are, how they begin, and how they end.

mod redis;
mod sns;
mod threescale;

pub(crate) use redis::Redis;
pub(crate) use sns::Sns;
pub(crate) use threescale::Threescale;

use crate::bed::Bed;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Nothing,
    Redis(Redis),
    Threescale(Threescale),
    Sns(Sns),
    RedisAndThreescale(Redis, Threescale),
}

/// Faults that a reader looks for in one place.
pub(crate) struct Chapter {
    pub(crate) name: &'static str,
    pub(crate) faults: &'static [Fault],
}

impl Fault {
    /// What an operator calls it.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Nothing => "none".to_owned(),
            Self::Redis(fault) => fault.name().to_owned(),
            Self::Threescale(fault) => fault.name().to_owned(),
            Self::Sns(fault) => fault.name().to_owned(),
            Self::RedisAndThreescale(redis, threescale) => {
                format!("{}, and 3scale {}", redis.name(), threescale.name())
            }
        }
    }

    pub(crate) async fn begin(self, bed: &mut Bed) {
        match self {
            Self::Nothing => {}
            Self::Redis(fault) => fault.begin(bed).await,
            Self::Threescale(fault) => fault.begin(bed).await,
            Self::Sns(fault) => fault.begin(bed).await,
            Self::RedisAndThreescale(redis, threescale) => {
                redis.begin(bed).await;
                threescale.begin(bed).await;
            }
        }
    }

    pub(crate) async fn end(self, bed: &mut Bed) {
        match self {
            Self::Nothing => {}
            Self::Redis(fault) => fault.end(bed).await,
            Self::Threescale(fault) => fault.end(bed),
            Self::Sns(fault) => fault.end(bed),
            Self::RedisAndThreescale(redis, threescale) => {
                redis.end(bed).await;
                threescale.end(bed);
            }
        }
    }
}

pub(crate) const CHAPTERS: [Chapter; 5] = [
    Chapter { name: "fault", faults: &[Fault::Nothing] },
    Chapter {
        name: "Redis ..",
        faults: &[
            Fault::Redis(Redis::Refuses),
            Fault::Redis(Redis::IsSilent),
            Fault::Redis(Redis::LosesAnswers),
            Fault::Redis(Redis::WantsAPassword),
            Fault::Redis(Redis::HoldsSomethingElse),
            Fault::Redis(Redis::HasNoMemory),
            Fault::Redis(Redis::OnlyReads),
            Fault::Redis(Redis::FailsOver),
            Fault::Redis(Redis::MovesKeys),
            Fault::Redis(Redis::RestartsEmpty),
        ],
    },
    Chapter {
        name: "3scale ..",
        faults: &[
            Fault::Threescale(Threescale::Refuses),
            Fault::Threescale(Threescale::StrangeCertificate),
            Fault::Threescale(Threescale::Resets),
            Fault::Threescale(Threescale::IsSlow),
            Fault::Threescale(Threescale::IsSilent),
            Fault::Threescale(Threescale::IsTooSlow),
            Fault::Threescale(Threescale::Throttles),
            Fault::Threescale(Threescale::Fails),
            Fault::Threescale(Threescale::AnswersWithAPage),
            Fault::Threescale(Threescale::AnswersWithNothing),
            Fault::Threescale(Threescale::AnswersWithTooMuch),
            Fault::Threescale(Threescale::Redirects),
            Fault::Threescale(Threescale::RefusesOurToken),
        ],
    },
    Chapter {
        name: "SNS ..",
        faults: &[
            Fault::Sns(Sns::Refuses),
            Fault::Sns(Sns::IsSilent),
            Fault::Sns(Sns::Throttles),
            Fault::Sns(Sns::Denies),
        ],
    },
    Chapter {
        name: "Redis ..",
        faults: &[
            Fault::RedisAndThreescale(Redis::Refuses, Threescale::Refuses),
            Fault::RedisAndThreescale(Redis::IsSilent, Threescale::IsSilent),
        ],
    },
];
