//! What callers were told, and the comparison with what 3scale has counted.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::calls::{Call, Kind, Operation, Told};
use crate::running::{AUTHORIZERS, CALLS};
use crate::weather::Outages;
use crate::world::{LIMIT, World};

#[derive(Default)]
pub(crate) struct Books {
    /// What came of the calls that 3scale may let in, by user key and operation.
    pages: BTreeMap<(String, Operation), Page>,
    /// How often each answer was given.
    answers: BTreeMap<String, u64>,
    times: Vec<Duration>,
    /// From the first call to the last answer.
    pub(crate) span: Duration,
}

#[derive(Debug, Default)]
struct Page {
    allowed: u64,
    past_cache: u64,
    doubtful: u64,
    is_limited: bool,
}

impl Books {
    pub(crate) fn write(&mut self, call: Call, told: Told, time: Duration) {
        self.times.push(time);
        if matches!(call.kind, Kind::Sound | Kind::Limited) {
            let page = self.pages.entry((call.user_key, call.operation)).or_default();
            page.allowed += u64::from(told.is_allowed);
            page.past_cache += u64::from(told.is_allowed && told.is_past_cache);
            page.doubtful += u64::from(told.is_doubtful);
            page.is_limited = call.kind == Kind::Limited;
        }
        *self.answers.entry(told.text).or_default() += 1;
    }

    pub(crate) fn print(&self) {
        let mut times = self.times.clone();
        times.sort_unstable();
        let at = |percent: usize| times[(times.len() - 1) * percent / 100];
        let (rate, span) = (u128::from(CALLS) * 1000 / self.span.as_millis(), self.span);
        println!("{CALLS} calls in {span:.1?}: {rate} a second; p50 {:.1?}, p99 {:.1?}", at(50), at(99));
        self.answers.iter().for_each(|(answer, times)| println!("{times:>6}  {answer}"));
    }

    pub(crate) fn assert_sound(&self, world: &World, outages: &Outages) {
        let (mut allowed, mut surplus, mut met) = (0, 0, 0);
        for ((user_key, operation), page) in &self.pages {
            let counted = world.counted(user_key, *operation);
            let told_twice = counted.checked_sub(page.allowed);
            let told_twice = told_twice.unwrap_or_else(|| panic!("{user_key} {operation:?}: {counted} of {page:?}"));
            assert!(told_twice <= page.doubtful, "{user_key} {operation:?}: {counted} of {page:?}");
            if page.is_limited {
                // Past the cache, 3scale knows nothing of what waits there to be told, and the cache nothing of what passed.
                let most = LIMIT + outages.slack(user_key) + page.past_cache + AUTHORIZERS as u64;
                assert!(page.allowed <= most, "{user_key}: {page:?} of {most}");
                met += u64::from(page.allowed >= LIMIT);
            }
            allowed += page.allowed;
            surplus += told_twice;
        }
        println!("{allowed} calls allowed, each told; {surplus} told twice; {met} limits met");
        assert!(met > 0, "a limit that nobody met holds anyhow");
    }
}
