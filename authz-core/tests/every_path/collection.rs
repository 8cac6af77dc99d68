//! The walk through the machine of one message.

use std::collections::BTreeSet;
use std::time::Duration;

use authz_core::cache::CacheKey;
use authz_core::collect::{Ack, Call, Claim, Outcome, Report, Step, Store, Telling, Told, Worker, begin};
use authz_core::credential::{Caller, Credential, Secret, UserKey};
use authz_core::keyring::Keyring;
use authz_core::ledger::{self, Acked, Claimed};
use authz_core::message::Message;
use authz_core::settings::Settings;
use authz_core::threescale::{Failure, Reply, ServiceId, Usage};
use authz_core::time::{Minute, UnixTime};

use super::collection_ends::{self, a_report_is_due, an_ack_is_due};
use super::replies::{self, FAILURES, Said};
use super::{ASKED, settings, show_no_secret};

/// What was answered on the way. Each question has one place, so none can be asked twice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<'w> {
    pub(crate) claimed: Option<&'w Claimed>,
    pub(crate) cache_failed: bool,
    pub(crate) heard: Option<Heard<'w>>,
    /// When 3scale answered the authorize.
    pub(crate) heard_at: UnixTime,
    pub(crate) stored: bool,
    /// Whether 3scale took the report.
    pub(crate) taken: Option<bool>,
    pub(crate) acked: Option<Noted>,
    pub(crate) now: UnixTime,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Heard<'w> {
    Said(&'w Said),
    Failed(Failure),
}

/// What the ledger said to the acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noted {
    Answered(Acked),
    Unanswered,
}

pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) key: CacheKey,
    pub(crate) worker: Worker,
    caller: Caller,
    claims: Vec<Claimed>,
    replies: Vec<Said>,
    to_a_report: Vec<(Reply, bool)>,
}

#[derive(Default)]
pub(crate) struct Walked {
    pub(crate) paths: usize,
    pub(crate) ends: BTreeSet<&'static str>,
}

/// After such times an answer comes: soon, just in time for what follows, just too late for it, and after the lease.
const DELAYS: [Duration; 4] =
    [Duration::from_millis(200), Duration::from_millis(18_499), Duration::from_millis(18_500), Duration::from_secs(30)];
const LEASE: Duration = Duration::from_secs(20);

pub(crate) fn walk_all() -> Walked {
    let world = World::new();
    let mut walked = Walked::default();
    let elsewhere = Keyring::derive(&Secret::new("another secret"));
    world.walk_message(&world.message("7", &world.settings.keyring), &mut walked);
    world.walk_message(&world.message("8", &world.settings.keyring), &mut walked);
    world.walk_message(&world.message("7", &elsewhere), &mut walked);
    walked
}

/// A walk that meets only some of the ends proves nothing.
pub(crate) fn assert_nothing_was_left_out(walked: &Walked) {
    let expected = [
        "collected",
        "failed: 3scale",
        "failed: busy",
        "failed: cache",
        "failed: foreign service",
        "failed: more to tell",
        "failed: not acknowledged",
        "failed: out of time",
        "failed: sealed elsewhere",
        "lease lost",
        "nothing",
    ];
    assert_eq!(walked.ends, expected.into());
}

impl World {
    fn new() -> Self {
        let settings = settings(&[]);
        let credential = Credential::UserKey(UserKey::parse("CANARY-KEY").expect("it is a key"));
        let caller = Caller { credential, referrer: None };
        let service = ServiceId::parse("7").expect("it is an id");
        Self {
            key: CacheKey::new(&settings.keyring, &service, &caller, &Usage::hits(1)),
            worker: Worker { name: "worker-1".to_owned(), lease: LEASE },
            claims: claims(),
            replies: replies::all(),
            to_a_report: replies::to_a_report(),
            settings,
            caller,
        }
    }

    fn message(&self, service: &str, keyring: &Keyring) -> Message {
        let service = ServiceId::parse(service).expect("it is an id");
        Message::new(keyring, self.key.clone(), service, Usage::hits(1), &self.caller, "request-1".to_owned())
    }

    fn walk_message(&self, message: &Message, walked: &mut Walked) {
        let path = Path {
            claimed: None,
            cache_failed: false,
            heard: None,
            heard_at: ASKED,
            stored: false,
            taken: None,
            acked: None,
            now: ASKED,
        };
        self.walk(begin(&self.settings, message.clone(), self.worker.clone(), ASKED), path, walked);
    }

