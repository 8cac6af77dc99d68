//! Faults of 3scale.

use std::time::Duration;

use authz_core::threescale::Reply;
use threescale_stub::{Fault, Response};

use crate::bed::Bed;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Threescale {
    Refuses,
    StrangeCertificate,
    Resets,
    IsSlow,
    IsSilent,
    IsTooSlow,
    Throttles,
    Fails,
    AnswersWithAPage,
    AnswersWithNothing,
    AnswersWithTooMuch,
    Redirects,
    RefusesOurToken,
}

impl Threescale {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Refuses => "refuses connections",
            Self::StrangeCertificate => "shows a certificate that nobody trusts",
            Self::Resets => "resets connections",
            Self::IsSlow => "is slow, and answers within `THREESCALE_TIMEOUT_MS`",
            Self::IsSilent => "is silent",
            Self::IsTooSlow => "counts, and answers too late",
            Self::Throttles => "throttles: status 429",
            Self::Fails => "fails: status 503",
            Self::AnswersWithAPage => "answers 200 with HTML",
            Self::AnswersWithNothing => "answers 200 with nothing",
            Self::AnswersWithTooMuch => "answers 200 with too much",
            Self::Redirects => "redirects",
            Self::RefusesOurToken => "refuses our service token",
        }
    }

    pub(crate) async fn begin(self, bed: &mut Bed) {
        match self.as_stub() {
            Some(fault) => bed.account.set_fault(fault),
            None if self == Self::Refuses => bed.account.close().await,
            None => bed.front.as_ref().unwrap().show_strange_certificate(),
        }
    }

    pub(crate) fn end(self, bed: &mut Bed) {
        match self.as_stub() {
            Some(_) => bed.account.set_fault(None),
            None if self == Self::Refuses => bed.account.open(),
            None => bed.front.as_ref().unwrap().show_trusted_certificate(),
        }
    }

    /// What the stub does; nothing where it is not asked.
    fn as_stub(self) -> Option<Fault> {
        Some(match self {
            Self::Refuses | Self::StrangeCertificate => return None,
            Self::Resets => Fault::cut(),
            Self::IsSlow => Fault::delay(Duration::from_millis(500)),
            Self::IsSilent => Fault::hang(),
            Self::IsTooSlow => Fault::count_then_hang(),
            Self::Throttles => answer(429, ""),
            Self::Fails => answer(503, PAGE),
            Self::AnswersWithAPage => answer(200, PAGE),
            Self::AnswersWithNothing => answer(200, ""),
            Self::AnswersWithTooMuch => answer(200, &" ".repeat(Reply::MAX_BODY_BYTES + 1)),
            Self::Redirects => Fault::answer(Response::raw(302, "").with_header("location", "/status")),
            Self::RefusesOurToken => {
                answer(403, r#"<error code="service_token_invalid">service token is invalid</error>"#)
            }
        })
    }
}

fn answer(status: u16, body: &str) -> Fault {
    Fault::answer(Response::raw(status, body))
}

const PAGE: &str = "<!DOCTYPE html><html><body>Bad Gateway</body></html>";
