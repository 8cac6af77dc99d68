use std::fmt;
use std::time::Duration;

use crate::{Request, Response};

/// How a [`Server`](crate::Server) misbehaves: at every request, unless restricted by [`Fault::every`] or
/// [`Fault::on_path`].
#[derive(Clone, Debug)]
pub struct Fault {
    pub(crate) effect: Effect,
    path: Option<String>,
    every: u64,
    seen: u64,
}

#[derive(Clone, Debug)]
pub(crate) enum Effect {
    Answer(Response),
    Hang,
    Delay(Duration),
    Cut,
    CountThenHang,
    CountThenCut,
}

/// Decides what happens to each request.
pub(crate) struct Faults(Box<Choose>);

type Choose = dyn FnMut(&Request) -> Option<Effect> + Send;

impl Fault {
    /// Gives this answer; the backend is not asked.
    pub fn answer(response: Response) -> Self {
        Fault::new(Effect::Answer(response))
    }

    /// Never answers; the backend is not asked.
    pub fn hang() -> Self {
        Fault::new(Effect::Hang)
    }

    /// Answers late; the backend is asked when the delay is over.
    pub fn delay(by: Duration) -> Self {
        Fault::new(Effect::Delay(by))
    }

    /// Reads the request and closes the connection without a byte; the backend is not asked.
    pub fn cut() -> Self {
        Fault::new(Effect::Cut)
    }

    /// Asks the backend, so the request is counted, and never answers.
    pub fn count_then_hang() -> Self {
        Fault::new(Effect::CountThenHang)
    }

    /// Asks the backend, so the request is counted, and closes the connection without a byte.
    pub fn count_then_cut() -> Self {
        Fault::new(Effect::CountThenCut)
    }

    /// Restricts the fault to every `nth` of the requests it applies to; 0 counts as 1.
    #[must_use]
    pub fn every(mut self, nth: u64) -> Self {
        self.every = nth.max(1);
        self
    }

    /// Restricts the fault to requests of exactly this path.
    #[must_use]
    pub fn on_path(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// Returns what happens to the next request, and counts it.
    fn strike(&mut self, path: &str) -> Option<Effect> {
        if self.path.as_deref().is_some_and(|wanted| wanted != path) {
            return None;
        }
        self.seen += 1;
        self.seen.is_multiple_of(self.every).then(|| self.effect.clone())
    }

    fn new(effect: Effect) -> Self {
        Fault { effect, path: None, every: 1, seen: 0 }
    }
}

impl Faults {
    /// The same fault, where it applies; without one all is well.
    pub(crate) fn always(mut fault: Option<Fault>) -> Self {
        Faults(Box::new(move |request| fault.as_mut()?.strike(&request.path)))
    }

    /// A fault for each request, where it applies.
    pub(crate) fn chosen(mut choose: impl FnMut(&Request) -> Option<Fault> + Send + 'static) -> Self {
        Faults(Box::new(move |request| choose(request)?.strike(&request.path)))
    }

    pub(crate) fn strike(&mut self, request: &Request) -> Option<Effect> {
        (self.0)(request)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faults(..)")
    }
}
