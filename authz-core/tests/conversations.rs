//! Conversations with both machines, as texts: one file in `conversations` for each behaviour.
//!
//! In a line with `>` something comes in: a setting, an event, an answer of 3scale, a message to collect, with the time of
//! day. The lines with `<` are what the machines say to that, and what a real ledger answers them. The test holds the
//! conversations again and compares. With `UPDATE_CONVERSATIONS=1` it writes down what was said instead; read the
//! difference before you keep it.
#![expect(clippy::disallowed_methods, reason = "the conversations are files, and a variable has them written anew")]

#[path = "conversations/words.rs"]
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

use authz_core::cache::CacheKey;
use authz_core::collect::{self, Worker};
use authz_core::event::{self, Request};
use authz_core::ledger::Ledger;
use authz_core::message::Message;
use authz_core::settings::Settings;
use authz_core::threescale::ServiceCall;
use authz_core::time::UnixTime;
use authz_core::verdict::Verdict;
use authz_core::{authorize, policy};

#[test]
fn every_conversation_goes_as_it_is_written_down() {
    let update = env::var("UPDATE_CONVERSATIONS").is_ok_and(|value| value == "1");
    let files = files();
    assert!(files.len() >= 16, "{files:?}");
    for file in files {
        let written = fs::read_to_string(&file).unwrap();
        let held = hold(&written);
        if update {
            fs::write(&file, held).unwrap();
        } else {
            assert_eq!(held, written, "\n{} goes otherwise now:\n{held}", file.display());
        }
    }
}

#[test]
fn another_answer_makes_another_conversation() {
    let written = fs::read_to_string(folder().join("first_call_of_a_key.txt")).unwrap();
    let forged = written.replace("< allow", "< deny");
    assert_ne!(forged, written);
    assert_eq!(hold(&forged), written);
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conversations")
}

