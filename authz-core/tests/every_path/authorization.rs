//! The walk through the machine of one question.

use std::collections::BTreeSet;

use authz_core::authorize::{Admit, Call, LookUp, Record, Step, begin};
use authz_core::cache::CacheKey;
use authz_core::event::{self, Request};
use authz_core::ledger;
use authz_core::settings::Settings;
use authz_core::threescale::{Failure, Method, ServiceId, Usage};
use authz_core::verdict::{CacheState, Reason, Verdict};

use super::memories::{self, Memory, ROUND_TRIP};
use super::replies::{self, FAILURES, Said};
use super::{ASKED, authorization_ends, settings, show_no_secret};

/// What was answered on the way. Each question has one place, so none can be asked twice.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Path<'w> {
    pub(crate) looked_up: Option<LookedUp<'w>>,
    pub(crate) heard: Option<Heard<'w>>,
    pub(crate) admitted: Option<bool>,
    pub(crate) counted: Option<Counted>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum LookedUp<'w> {
    Found { memory: &'w Memory, rang: bool },
    Missed,
    Uncached,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Heard<'w> {
    Said(&'w Said),
    Failed(Failure),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    Yes { rang: bool },
    No,
}

/// What stays the same on all paths of a walk.
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) request: Request,
    /// Why the call is denied before anybody is asked, if it is.
    pub(crate) denied_unasked: Option<Reason>,
    pub(crate) key: CacheKey,
    memories: Vec<Memory>,
    replies: Vec<Said>,
}

#[derive(Default)]
pub(crate) struct Walked {
    pub(crate) paths: usize,
    pub(crate) ends: BTreeSet<String>,
    reasons: BTreeSet<Reason>,
    caches: BTreeSet<CacheState>,
    lost_uses: usize,
}

pub(crate) fn walk_all() -> Walked {
    let too_long = "x".repeat(500);
    let mut walked = Walked::default();
    for fail_mode in ["closed", "open"] {
        for (scope, path, denied_unasked) in [
            ("stage", "greetings", None),
            ("stage", "*", None),
            ("api", "greetings", None),
            ("exact", "greetings", None),
            ("exact", "*", Some(Reason::MethodArnNotLiteral)),
            ("exact", "a?", Some(Reason::MethodArnNotLiteral)),
            ("exact", "${aws:x}", Some(Reason::MethodArnNotLiteral)),
            ("exact", &too_long, Some(Reason::MethodArnTooLong)),
        ] {
            let set = [("FAIL_MODE", fail_mode), ("POLICY_SCOPE", scope)];
            World::new(&set, &token_event(path), denied_unasked).walk_from_the_beginning(&mut walked);
        }
        let simple = [("FAIL_MODE", fail_mode), ("POLICY_SCOPE", "exact")];
        World::new(&simple, HTTP_EVENT, None).walk_from_the_beginning(&mut walked);
        let ruled = [("FAIL_MODE", fail_mode), ("MAPPING_RULES", RULES)];
        World::new(&ruled, &token_event("greetings"), None).walk_from_the_beginning(&mut walked);
        let unruled = World::new(&ruled, &token_event("farewells"), Some(Reason::NoMappingRule));
        unruled.walk_from_the_beginning(&mut walked);
        let mapped = [("FAIL_MODE", fail_mode), ("THREESCALE_SERVICE_ID", ""), ("SERVICES_MAP", MAP)];
        let unmapped = World::new(&mapped, &token_event("greetings"), Some(Reason::GatewayNotMapped));
        unmapped.walk_from_the_beginning(&mut walked);
    }
    walked
}

/// Counts a call to `greetings` as other ways into a world do, so that the key is theirs.
const RULES: &str = r#"[{"http_method":"GET","pattern":"/greetings","metric":"hits","delta":1}]"#;
const MAP: &str = r#"[{"gateway":"abcdef123","stage":"prod","service_id":"7"}]"#;
const HTTP_EVENT: &str = r#"{"version":"2.0","type":"REQUEST","headers":{"apikey":"CANARY-KEY"},
    "routeArn":"arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/*","rawPath":"/dev/*"}"#;

