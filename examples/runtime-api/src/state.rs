//! One execution environment as its API sees it: where the runtime stands, and what it answered.
//!
//! A plain value. The [API](crate::api) changes it for the process's requests, the
//! [environment](crate::environment) for each new event, and both watch it change.

use crate::outcome::{Answer, FunctionError};
use std::sync::Arc;

/// An event on its way to the runtime.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) request_id: String,
    pub(crate) deadline_ms: u64,
    pub(crate) function_arn: String,
    pub(crate) trace_id: String,
    pub(crate) payload: String,
}

/// What one process said so far.
#[derive(Debug, Default)]
pub(crate) struct State {
    phase: Phase,
    /// To the event last delivered. Outlives [`Phase::Settling`], which may be over before anybody looks.
    answer: Option<Answer>,
}

/// A request that Lambda refuses, in the words of its answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) error_type: &'static str,
    pub(crate) error_message: String,
}

/// Where the runtime stands.
#[derive(Debug, Default)]
enum Phase {
    /// Has not asked for an event yet.
    #[default]
    Init,
    /// Said that it cannot start.
    Failed(FunctionError),
    /// Asked for an event and has nothing left to do.
    Idle,
    /// Has the event, and has not answered it.
    Busy(Arc<Event>),
    /// Answered, and has not asked for another event.
    Settling,
}

impl State {
    /// How the init phase ended, once it has.
    pub(crate) fn init(&self) -> Option<Result<(), FunctionError>> {
        match &self.phase {
            Phase::Init => None,
            Phase::Failed(error) => Some(Err(error.clone())),
            Phase::Idle | Phase::Busy(_) | Phase::Settling => Some(Ok(())),
        }
    }

    /// Whether the runtime asked for its next event: init is over, or the last invocation is.
    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.phase, Phase::Idle)
    }

    /// The event that waits for its answer.
    pub(crate) fn event(&self) -> Option<Arc<Event>> {
        match &self.phase {
            Phase::Busy(event) => Some(Arc::clone(event)),
            Phase::Init | Phase::Failed(_) | Phase::Idle | Phase::Settling => None,
        }
    }

    /// The answer to the event last delivered.
    pub(crate) fn answer(&self) -> Option<Answer> {
        self.answer.clone()
    }

    /// Delivers `event` to a runtime that asked for one.
    pub(crate) fn deliver(&mut self, event: Event) {
        self.phase = Phase::Busy(Arc::new(event));
        self.answer = None;
    }

    /// The runtime cannot start.
    pub(crate) fn runtime_fails(&mut self, error: FunctionError) -> Result<(), Refusal> {
        match self.phase {
            Phase::Init => self.phase = Phase::Failed(error),
            Phase::Failed(_) | Phase::Idle | Phase::Busy(_) | Phase::Settling => {
                return Err(Refusal::invalid_transition("the init phase is over"));
            }
        }
        Ok(())
    }

    /// The runtime asks for its next event; not before it answered the one it has.
    pub(crate) fn runtime_asks(&mut self) -> Result<(), Refusal> {
        match self.phase {
            Phase::Init | Phase::Idle | Phase::Settling => self.phase = Phase::Idle,
            Phase::Failed(_) => return Err(Refusal::invalid_transition("the init phase failed")),
            Phase::Busy(_) => return Err(Refusal::invalid_transition("the last event is not answered")),
        }
        Ok(())
    }

    /// The runtime answers the event it has, once.
    pub(crate) fn runtime_answers(&mut self, request_id: &str, answer: Answer) -> Result<(), Refusal> {
        if self.event().is_none_or(|event| event.request_id != request_id) {
            return Err(Refusal {
                status: 400,
                error_type: "InvalidRequestID",
                error_message: "Invalid request ID".to_owned(),
            });
        }
        self.phase = Phase::Settling;
        self.answer = Some(answer);
        Ok(())
    }
}

impl Refusal {
    pub(crate) fn invalid_transition(why: &str) -> Refusal {
        Refusal { status: 403, error_type: "InvalidStateTransition", error_message: why.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Past init, and busy with the event `r-1`.
    fn busy() -> State {
        let mut state = State::default();
        state.runtime_asks().unwrap();
        state.deliver(Event {
            request_id: "r-1".to_owned(),
            deadline_ms: 0,
            function_arn: String::new(),
            trace_id: String::new(),
            payload: "{}".to_owned(),
        });
        state
    }

    fn error(message: &str) -> FunctionError {
        FunctionError { error_type: String::new(), error_message: message.to_owned() }
    }

    #[test]
    fn init_ends_when_the_runtime_asks() {
        let mut state = State::default();
        assert_eq!(state.init(), None);
        state.runtime_asks().unwrap();
        assert_eq!(state.init(), Some(Ok(())));
        assert!(state.is_idle());
    }

    #[test]
    fn a_runtime_that_cannot_start_says_so_once_and_is_not_asked_again() {
        let mut state = State::default();
        state.runtime_fails(error("first")).unwrap();
        assert_eq!(state.runtime_fails(error("second")).unwrap_err().status, 403);
        assert_eq!(state.runtime_asks().unwrap_err().status, 403);
        assert_eq!(state.init(), Some(Err(error("first"))));
    }

    #[test]
    fn an_init_error_after_init_is_refused() {
        let mut state = busy();
        assert_eq!(state.runtime_fails(error("late")).unwrap_err().error_type, "InvalidStateTransition");
        assert_eq!(state.init(), Some(Ok(())));
    }

    #[test]
    fn an_answer_is_there_before_the_environment_is_idle_and_stays() {
        let mut state = busy();
        let answer: Answer = Ok("{}".to_owned());
        assert_eq!(state.answer(), None);
        state.runtime_answers("r-1", answer.clone()).unwrap();
        assert_eq!((state.answer(), state.is_idle()), (Some(answer.clone()), false));
        state.runtime_asks().unwrap();
        assert_eq!((state.answer(), state.is_idle()), (Some(answer), true));
    }

    #[test]
    fn an_event_is_answered_once_and_by_its_own_id() {
        let mut state = busy();
        assert_eq!(state.runtime_asks().unwrap_err().error_type, "InvalidStateTransition");
        assert_eq!(state.runtime_answers("r-0", Ok(String::new())).unwrap_err().status, 400);
        state.runtime_answers("r-1", Ok(String::new())).unwrap();
        assert_eq!(state.runtime_answers("r-1", Ok(String::new())).unwrap_err().status, 400);
    }
}
