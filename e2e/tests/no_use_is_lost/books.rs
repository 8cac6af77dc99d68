//! What happened to each key, written down by those who saw it: callers, 3scale, workers, and the log.

use std::collections::{BTreeMap, BTreeSet};

use authz_core::cache::CacheKey;
use authz_core::collect::{Outcome, Trouble};
use authz_core::delivery::Batch;
use authz_core::threescale::Fault;
use authz_core::verdict::{CacheState, Decision, Verdict};
use e2e::log_line;
use serde_json::Value;
use threescale_stub::Endpoint;

use crate::faults::{Death, Sns, Strike, Weather};

pub(crate) struct Books {
    pub(crate) weather: Weather,
    pages: BTreeMap<String, Page>,
    /// How often each fault struck.
    happened: BTreeMap<String, u64>,
    user_keys: BTreeMap<CacheKey, String>,
    /// The calls whose messages SNS refused.
    refused: BTreeSet<String>,
    /// The messages that each call led to.
    delivered: BTreeMap<String, BTreeSet<String>>,
}

/// What happened to one key. What is doubtful may have counted once more than it was allowed, or not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    /// Allowed from the cache.
    pub(crate) hits: u64,
    /// Allowed by an authrep, which the ledger was told of.
    pub(crate) asked: u64,
    /// Allowed by an authrep without the ledger's knowledge.
    pub(crate) asked_past_cache: u64,
    /// Allowed without 3scale.
    pub(crate) recorded: u64,
    /// Allowed, and nobody could count it.
    pub(crate) lost: u64,
    /// Look-ups that got no reply.
    pub(crate) doubtful_looks: u64,
    /// Authreps that the ledger may not have been told of.
    pub(crate) doubtful_stores: u64,
    /// Calls whose authrep got no answer.
    pub(crate) without_answer: u64,
    /// Authreps that a fault left without an answer: those that counted, and the others.
    pub(crate) unanswered_authreps: u64,
    pub(crate) unheard_authreps: u64,
    /// Uses of reports that counted and were not answered.
    pub(crate) unanswered_reports: u64,
    /// Uses that workers told just before they died.
    pub(crate) told_by_the_dead: u64,
    /// Uses that were told, and the worker does not know it, or not whether the ledger knows it.
    pub(crate) doubtful_reports: u64,
    /// Uses of an application that 3scale has forgotten.
    pub(crate) dropped: u64,
    is_deleted: bool,
    /// Uses that were told and are not yet acknowledged.
    open: u64,
}

impl Books {
    pub(crate) fn new(user_keys: BTreeMap<CacheKey, String>) -> Self {
        let (pages, happened) = (BTreeMap::new(), BTreeMap::new());
        let (refused, delivered) = (BTreeSet::new(), BTreeMap::new());
        Self { weather: Weather::FAIR, pages, happened, user_keys, refused, delivered }
    }

    pub(crate) fn happened(&mut self, what: &str) {
        *self.happened.entry(what.to_owned()).or_default() += 1;
    }

    /// The key's application is no more.
    pub(crate) fn deleted(&mut self, key: &str) {
        self.page(key).is_deleted = true;
        self.happened("an application was deleted");
    }

    /// A caller got its answer.
    pub(crate) fn call(&mut self, key: &str, verdict: &Verdict) {
        let page = self.page(key);
        page.without_answer += u64::from(matches!(verdict.fault, Some(Fault::Failure(_))));
        match (verdict.decision, verdict.fault, verdict.cache) {
            (Decision::Deny, ..) => {}
            (Decision::Allow, Some(_), _) if verdict.lost_use => page.lost += 1,
            (Decision::Allow, Some(_), CacheState::Stale) => {
                page.recorded += 1;
                self.happened("a stale grant stood in");
            }
            (Decision::Allow, Some(_), _) => {
                page.recorded += 1;
                self.happened("the fail mode let a call pass");
            }
            (Decision::Allow, None, CacheState::Hit) => page.hits += 1,
            (Decision::Allow, None, CacheState::Miss) => page.asked += 1,
            (Decision::Allow, None, _) => page.asked_past_cache += 1,
        }
    }

