//! The comparison in the end: what was allowed, what the ledgers hold, and what 3scale has counted.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::books::Page;
use crate::world::{DELETED, World};

/// What is known about all keys.
pub(crate) struct Reckoning {
    keys: Vec<Key>,
    faults: BTreeMap<String, u64>,
    voided: usize,
}

/// What is known about one key.
struct Key {
    name: String,
    page: Page,
    counted: u64,
    ledger: BTreeMap<String, String>,
}

pub(crate) async fn of(world: &World) -> Reckoning {
    let (counted, mut ledgers) = (world.counted(), world.ledgers().await);
    let books = world.books();
    let keys = books.pages().iter().map(|(name, page)| Key {
        name: name.clone(),
        page: page.clone(),
        counted: counted.get(name).copied().unwrap_or_default(),
        ledger: ledgers.remove(name).unwrap_or_default(),
    });
    Reckoning { keys: keys.collect(), faults: books.faults(), voided: world.voided() }
}

impl Reckoning {
    pub(crate) fn assert_sound(&self) {
        self.print();
        for key in &self.keys {
            key.assert_sound();
        }
        assert_eq!(self.voided, 0, "batches that 3scale took and did not count");
        let times = |fault: &str| self.faults.get(fault).copied().unwrap_or_default();
        let missing: Vec<_> = MUST_HAPPEN.iter().filter(|fault| times(fault) == 0).collect();
        assert!(missing.is_empty(), "these never happened, so nothing is known about them: {missing:?}");
        for (what, uses) in &self.exceptions()[..CERTAIN] {
            assert!(*uses.start() > 0, "{what}: never happened, so nothing is known about it");
        }
    }

    fn print(&self) {
        println!("{:>6}  fault", "times");
        self.faults.iter().for_each(|(fault, times)| println!("{times:>6}  {fault}"));
        println!("{:>13}  exception", "uses");
        for (what, uses) in self.exceptions() {
            println!("{:>6}..={:<5} {what}", uses.start(), uses.end());
        }
        let sum = |of: fn(&Key) -> u64| self.keys.iter().map(of).sum::<u64>();
        println!("{} allowed, {} counted, {} dropped", sum(Key::allowed), sum(|k| k.counted), sum(|k| k.page.dropped));
        let exact = self.keys.iter().filter(|key| key.told_twice().start() == key.told_twice().end()).count();
        println!("{exact} of {} keys are reckoned exactly", self.keys.len());
    }

    fn exceptions(&self) -> Vec<(&'static str, RangeInclusive<u64>)> {
        let all: Vec<_> = self.keys.iter().map(Key::exceptions).collect();
        let sum = |index: usize| {
            let (least, most) = all
                .iter()
                .fold((0, 0), |(least, most), each| (least + each[index].1.start(), most + each[index].1.end()));
            least..=most
        };
        all[0].iter().enumerate().map(|(index, (what, _))| (*what, sum(index))).collect()
    }
}

impl Key {
    fn assert_sound(&self) {
        let Self { name, page, counted, ledger } = self;
        assert_eq!(page.lost, 0, "{name}: 3scale and Redis never fail together");
        assert_eq!(
            page.dropped > 0,
            name == DELETED,
            "{name}: uses are dropped where 3scale has forgotten whose they are"
        );
        assert_eq!(ledger["uses"], ledger["told"], "{name}: {ledger:?}");
        assert!(!ledger.keys().any(|field| field.starts_with("m:")), "{name}: {ledger:?}");
        let (allowed, known) = (self.allowed(), counted + page.dropped);
        assert!(known >= allowed, "{name}: {allowed} allowed, {known} known: {page:?}");
        let (told_twice, surplus) = (self.told_twice(), known - allowed);
        assert!(told_twice.contains(&surplus), "{name}: {surplus} too many, not {told_twice:?}: {page:?} {ledger:?}");
        let struck = page.unanswered_authreps + page.unheard_authreps;
        assert!(struck <= page.without_answer, "{name}: authreps are sent once: {page:?}");
        assert!(self.looks_beyond() <= page.doubtful_looks, "{name}: {page:?} {ledger:?}");
    }

    fn allowed(&self) -> u64 {
        let Page { hits, asked, asked_past_cache, recorded, lost, .. } = &self.page;
        hits + asked + asked_past_cache + recorded + lost
    }

    /// How much more 3scale may have counted than was allowed, at the least and at the most.
    fn told_twice(&self) -> RangeInclusive<u64> {
        let exceptions = self.exceptions();
        let least = exceptions.iter().map(|(_, uses)| uses.start()).sum();
        least..=exceptions.iter().map(|(_, uses)| uses.end()).sum()
    }

    fn exceptions(&self) -> [(&'static str, RangeInclusive<u64>); 5] {
        let page = &self.page;
        let struck = page.unanswered_authreps + page.unheard_authreps;
        let slow_authreps = page.without_answer.saturating_sub(struck);
        let looks = self.looks_beyond();
        [
            ("look-ups without a reply", looks..=looks + page.doubtful_stores),
            ("authreps without an answer", from(page.unanswered_authreps, slow_authreps)),
            ("reports without an answer", from(page.unanswered_reports, 0)),
            ("workers that died after 3scale took their report", from(page.told_by_the_dead, 0)),
            ("reports that may not be acknowledged", from(0, page.doubtful_reports)),
        ]
    }

    /// How many uses the ledger counts that nobody was allowed.
    fn looks_beyond(&self) -> u64 {
        let Page { hits, asked, recorded, .. } = &self.page;
        let uses: u64 = self.ledger["uses"].parse().expect("a number");
        uses.saturating_sub(hits + asked + recorded)
    }
}

/// So many of the exceptions are caused on purpose. Whether an acknowledgement is under way when Redis is killed is
/// chance.
const CERTAIN: usize = 4;

fn from(least: u64, doubtful: u64) -> RangeInclusive<u64> {
    least..=least + doubtful
}

const MUST_HAPPEN: [&str; 35] = [
    "Authrep 503",
    "Authrep 429",
    "Authrep cut off",
    "Authrep hung",
    "Authorize 503",
    "Authorize 429",
    "Authorize cut off",
    "Authorize hung",
    "Report 503",
    "Report 429",
    "Report cut off",
    "Report hung",
    "Authrep counted, then cut off",
    "Authrep counted, then hung",
    "Report counted, then cut off",
    "Report counted, then hung",
    "Redis gave no reply to: look up",
    "Redis restarted",
    "SNS published a message twice",
    "a key was forgotten",
    "a lease kept a worker away",
    "a message came after SNS had refused it",
    "a message came again",
    "a message had to come again",
    "a publish failed",
    "a stale grant stood in",
    "a worker died after its claim",
    "a worker died after the authorize",
    "a worker died after the store",
    "a worker died after the report",
    "a worker died after the acknowledgement",
    "an application was deleted",
    "messages came out of order",
    "the fail mode let a call pass",
    "there was nothing to collect",
];
