//! Reports that are told together: 3scale takes many uses in one call.

use std::collections::BTreeMap;
use std::iter;
use std::time::Duration;

use super::{Outcome, Report, Step, Trouble};
use crate::threescale::{Failure, Fault, Reply, ServiceCall, Transaction};
use crate::time::UnixTime;

/// 3scale takes no more transactions in a call (its documentation), and no more parameters (measured).
const MAX_TRANSACTIONS: usize = 1000;
const MAX_PARAMETERS: usize = 4096;

/// The parameters of a call besides its transactions: what opens the API, and the service.
const FIXED_PARAMETERS: usize = 2;

/// Reports that go into one call. Needs 3scale's answer to [`Telling::call`].
#[derive(Clone, Debug)]
pub struct Telling<'s> {
    first: Report<'s>,
    others: Vec<Report<'s>>,
}

/// What a telling led to.
#[derive(Clone, Debug, Default)]
#[must_use = "reports that are not driven on leave their uses under a lease"]
pub struct Told<'s> {
    /// Where the collections go on.
    pub steps: Vec<Step<'s>>,
    /// What is to be told again, each report alone: 3scale took none of them, and one may be to blame.
    pub again: Vec<Telling<'s>>,
}

impl<'s> Telling<'s> {
    /// Puts reports of each service together, as many as 3scale takes in a call, and each doubtful one alone: 3scale voids
    /// a whole call for one transaction that it can't count.
    pub fn of(reports: impl IntoIterator<Item = Report<'s>>) -> Vec<Self> {
        let (mut full, mut filling) = (Vec::new(), BTreeMap::<_, Self>::new());
        for report in reports {
            let service = &report.case.service.id;
            match filling.get_mut(service) {
                _ if report.is_doubtful() => full.push(Self::alone(report)),
                Some(telling) if telling.has_room_for(&report) => telling.others.push(report),
                Some(_) | None => full.extend(filling.insert(service, Self::alone(report))),
            }
        }
        full.extend(filling.into_values());
        full
    }

    /// Puts a report into a call of its own.
    pub fn alone(report: Report<'s>) -> Self {
        Self { first: report, others: Vec::new() }
    }

    /// Leaves out the reports that waited for others until their lease became too short: told now, another worker could
    /// tell them too. Returns what is left to be told, and the ends of those.
    pub fn in_time(self, now: UnixTime) -> (Option<Self>, Vec<Step<'s>>) {
        let (late, in_time): (Vec<_>, Vec<_>) = self.into_reports().partition(|report| report.is_out_of_time(now));
        let mut in_time = in_time.into_iter();
        let telling = in_time.next().map(|first| Self { first, others: in_time.collect() });
        let late = late.into_iter().map(|report| report.case.end(Outcome::Failed(Trouble::OutOfTime)));
        (telling, late.collect())
    }

    /// Returns what 3scale is told.
    pub fn call(&self) -> ServiceCall {
        let transactions: Vec<Transaction> = self.reports().flat_map(Report::transactions).collect();
        ServiceCall::report(self.first.case.service, &transactions)
    }

    /// Returns how long that may take.
    pub fn time_limit(&self) -> Duration {
        self.first.time_limit()
    }

