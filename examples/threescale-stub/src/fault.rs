use std::time::Duration;

use crate::Response;

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
}

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
    pub(crate) fn strike(&mut self, path: &str) -> Option<Effect> {
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
