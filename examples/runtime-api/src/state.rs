//! One execution environment as its APIs see it: who asked for what, and what was answered.
//!
//! A plain value. The [API](crate::api) changes it for the process's requests, the
//! [environment](crate::environment) for each new event, and both watch it change.

use crate::outcome::{Answer, FunctionError};
use std::sync::Arc;

/// An event on its way to the runtime and the extensions.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) request_id: String,
    pub(crate) deadline_ms: u64,
    pub(crate) function_arn: String,
    pub(crate) trace_id: String,
    pub(crate) payload: String,
}

/// Everything one process said so far.
#[derive(Debug, Default)]
pub(crate) struct State {
    runtime: Member,
    extensions: Vec<Extension>,
    answer: Option<Answer>,
    failure: Option<FunctionError>,
}

/// A request that Lambda refuses, in the words of its answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) error_type: &'static str,
    pub(crate) error_message: String,
}

#[derive(Debug)]
struct Extension {
    name: String,
    /// Without it the extension asks for an event once, to end the init phase, and never gets one.
    wants_invoke: bool,
    member: Member,
}

/// Where the runtime or an extension stands.
#[derive(Debug, Default)]
enum Member {
    /// Has not asked for an event yet.
    #[default]
    Starting,
    /// Asked for an event and has nothing left to do.
    Waiting,
    /// Has the event, and has not asked for another.
    Working(Arc<Event>),
}

impl State {
    /// Whether all have asked for their next event: init is over, or the last invocation is.
    pub(crate) fn is_idle(&self) -> bool {
        let mut members = self.extensions.iter().map(|extension| &extension.member);
        self.runtime.is_waiting() && members.all(Member::is_waiting)
    }

    /// Whether the event was answered.
    pub(crate) fn is_answered(&self) -> bool {
        self.answer.is_some()
    }

    pub(crate) fn answer(&self) -> Option<&Answer> {
        self.answer.as_ref()
    }

    /// Why the environment is lost, if the process said so itself.
    pub(crate) fn failure(&self) -> Option<&FunctionError> {
        self.failure.as_ref()
    }

    /// Whether a shutdown is announced with SIGTERM: only where an extension is registered.
    pub(crate) fn has_extensions(&self) -> bool {
        !self.extensions.is_empty()
    }

    /// Delivers `event` to the runtime and to every extension that wants it, at once.
    pub(crate) fn deliver(&mut self, event: &Arc<Event>) {
        self.answer = None;
        self.runtime = Member::Working(Arc::clone(event));
        for extension in self.extensions.iter_mut().filter(|extension| extension.wants_invoke) {
            extension.member = Member::Working(Arc::clone(event));
        }
    }

    /// The runtime asks for its next event; not before it answered the one it has.
    pub(crate) fn runtime_asks(&mut self) -> Result<(), Refusal> {
        if matches!(self.runtime, Member::Working(_)) && self.answer.is_none() {
            return Err(Refusal::forbidden("InvalidStateTransition", "the last event is not answered"));
        }
        self.runtime = Member::Waiting;
        Ok(())
    }

    pub(crate) fn event_of_runtime(&self) -> Option<Arc<Event>> {
        self.runtime.event()
    }

    /// The runtime answers the event it has, once.
    pub(crate) fn runtime_answers(&mut self, request_id: &str, answer: Answer) -> Result<(), Refusal> {
        match &self.runtime {
            Member::Working(event) if event.request_id == request_id && self.answer.is_none() => {
                self.answer = Some(answer);
                Ok(())
            }
            Member::Starting | Member::Waiting | Member::Working(_) => Err(Refusal {
                status: 400,
                error_type: "InvalidRequestID",
                error_message: "Invalid request ID".to_owned(),
            }),
        }
    }

    /// The runtime or an extension cannot go on; the first to say so is heard.
    pub(crate) fn fail(&mut self, error: FunctionError) {
        self.failure.get_or_insert(error);
    }

    /// Registers an internal extension, before the runtime first asks for an event, and returns its id.
    ///
    /// An internal extension may subscribe to `INVOKE` or to nothing at all; `SHUTDOWN` is for
    /// external ones.
    pub(crate) fn register<'a>(
        &mut self,
        name: &str,
        mut events: impl Iterator<Item = &'a str>,
    ) -> Result<String, Refusal> {
        if !matches!(self.runtime, Member::Starting) {
            return Err(Refusal::forbidden("Extension.RegistrationClosed", "the init phase is over"));
        }
        if self.extensions.iter().any(|extension| extension.name == name) {
            return Err(Refusal::forbidden("Extension.InvalidExtensionState", "the name is taken"));
        }
        if self.extensions.len() == MAX_EXTENSIONS {
            return Err(Refusal::forbidden("Extension.TooManyExtensions", "ten are registered"));
        }
        let wants_invoke = events.try_fold(false, |_, event| match event {
            "INVOKE" => Ok(true),
            other => Err(Refusal::forbidden(
                "Extension.InvalidEventType",
                &format!("`{other}` is not an event for an internal extension"),
            )),
        })?;
        self.extensions.push(Extension { name: name.to_owned(), wants_invoke, member: Member::Starting });
        Ok(extension_id(self.extensions.len() - 1))
    }

    /// An extension asks for its next event.
    pub(crate) fn extension_asks(&mut self, id: &str) -> Result<(), Refusal> {
        self.extension(id)?.member = Member::Waiting;
        Ok(())
    }

    pub(crate) fn event_of_extension(&self, id: &str) -> Option<Arc<Event>> {
        let mut known = self.extensions.iter().enumerate();
        known.find(|(place, _)| extension_id(*place) == id)?.1.member.event()
    }

    /// An extension cannot go on.
    pub(crate) fn extension_fails(&mut self, id: &str, error: FunctionError) -> Result<(), Refusal> {
        self.extension(id)?;
        self.fail(error);
        Ok(())
    }

    fn extension(&mut self, id: &str) -> Result<&mut Extension, Refusal> {
        let mut known = self.extensions.iter_mut().enumerate();
        let found = known.find(|(place, _)| extension_id(*place) == id);
        found.map(|(_, extension)| extension).ok_or_else(|| {
            Refusal::forbidden("Extension.UnknownExtensionIdentifier", "no such extension is registered")
        })
    }
}