    fn walk<'w>(&'w self, step: Step<'w>, path: Path<'w>, walked: &mut Walked) {
        show_no_secret(&step);
        match step {
            Step::Claim(question) => self.claim(&question, path, walked),
            Step::Call(question) => self.call(&question, path, walked),
            Step::Store(question) => self.store(&question, path, walked),
            Step::Report(question) => self.report(&question, path, walked),
            Step::Ack(question) => self.ack(&question, path, walked),
            Step::Done(ended) => self.end(&ended.outcome, &path, walked),
        }
    }

    fn claim<'w>(&'w self, question: &Claim<'w>, path: Path<'w>, walked: &mut Walked) {
        let Worker { name, lease } = self.worker.clone();
        assert_eq!((question.key(), question.claim()), (&self.key, ledger::Claim { now: ASKED, owner: name, lease }));
        for claimed in &self.claims {
            let path = Path { claimed: Some(claimed), ..path };
            self.walk(question.clone().claimed(claimed.clone()), path, walked);
        }
        self.walk(question.clone().failed(), Path { cache_failed: true, ..path }, walked);
    }

    fn call<'w>(&'w self, question: &Call<'w>, path: Path<'w>, walked: &mut Walked) {
        assert!(path.heard.is_none() && !path.stored && path.taken.is_none(), "{path:?}");
        assert!(question.call().url("").starts_with("/transactions/authorize.xml?"), "it counts nothing");
        assert_eq!(question.time_limit(), self.settings.threescale_timeout);
        show_no_secret(&question.call());
        for now in DELAYS.map(|delay| path.now.after(delay)) {
            for said in &self.replies {
                let path = Path { heard: Some(Heard::Said(said)), heard_at: now, now, ..path };
                self.walk(question.clone().replied(&said.reply, now), path, walked);
            }
        }
        for failure in FAILURES {
            let path = Path { heard: Some(Heard::Failed(failure)), ..path };
            self.walk(question.clone().failed(failure), path, walked);
        }
    }

    fn store<'w>(&'w self, question: &Store<'w>, path: Path<'w>, walked: &mut Walked) {
        assert!(!path.stored && path.taken.is_none(), "{path:?}");
        assert_eq!(question.key(), &self.key);
        collection_ends::a_store_is_sound(&path, question.store());
        for delay in DELAYS {
            let now = path.now.after(delay);
            self.walk(question.clone().settled(now), Path { stored: true, now, ..path }, walked);
        }
    }

    fn report<'w>(&'w self, question: &Report<'w>, path: Path<'w>, walked: &mut Walked) {
        a_report_is_due(self, &path, question);
        let telling = Telling::alone(question.clone());
        show_no_secret(&telling.call());
        show_no_secret(&question.transactions());
        let now = path.now.after(Duration::from_millis(200));
        for (reply, is_taken) in &self.to_a_report {
            show_no_secret(reply);
            let path = Path { taken: Some(*is_taken), now, ..path };
            let Told { steps, again } = telling.clone().replied(reply, now);
            assert!(again.is_empty(), "a report alone is not told apart");
            for step in steps {
                self.walk(step, path, walked);
            }
        }
        for failure in FAILURES {
            let path = Path { taken: Some(false), ..path };
            for step in telling.clone().failed(failure).steps {
                self.walk(step, path, walked);
            }
        }
    }

    fn ack<'w>(&'w self, question: &Ack<'w>, path: Path<'w>, walked: &mut Walked) {
        assert_eq!(question.key(), &self.key);
        an_ack_is_due(self, &path, &question.ack());
        for acked in [Acked::NotTheOwner, Acked::Untold(0), Acked::Untold(2)] {
            self.walk(question.clone().acked(acked), Path { acked: Some(Noted::Answered(acked)), ..path }, walked);
        }
        self.walk(question.clone().failed(), Path { acked: Some(Noted::Unanswered), ..path }, walked);
    }

    fn end(&self, outcome: &Outcome, path: &Path<'_>, walked: &mut Walked) {
        collection_ends::check(self, path, outcome);
        walked.paths += 1;
        walked.ends.insert(collection_ends::name(outcome));
    }
}

/// Every kind of answer to a claim; some of the uses too old to be told, or all.
fn claims() -> Vec<Claimed> {
    let now = ASKED.minute().number();
    let oldest = ASKED.before(Duration::from_secs(86_400 - 600)).minute().number();
    let uses = |minutes: &[(u64, u64)]| Claimed::Uses {
        told: 3,
        minutes: minutes.iter().map(|(minute, uses)| (Minute::from_number(*minute), *uses)).collect(),
    };
    vec![
        Claimed::Busy { until: ASKED.after(LEASE) },
        Claimed::Nothing,
        uses(&[(now, 1)]),
        uses(&[(now - 2, 5), (now, 2)]),
        uses(&[(oldest - 1, 9), (oldest, 7), (oldest + 1, 5), (now, 2)]),
        uses(&[(oldest - 9, 9), (oldest - 1, 7)]),
        uses(&(now - 1099..=now).map(|minute| (minute, 1)).collect::<Vec<_>>()),
    ]
}
