//! The walk through the machine of one question.

use std::collections::BTreeSet;

use authz_core::authorize::{Admit, Call, LookUp, Record, Step, begin};
use authz_core::cache::CacheKey;
use authz_core::credential::{Caller, Credential, UserKey};
use authz_core::event::Request;
use authz_core::ledger;
use authz_core::method_arn::MethodArn;
use authz_core::settings::Settings;
use authz_core::threescale::{Failure, Method, Usage};
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
    pub(crate) method_arn: MethodArn,
    pub(crate) caller: Caller,
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
        for (scope, path) in [
            ("stage", "greetings"),
            ("stage", "*"),
            ("api", "greetings"),
            ("exact", "greetings"),
            ("exact", "*"),
            ("exact", "a?"),
            ("exact", "${aws:x}"),
            ("exact", &too_long),
        ] {
            World::new(fail_mode, scope, path).walk_from_the_beginning(&mut walked);
        }
    }
    walked
}

/// A walk that meets only some of the kinds of answers proves nothing.
pub(crate) fn assert_nothing_was_left_out(walked: &Walked) {
    assert_eq!(walked.reasons.iter().collect::<Vec<_>>(), Reason::ALL.iter().collect::<Vec<_>>());
    assert_eq!(walked.caches.iter().collect::<Vec<_>>(), CacheState::ALL.iter().collect::<Vec<_>>());
    assert!(walked.lost_uses > 0, "both the cache and 3scale fail somewhere");
}

impl World {
    fn new(fail_mode: &str, scope: &str, path: &str) -> Self {
        let settings = settings(&[("FAIL_MODE", fail_mode), ("POLICY_SCOPE", scope)]);
        let method_arn = format!("arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/{path}");
        let credential = Credential::UserKey(UserKey::parse("CANARY-KEY").expect("it is a key"));
        let caller = Caller { credential, referrer: None };
        Self {
            key: CacheKey::new(&settings.keyring, &settings.service.id, &caller, &Usage::hits(1)),
            method_arn: MethodArn::parse(&method_arn).expect("it is an ARN"),
            memories: memories::all(),
            replies: replies::all(),
            settings,
            caller,
        }
    }

    fn walk_from_the_beginning(&self, walked: &mut Walked) {
        let request = Request {
            caller: self.caller.clone(),
            method_arn: self.method_arn.clone(),
            correlation_id: "request-1".to_owned(),
        };
        self.walk(begin(&self.settings, request, ASKED), Path::default(), walked);
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