    /// 3scale answered.
    pub fn replied(self, reply: &Reply, now: UnixTime) -> Told<'s> {
        let blames_us = matches!(reply.status, 400..=499) && !matches!(reply.status, 408 | 429);
        if blames_us && !self.others.is_empty() {
            return Told { again: self.into_reports().map(Self::alone).collect(), ..Told::default() };
        }
        Told { steps: self.into_reports().map(|report| report.replied(reply, now)).collect(), ..Told::default() }
    }

    /// 3scale did not answer. It may have counted the uses all the same: told again, they are counted twice.
    pub fn failed(self, failure: Failure) -> Told<'s> {
        let outcome = Outcome::Failed(Trouble::Threescale(Fault::Failure(failure)));
        let steps = self.into_reports().map(|report| report.case.end(outcome.clone())).collect();
        Told { steps, ..Told::default() }
    }

    fn has_room_for(&self, report: &Report<'_>) -> bool {
        let transactions: usize = self.reports().map(Report::size).sum();
        let parameters: usize = self.reports().map(Report::parameters).sum();
        transactions + report.size() <= MAX_TRANSACTIONS
            && FIXED_PARAMETERS + parameters + report.parameters() <= MAX_PARAMETERS
    }

    fn reports(&self) -> impl Iterator<Item = &Report<'s>> {
        iter::once(&self.first).chain(&self.others)
    }

    fn into_reports(self) -> impl Iterator<Item = Report<'s>> {
        iter::once(self.first).chain(self.others)
    }
}

