//! Faults of SNS.

use crate::bed::Bed;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sns {
    Refuses,
    IsSilent,
    Throttles,
    Denies,
}

impl Sns {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Refuses => "refuses connections",
            Self::IsSilent => "is silent",
            Self::Throttles => "throttles: status 429",
            Self::Denies => "denies access: status 403",
        }
    }

    pub(crate) async fn begin(self, bed: &mut Bed) {
        match self {
            Self::Refuses => bed.topic.close().await,
            Self::IsSilent => bed.topic.hold(),
            Self::Throttles => bed.topic.throttle(),
            Self::Denies => bed.topic.deny(),
        }
    }

    pub(crate) fn end(self, bed: &mut Bed) {
        match self {
            Self::Refuses => bed.topic.open(),
            Self::IsSilent | Self::Throttles | Self::Denies => bed.topic.accept(),
        }
    }
}