fn files() -> Vec<PathBuf> {
    let mut files: Vec<_> =
        fs::read_dir(folder()).expect("the folder is there").map(|file| file.expect("it is a file").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    files
}

/// Holds a conversation again: the same text with what the machines say now.
fn hold(written: &str) -> String {
    let lines: Vec<_> = written.lines().filter(|line| !line.starts_with('<')).collect();
    let set = lines.iter().filter_map(|line| line.strip_prefix("> set ")?.split_once(' '));
    let least = [("THREESCALE_SERVICE_ID", "2555417700000"), ("THREESCALE_SERVICE_TOKEN", "token")];
    let variables = least.into_iter().chain(set).map(|(name, text)| (name.to_owned(), text.to_owned()));
    let mut variables: BTreeMap<_, _> = variables.collect();
    if variables.contains_key("SERVICES_MAP") {
        variables.remove("THREESCALE_SERVICE_ID");
    }
    let settings = Settings::read(&variables).expect("the settings are right");
    let mut stage = Stage::new(&settings);
    for line in lines {
        stage.text.extend([line, "\n"]);
        if let Some(input) = line.strip_prefix("> ") {
            stage.hear(input);
        }
    }
    assert!(stage.pending.is_none(), "no question is left open:\n{}", stage.text);
    stage.text
}

/// A question to 3scale that waits for its answer.
enum Pending<'s> {
    Authrep(Box<(authorize::Call<'s>, &'s Request)>),
    Authorize(Box<collect::Call<'s>>),
    Report(Box<collect::Telling<'s>>),
}

#[derive(PartialEq)]
enum Cache {
    Up,
    Down,
    None,
}

struct Stage<'s> {
    settings: &'s Settings,
    text: String,
    now: UnixTime,
    event: String,
    ledgers: BTreeMap<CacheKey, Ledger>,
    cache: Cache,
    allowance: authorize::Allowance,
    published: Option<String>,
    pending: Option<Pending<'s>>,
}

impl<'s> Stage<'s> {
    fn new(settings: &'s Settings) -> Self {
        Self {
            settings,
            text: String::new(),
            now: UnixTime::default(),
            event: String::new(),
            ledgers: BTreeMap::new(),
            cache: Cache::Up,
            allowance: authorize::Allowance::default(),
            published: None,
            pending: None,
        }
    }

    fn hear(&mut self, input: &str) {
        let (first, rest) = input.split_once(' ').expect("a line has at least two words");
        match (first, rest) {
            ("set", _) => return,
            ("cache", "is up") => return self.cache = Cache::Up,
            ("cache", "is down") => return self.cache = Cache::Down,
            ("cache", "is none") => return self.cache = Cache::None,
            _ => self.now = words::time_of_day(first),
        }
        match rest.split_once(' ').unwrap_or((rest, "")) {
            ("event", json) => {
                json.clone_into(&mut self.event);
                self.ask();
            }
            ("again", "") => self.ask(),
            ("collect", worker) => self.collect_for(worker),
            ("3scale", answer) => self.answer(answer),
            _ => panic!("`{input}` is no input"),
        }
    }

    fn ask(&mut self) {
        match event::read(&self.event, &self.settings.sources, "request-1") {
            Ok(request) => {
                // A question that waits for 3scale looks into it, from one line of the conversation to a later one.
                let request: &'s Request = Box::leak(Box::new(request));
                self.authorize(authorize::begin(self.settings, request, self.now), request);
            }
            Err(error) => self.say(&format!("error: {error}")),
        }
    }

    fn authorize(&mut self, mut step: authorize::Step<'s>, request: &'s Request) {
        loop {
            step = match step {
                authorize::Step::LookUp(question) if self.cache == Cache::None => question.uncached(),
                authorize::Step::LookUp(question) => match self.ledger(question.key()) {
                    Some(ledger) => {
                        let taken = ledger.take(question.take());
                        self.say(&format!("look up {}: {}", question.key(), words::taken(&taken, self.now)));
                        question.found(&taken)
                    }
                    None => question.missed(),
                },
                authorize::Step::Call(question) => {
                    self.say_call(&question.call(), question.time_limit());
                    return self.pending = Some(Pending::Authrep(Box::new((question, request))));
                }
                authorize::Step::Admit(question) => {
                    let admits = self.allowance.admit(question.now(), question.most());
                    self.say(if admits { "admit an unknown caller: yes" } else { "admit an unknown caller: no" });
                    if admits { question.admitted() } else { question.refused() }
                }
                authorize::Step::Record(question) => match self.ledger(question.key()) {
                    Some(ledger) => {
                        let ring = ledger.record(question.record());
                        self.say(&format!("record a use: done{}", if ring { ", rings" } else { "" }));
                        question.recorded(ring)
                    }
                    None => question.failed(),
                },
                authorize::Step::Done(verdict) => return self.end(&verdict, request),
            }
        }
    }

    fn end(&mut self, verdict: &Verdict, request: &Request) {
        self.say(&words::verdict(verdict));
        if let Some((key, store)) = &verdict.orders.store {
            let fresh = words::clock(store.fresh);
            self.say(&format!("order: store until {fresh}, {:?}, own {}: {}", store.room, store.own, store.entry));
            self.ledger(key).expect("the cache is there").store(store.clone());
        }
        if let Some(message) = &verdict.orders.publish {
            self.say(&format!("order: publish {}", message.encode()));
            self.published = Some(message.encode());
        }
        self.say(&words::answer(&policy::render(self.settings, request, verdict)));
    }

    fn collect_for(&mut self, worker: &str) {
        let message = Message::decode(self.published.as_deref().expect("a message was published"));
        let worker = Worker { name: worker.to_owned(), lease: Duration::from_secs(35) };
        self.collect(collect::begin(self.settings, message.expect("it is a message"), worker, self.now));
    }

    fn collect(&mut self, mut step: collect::Step<'s>) {
        let now = self.now;
        loop {
            step = match step {
                collect::Step::Claim(question) => match self.ledger(question.key()) {
                    Some(ledger) => {
                        let claimed = ledger.claim(question.claim());
                        self.say(&format!("claim {}: {}", question.key(), words::claimed(&claimed)));
                        question.claimed(claimed)
                    }
                    None => question.failed(),
                },
                collect::Step::Call(question) => {
                    self.say_call(&question.call(), question.time_limit());
                    return self.pending = Some(Pending::Authorize(Box::new(question)));
                }
                collect::Step::Store(question) => {
                    let store = question.store().clone();
                    self.say(&format!("store until {}, {:?}: {}", words::clock(store.fresh), store.room, store.entry));
                    self.ledger(question.key()).into_iter().for_each(|ledger| ledger.store(store.clone()));
                    question.settled(now)
                }
                collect::Step::Report(question) => {
                    let telling = collect::Telling::alone(question);
                    self.say_call(&telling.call(), telling.time_limit());
                    return self.pending = Some(Pending::Report(Box::new(telling)));
                }
                collect::Step::Ack(question) => match self.ledger(question.key()) {
                    Some(ledger) => {
                        let acked = ledger.ack(&question.ack());
                        self.say(&format!("acknowledge {}: {acked:?}", words::uses(&question.ack().minutes)));
                        question.acked(acked)
                    }
                    None => question.failed(),
                },
                collect::Step::Done(ended) => return self.say(&words::outcome(&ended.outcome)),
            }
        }
    }

    fn answer(&mut self, words: &str) {
        let now = self.now;
        let answer = words::reply(words);
        match (self.pending.take().expect("3scale was asked"), answer) {
            (Pending::Authrep(asked), Ok(reply)) => self.authorize(asked.0.replied(&reply, now), asked.1),
            (Pending::Authrep(asked), Err(failure)) => self.authorize(asked.0.failed(failure, now), asked.1),
            (Pending::Authorize(call), Ok(reply)) => self.collect(call.replied(&reply, now)),
            (Pending::Authorize(call), Err(failure)) => self.collect(call.failed(failure)),
            (Pending::Report(telling), Ok(reply)) => self.go_on(telling.replied(&reply, now)),
            (Pending::Report(telling), Err(failure)) => self.go_on(telling.failed(failure)),
        }
    }

    fn go_on(&mut self, told: collect::Told<'s>) {
        assert!(told.again.is_empty(), "a report alone is not told apart");
        for step in told.steps {
            self.collect(step);
        }
    }

    fn ledger(&mut self, key: &CacheKey) -> Option<&mut Ledger> {
        match self.cache {
            Cache::Up => return Some(self.ledgers.entry(key.clone()).or_default()),
            Cache::Down => self.say(&format!("the cache does not answer about {key}")),
            Cache::None => self.say("there is no cache"),
        }
        None
    }

    fn say_call(&mut self, call: &ServiceCall, time_limit: Duration) {
        self.say(&format!("ask 3scale, for {} ms: {}", time_limit.as_millis(), words::call(call)));
    }

    fn say(&mut self, words: &str) {
        self.text.extend(["< ", words, "\n"]);
    }
}