impl Report<'_> {
    /// How many transactions of so many parameters 3scale takes in a call.
    pub(super) fn most(parameters_each: usize) -> usize {
        MAX_TRANSACTIONS.min((MAX_PARAMETERS - FIXED_PARAMETERS) / parameters_each.max(1))
    }

    fn size(&self) -> usize {
        self.reported.len()
    }

    fn parameters(&self) -> usize {
        self.size() * self.case.parameters_each()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::CacheKey;
    use crate::collect::{Worker, begin};
    use crate::credential::{Caller, Credential, UserKey};
    use crate::ledger::Claimed;
    use crate::message::Message;
    use crate::settings::Settings;
    use crate::threescale::{ServiceId, Usage};
    use crate::time::Minute;

    const NOW: UnixTime = UnixTime::from_secs(1_000_000);

    fn settings() -> Settings {
        let map = r#"[{"gateway":"a","stage":"dev","service_id":"7"},{"gateway":"b","stage":"dev","service_id":"8"}]"#;
        let variables = [("SERVICES_MAP", map), ("THREESCALE_SERVICE_TOKEN", "token")];
        Settings::read(&variables.map(|(name, text)| (name.to_owned(), text.to_owned())).into()).unwrap()
    }

    fn reply(status: u16, reason: Option<&str>) -> Reply {
        let body = "<status><authorized>true</authorized></status>".to_owned();
        Reply { status, rejection_reason: reason.map(str::to_owned), body, ..Reply::default() }
    }

    /// A report of so many minutes, of a key that 3scale accepted just now, or of which it is not sure.
    fn report<'s>(settings: &'s Settings, key: &str, minutes: u64, answer: &Reply) -> Report<'s> {
        report_of("7", settings, key, minutes, answer)
    }

    fn report_of<'s>(service: &str, settings: &'s Settings, key: &str, minutes: u64, answer: &Reply) -> Report<'s> {
        let caller = Caller { credential: Credential::UserKey(UserKey::parse(key).unwrap()), referrer: None };
        let (service, usage) = (ServiceId::parse(service).unwrap(), Usage::hits(1));
        let key = CacheKey::new(&settings.keyring, &service, &caller, &usage);
        let message = Message::new(&settings.keyring, key, service, usage, &caller, "c".to_owned());
        let worker = Worker { name: "w".to_owned(), lease: Duration::from_secs(60) };
        let last = NOW.minute().number();
        let minutes = (last - minutes + 1..=last).map(|minute| (Minute::from_number(minute), 1)).collect();
        let Step::Claim(claim) = begin(settings, message, worker, NOW) else { panic!("it claims first") };
        let Step::Call(call) = claim.claimed(Claimed::Uses { told: 1, minutes }) else { panic!("it asks then") };
        match call.replied(answer, NOW) {
            Step::Store(store) => match store.settled(NOW) {
                Step::Report(report) => report,
                other => panic!("it reports then: {other:?}"),
            },
            Step::Report(report) => report,
            other => panic!("it reports then: {other:?}"),
        }
    }

    fn sizes(tellings: &[Telling<'_>]) -> Vec<usize> {
        tellings.iter().map(|telling| telling.reports().map(Report::size).sum()).collect()
    }

    #[test]
    fn keys_that_3scale_just_accepted_are_told_together() {
        let settings = settings();
        let reports: Vec<_> = ["a", "b", "c"].map(|key| report(&settings, key, 2, &reply(200, None))).into();
        let tellings = Telling::of(reports);
        assert_eq!(sizes(&tellings), [6]);
        let form = tellings[0].call().body().unwrap().to_owned();
        assert!(form.contains("transactions%5B5%5D%5Buser_key%5D=c"), "{form}");
    }

    #[test]
    fn each_service_is_told_of_its_own_keys() {
        let settings = settings();
        let reports = [("7", "a"), ("8", "b"), ("7", "c"), ("8", "d")]
            .map(|(service, key)| report_of(service, &settings, key, 1, &reply(200, None)));
        let tellings = Telling::of(reports);
        assert_eq!(sizes(&tellings), [2, 2]);
        for (telling, service) in tellings.iter().zip(["7", "8"]) {
            let form = telling.call().body().unwrap().to_owned();
            assert!(form.contains(&format!("&service_id={service}&")), "{form}");
        }
    }

    #[test]
    fn a_doubtful_key_is_told_alone() {
        let settings = settings();
        let sure = reply(200, None);
        let doubtful = reply(409, Some("application_not_active"));
        let reports = [("a", &sure), ("b", &doubtful), ("c", &sure)].map(|(key, said)| report(&settings, key, 1, said));
        let mut sizes = sizes(&Telling::of(reports));
        sizes.sort_unstable();
        assert_eq!(sizes, [1, 2]);
    }

    #[test]
    fn no_call_has_more_than_3scale_takes() {
        let settings = settings();
        let reports: Vec<_> = (0..5).map(|key| report(&settings, &key.to_string(), 400, &reply(200, None))).collect();
        assert_eq!(sizes(&Telling::of(reports)), [800, 800, 400]);
        assert_eq!(sizes(&Telling::of([report(&settings, "long", 1400, &reply(200, None))])), [1000]);
        assert_eq!(Report::most(3), 1000);
        assert_eq!(Report::most(5), 818, "4,094 parameters besides the fixed ones");
    }

    #[test]
    fn a_report_that_waited_too_long_is_not_told() {
        let settings = settings();
        let together = || Telling::of(["a", "b"].map(|key| report(&settings, key, 1, &reply(200, None)))).remove(0);
        let last = NOW.after(Duration::from_secs(60)).before(settings.threescale_timeout);
        let (telling, late) = together().in_time(last.before(Duration::from_millis(1)));
        assert_eq!((sizes(&[telling.unwrap()]), late.len()), (vec![2], 0));
        let (telling, late) = together().in_time(last);
        assert!(telling.is_none());
        for step in late {
            let Step::Done(ended) = step else { panic!("it is over") };
            assert_eq!(ended.outcome, Outcome::Failed(Trouble::OutOfTime));
        }
    }

    #[test]
    fn when_3scale_blames_a_call_each_report_is_told_apart() {
        let settings = settings();
        let together = || Telling::of(["a", "b"].map(|key| report(&settings, key, 1, &reply(200, None)))).remove(0);
        let told = together().replied(&reply(400, None), NOW);
        assert_eq!((told.steps.len(), sizes(&told.again)), (0, vec![1, 1]));
        for status in [202, 429, 503] {
            let told = together().replied(&reply(status, None), NOW);
            let acks = told.steps.iter().filter(|step| matches!(step, Step::Ack(_))).count();
            assert_eq!((acks, told.steps.len(), told.again.len()), (if status == 202 { 2 } else { 0 }, 2, 0));
        }
        let told = Telling::alone(report(&settings, "a", 1, &reply(200, None))).replied(&reply(400, None), NOW);
        assert!(told.again.is_empty() && matches!(told.steps.as_slice(), [Step::Done(_)]), "nobody else is to blame");
    }
}