impl Member {
    fn is_waiting(&self) -> bool {
        matches!(self, Member::Waiting)
    }

    fn event(&self) -> Option<Arc<Event>> {
        match self {
            Member::Working(event) => Some(Arc::clone(event)),
            Member::Starting | Member::Waiting => None,
        }
    }
}

impl Refusal {
    pub(crate) fn forbidden(error_type: &'static str, message: &str) -> Refusal {
        Refusal { status: 403, error_type, error_message: message.to_owned() }
    }
}

/// Ids look as AWS's do, and are the same in every run.
fn extension_id(place: usize) -> String {
    format!("eeeeeeee-0000-4000-8000-{place:012x}")
}

const MAX_EXTENSIONS: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn event(request_id: &str) -> Arc<Event> {
        Arc::new(Event {
            request_id: request_id.to_owned(),
            deadline_ms: 0,
            function_arn: String::new(),
            trace_id: String::new(),
            payload: "{}".to_owned(),
        })
    }

    /// Past init, with one extension that wants events.
    fn idle() -> (State, String) {
        let mut state = State::default();
        let id = state.register("worker", ["INVOKE"].into_iter()).unwrap();
        state.extension_asks(&id).unwrap();
        state.runtime_asks().unwrap();
        (state, id)
    }

    #[test]
    fn init_ends_when_the_runtime_and_every_extension_asked() {
        let mut state = State::default();
        let id = state.register("idler", std::iter::empty()).unwrap();
        state.runtime_asks().unwrap();
        assert!(!state.is_idle());
        state.extension_asks(&id).unwrap();
        assert!(state.is_idle());
    }

    #[test]
    fn an_event_reaches_the_runtime_and_the_extension_at_once() {
        let (mut state, id) = idle();
        state.deliver(&event("r-1"));
        assert_eq!(state.event_of_runtime(), state.event_of_extension(&id));
        assert!(state.event_of_runtime().is_some());
    }

    #[test]
    fn an_answer_is_there_before_the_environment_is_idle() {
        let (mut state, id) = idle();
        state.deliver(&event("r-1"));
        state.runtime_answers("r-1", Ok("{}".to_owned())).unwrap();
        assert!(state.is_answered());
        state.runtime_asks().unwrap();
        assert!(!state.is_idle());
        state.extension_asks(&id).unwrap();
        assert!(state.is_idle());
    }

    #[test]
    fn an_extension_without_events_gets_none_and_holds_nothing_up() {
        let mut state = State::default();
        let id = state.register("idler", std::iter::empty()).unwrap();
        state.extension_asks(&id).unwrap();
        state.runtime_asks().unwrap();
        state.deliver(&event("r-1"));
        assert_eq!(state.event_of_extension(&id), None);
        state.runtime_answers("r-1", Ok("{}".to_owned())).unwrap();
        state.runtime_asks().unwrap();
        assert!(state.is_idle());
    }

    #[test]
    fn an_event_is_answered_once_and_by_its_own_id() {
        let (mut state, _) = idle();
        state.deliver(&event("r-1"));
        assert_eq!(state.runtime_asks().unwrap_err().error_type, "InvalidStateTransition");
        assert_eq!(state.runtime_answers("r-0", Ok(String::new())).unwrap_err().status, 400);
        state.runtime_answers("r-1", Ok(String::new())).unwrap();
        assert_eq!(state.runtime_answers("r-1", Ok(String::new())).unwrap_err().status, 400);
    }

    #[test]
    fn an_extension_that_fails_is_heard_once_and_only_if_it_is_known() {
        let (mut state, id) = idle();
        let error = |message: &str| FunctionError { error_type: String::new(), error_message: message.to_owned() };
        assert!(state.extension_fails("nobody", error("unknown")).is_err());
        state.extension_fails(&id, error("first")).unwrap();
        state.extension_fails(&id, error("second")).unwrap();
        assert_eq!(state.failure(), Some(&error("first")));
    }

    #[test]
    fn an_internal_extension_may_not_subscribe_to_shutdown() {
        let mut state = State::default();
        let refusal = state.register("worker", ["INVOKE", "SHUTDOWN"].into_iter()).unwrap_err();
        assert_eq!(refusal.error_type, "Extension.InvalidEventType");
        assert!(!state.has_extensions());
    }

    #[test]
    fn nobody_registers_twice_nor_after_init_nor_as_the_eleventh() {
        let mut state = State::default();
        for place in 0..MAX_EXTENSIONS {
            state.register(&format!("worker {place}"), std::iter::empty()).unwrap();
        }
        let mut refused = |name| state.register(name, std::iter::empty()).unwrap_err().error_type;
        assert_eq!(refused("worker 0"), "Extension.InvalidExtensionState");
        assert_eq!(refused("worker 10"), "Extension.TooManyExtensions");
        let (mut state, _) = idle();
        let refusal = state.register("late", std::iter::empty()).unwrap_err();
        assert_eq!(refusal.error_type, "Extension.RegistrationClosed");
    }
}