    /// 3scale got a request.
    pub(crate) fn request(&mut self, endpoint: Endpoint, uses: &[(String, u64)], strike: Option<Strike>) {
        if let Some(strike) = strike {
            self.happened(&format!("{endpoint:?} {}", strike.name()));
        }
        for (key, uses) in uses {
            let page = self.page(key);
            match (endpoint, strike) {
                (Endpoint::Report, None) => page.open += uses,
                (Endpoint::Report, Some(Strike::CountedThenCut | Strike::CountedThenHung)) => {
                    page.unanswered_reports += uses;
                }
                (Endpoint::Authrep, Some(Strike::CountedThenCut | Strike::CountedThenHung)) if !page.is_deleted => {
                    page.unanswered_authreps += uses;
                }
                (Endpoint::Authrep, Some(strike)) if !matches!(strike, Strike::Unavailable | Strike::TooMany) => {
                    page.unheard_authreps += uses;
                }
                _ => {}
            }
        }
    }

    /// A worker's collection ended.
    pub(crate) fn ended(&mut self, key: &CacheKey, outcome: &Outcome) {
        match outcome {
            Outcome::Nothing | Outcome::Failed(Trouble::Busy { .. }) => {}
            Outcome::Collected { told, dropped, .. } => self.settled(key, *told, *dropped),
            Outcome::LeaseLost { .. } | Outcome::Failed(_) => self.failed(key),
        }
    }

    /// A worker died, and had told so many uses. Another worker may say of earlier ones only later that they are settled.
    pub(crate) fn died(&mut self, key: &CacheKey, death: Death, told: u64) {
        self.happened(death.name());
        if death == Death::Told {
            let page = self.page_of(key);
            page.told_by_the_dead += told;
            page.open -= told.min(page.open);
        }
    }

    /// SQS handed messages out.
    pub(crate) fn delivery(&mut self, batch: &Batch) {
        for item in &batch.items {
            if let Ok(message) = &item.message {
                self.delivered.entry(message.correlation_id.clone()).or_default().insert(item.id.clone());
            }
        }
    }

    /// An authorizer or its courier said something.
    pub(crate) fn authorizer_says(&mut self, line: &str) {
        // Of an answer the caller knows more.
        if line.contains(r#""message":"authorization""#) {
            return;
        }
        let line = log_line(line);
        let request_id = line["correlation_id"].as_str().unwrap();
        let Some((key, _)) = request_id.split_once('/') else { panic!("no key in {request_id}") };
        match (line["message"].as_str().unwrap(), line["operation"].as_str()) {
            ("publish failed", _) => {
                self.happened("a publish failed");
                if self.weather.sns == Sns::Refuses {
                    self.refused.insert(request_id.to_owned());
                }
            }
            ("cache failed", Some(operation)) if may_be_done(&line) => {
                self.happened(&format!("Redis gave no reply to: {operation}"));
                match operation {
                    "look up" => self.page(key).doubtful_looks += 1,
                    "store" => self.page(key).doubtful_stores += 1,
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// A collector said something.
    pub(crate) fn collector_says(&mut self, line: &str) {
        let line = log_line(line);
        if line["message"] != "collection" {
            return;
        }
        let key = CacheKey::parse(line["key"].as_str().unwrap()).unwrap();
        match line["outcome"].as_str().unwrap() {
            "nothing" => self.happened("there was nothing to collect"),
            "busy" => self.happened("a lease kept a worker away"),
            "collected" => self.settled(&key, line["told"].as_u64().unwrap(), line["dropped"].as_u64().unwrap()),
            _ => self.failed(&key),
        }
    }

    /// Everything that was written down about the keys.
    pub(crate) fn pages(&self) -> &BTreeMap<String, Page> {
        &self.pages
    }

    /// How often each fault struck.
    pub(crate) fn faults(&self) -> BTreeMap<String, u64> {
        let later = self.refused.iter().filter(|call| self.delivered.contains_key(*call)).count();
        let twice = self.delivered.values().filter(|messages| messages.len() > 1).count();
        let mut faults = self.happened.clone();
        faults.insert("a message came after SNS had refused it".to_owned(), later as u64);
        faults.insert("SNS published a message twice".to_owned(), twice as u64);
        faults
    }

    fn settled(&mut self, key: &CacheKey, told: u64, dropped: u64) {
        let page = self.page_of(key);
        page.dropped += dropped;
        page.open -= told.min(page.open);
    }

    fn failed(&mut self, key: &CacheKey) {
        let page = self.page_of(key);
        page.doubtful_reports += std::mem::take(&mut page.open);
    }

    fn page_of(&mut self, key: &CacheKey) -> &mut Page {
        let key = self.user_keys[key].clone();
        self.page(&key)
    }

    fn page(&mut self, key: &str) -> &mut Page {
        self.pages.entry(key.to_owned()).or_default()
    }
}

/// Whether Redis may have done what it gave no reply to. A server that is left alone, or that refuses, has not.
fn may_be_done(line: &Value) -> bool {
    matches!(line["error"].as_str(), Some("not connected" | "timed out"))
}