fn token_event(path: &str) -> String {
    let arn = format!("arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/{path}");
    format!(r#"{{"type":"TOKEN","authorizationToken":"CANARY-KEY","methodArn":"{arn}"}}"#)
}

/// A walk that meets only some of the kinds of answers proves nothing.
pub(crate) fn assert_nothing_was_left_out(walked: &Walked) {
    assert_eq!(walked.reasons.iter().collect::<Vec<_>>(), Reason::ALL.iter().collect::<Vec<_>>());
    assert_eq!(walked.caches.iter().collect::<Vec<_>>(), CacheState::ALL.iter().collect::<Vec<_>>());
    assert!(walked.lost_uses > 0, "both the cache and 3scale fail somewhere");
}

impl World {
    fn new(set: &[(&str, &str)], event: &str, denied_unasked: Option<Reason>) -> Self {
        let settings = settings(set);
        let request = event::read(event, &settings.sources, "request-1").expect("it is an event");
        let service = ServiceId::parse("7").expect("it is an id");
        Self {
            key: CacheKey::new(&settings.keyring, &service, &request.caller, &Usage::hits(1)),
            memories: memories::all(),
            replies: replies::all(),
            settings,
            request,
            denied_unasked,
        }
    }

    fn walk_from_the_beginning(&self, walked: &mut Walked) {
        self.walk(begin(&self.settings, &self.request, ASKED), Path::default(), walked);
    }

    fn walk<'w>(&'w self, step: Step<'w>, path: Path<'w>, walked: &mut Walked) {
        show_no_secret(&step);
        match step {
            Step::LookUp(question) => self.look_up(&question, path, walked),
            Step::Call(question) => self.call(&question, path, walked),
            Step::Admit(question) => self.admit(&question, path, walked),
            Step::Record(question) => self.record(&question, path, walked),
            Step::Done(verdict) => self.end(&verdict, &path, walked),
        }
    }

    fn look_up<'w>(&'w self, question: &LookUp<'w>, path: Path<'w>, walked: &mut Walked) {
        assert!(path.looked_up.is_none() && path.heard.is_none() && path.counted.is_none(), "{path:?}");
        assert_eq!(question.key(), &self.key);
        let (rering, keep) = (self.settings.rering(), self.settings.lifetimes.keep());
        assert_eq!(question.take(), ledger::Take { now: ASKED, rering, keep });
        for memory in &self.memories {
            for rang in [false, true] {
                let taken = ledger::Taken { ring: rang, ..memory.taken.clone() };
                let path = Path { looked_up: Some(LookedUp::Found { memory, rang }), ..path };
                self.walk(question.clone().found(&taken), path, walked);
            }
        }
        self.walk(question.clone().missed(), Path { looked_up: Some(LookedUp::Missed), ..path }, walked);
        self.walk(question.clone().uncached(), Path { looked_up: Some(LookedUp::Uncached), ..path }, walked);
    }

    fn call<'w>(&'w self, question: &Call<'w>, path: Path<'w>, walked: &mut Walked) {
        assert!(path.looked_up.is_some() && path.heard.is_none() && path.counted.is_none(), "{path:?}");
        assert_eq!(question.call().method(), Method::Get);
        assert_eq!(question.time_limit(), self.settings.threescale_timeout);
        show_no_secret(&question.call());
        let now = ASKED.after(ROUND_TRIP);
        for said in &self.replies {
            show_no_secret(&said.reply);
            let path = Path { heard: Some(Heard::Said(said)), ..path };
            self.walk(question.clone().replied(&said.reply, now), path, walked);
        }
        for failure in FAILURES {
            let path = Path { heard: Some(Heard::Failed(failure)), ..path };
            self.walk(question.clone().failed(failure, now), path, walked);
        }
    }

    fn admit<'w>(&'w self, question: &Admit<'w>, path: Path<'w>, walked: &mut Walked) {
        assert!(path.heard.is_some() && path.admitted.is_none() && path.counted.is_none(), "{path:?}");
        assert_eq!((question.now(), question.most()), (ASKED.after(ROUND_TRIP), self.settings.fail_open_per_minute));
        self.walk(question.clone().admitted(), Path { admitted: Some(true), ..path }, walked);
        self.walk(question.clone().refused(), Path { admitted: Some(false), ..path }, walked);
    }

    fn record<'w>(&'w self, question: &Record<'w>, path: Path<'w>, walked: &mut Walked) {
        assert!(path.heard.is_some() && path.counted.is_none(), "{path:?}");
        assert_eq!(question.key(), &self.key);
        let now = ASKED.after(ROUND_TRIP);
        assert_eq!(question.record(), ledger::Record { now, rering: self.settings.rering() });
        for rang in [false, true] {
            let path = Path { counted: Some(Counted::Yes { rang }), ..path };
            self.walk(question.clone().recorded(rang), path, walked);
        }
        self.walk(question.clone().failed(), Path { counted: Some(Counted::No), ..path }, walked);
    }

    fn end(&self, verdict: &Verdict, path: &Path<'_>, walked: &mut Walked) {
        authorization_ends::check(self, path, verdict);
        walked.paths += 1;
        walked.ends.insert(format!("{} {} {}", verdict.decision, verdict.reason, verdict.cache));
        walked.reasons.insert(verdict.reason);
        walked.caches.insert(verdict.cache);
        walked.lost_uses += usize::from(verdict.lost_use);
    }
}
