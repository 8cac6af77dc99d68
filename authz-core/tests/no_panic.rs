//! Whatever comes in from outside, no reader panics, and nothing damaged allows a call.

use std::collections::BTreeMap;
use std::time::Duration;

use authz_core::authorize::{Step, begin};
use authz_core::cache::{CacheKey, Entry};
use authz_core::collect::{self, Outcome, Telling, Worker};
use authz_core::credential::{Credential, UserKey};
use authz_core::event::{self, CallerSources, CredentialSource};
use authz_core::forget::Forget;
use authz_core::gateway::{self, ApiKind, Judgement};
use authz_core::keyring::Fingerprint;
use authz_core::ledger::{Acked, Claimed, Taken};
use authz_core::message::Message;
use authz_core::method_arn::MethodArn;
use authz_core::policy::{self, PolicyScope};
use authz_core::settings::{Settings, Variables};
use authz_core::threescale::{Answer, Failure, Reply, ServiceId, Usage};
use authz_core::time::{Minute, UnixTime};
use authz_core::verdict::{Decision, Verdict};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/greetings";
const EVENTS: [&str; 3] = [
    r#"{"type":"REQUEST","methodArn":"arn:aws:execute-api:us-east-1:1:a/dev/GET/","headers":{"apikey":"demo-key","Host":null},"queryStringParameters":{"user_key":"q"}}"#,
    r#"{"version":"2.0","routeArn":"arn:aws:execute-api:us-east-1:1:a/dev/GET/p","rawPath":"/dev/p","rawQueryString":"user_key=q","requestContext":{"stage":"dev","http":{"method":"GET"}}}"#,
    r#"{"type":"REQUEST","methodArn":"arn:aws:execute-api:us-east-1:1:a/dev/$connect","headers":{"apikey":"k"},"requestContext":{"eventType":"CONNECT"}}"#,
];
const FORGETS: [&str; 2] = [
    r#"{"forget":{"credential":"Ws5fZVImIofSr0dIdcAQPQ.Ws5fZVImIofSr0dIdcAQPQ","service_id":"7"}}"#,
    r#"{"forget":{"user_key":"demo-key"}}"#,
];
const YES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><status><authorized>true</authorized><plan>Gold &amp; "Silver"</plan></status>"#;
const NO: &str = "<status><authorized>false</authorized><reason>limits &#60;x&gt;</reason><plan>Basic</plan></status>";
const ERROR: &str = r#"<error code="user_key_invalid">user key "x" is invalid</error>"#;
/// When 3scale fails to answer.
const NOW: UnixTime = UnixTime::from_secs(1001);
const VALUES: [&str; 10] = [
    r#"[{"gateway":"a","stage":"dev","service_id":"7","service_token":"CANARY"}]"#,
    r#"[{"http_method":"GET","pattern":"/{id}","metric":"hits"}]"#,
    "https://su1.3scale.net",
    "7",
    "header:apikey, query:user_key",
    "60",
    "open",
    "exact",
    "true",
    "arn:aws:sns:us-east-1:123456789012:authrep",
];
const SECRETS: [&str; 4] =
    ["THREESCALE_SERVICE_TOKEN", "THREESCALE_PROVIDER_KEY", "CREDENTIAL_SECRET", "ELASTICACHE_AUTH_TOKEN"];
const ENTRY: &str = r#"{"grant":{"plan":"Gold","limit":{"max":5,"reset_at":60000}}}"#;

/// A few changes to a text that means something: characters lost, exchanged, doubled or put in, or its end cut off.
fn damaged(text: impl Into<String>) -> impl Strategy<Value = String> {
    let text = text.into();
    let change = (any::<Index>(), 0..4_u8, select(r#""'<>&;:{}[]()/\%*?$,. 019aZé"#.chars().collect::<Vec<_>>()));
    vec(change, 0..4).prop_map(move |changes| {
        let mut characters: Vec<char> = text.chars().collect();
        for (index, kind, character) in changes {
            let at = index.index(characters.len().max(1)).min(characters.len());
            match kind {
                0 if at < characters.len() => drop(characters.remove(at)),
                1 if at < characters.len() => characters[at] = character,
                2 => characters.truncate(at),
                _ => characters.insert(at, character),
            }
        }
        characters.into_iter().collect()
    })
}

/// Any text, or a damaged one.
fn odd(text: impl Into<String>) -> impl Strategy<Value = String> {
    prop_oneof![damaged(text), any::<String>()]
}

fn replies(body: impl Strategy<Value = String>) -> impl Strategy<Value = Reply> {
    let header = || option::of(prop_oneof![any::<i64>().prop_map(|n| n.to_string()), any::<String>()]);
    let status = prop_oneof![select(vec![200, 202, 400, 403, 404, 409, 422, 429, 500]), any::<u16>()];
    let reason = option::of(prop_oneof![Just("limits_exceeded".to_owned()), any::<String>()]);
    (status, reason, [header(), header(), header()], body).prop_map(|(status, rejection_reason, limits, body)| {
        let [limit_remaining, limit_reset, limit_max_value] = limits;
        Reply { status, rejection_reason, limit_remaining, limit_reset, limit_max_value, body }
    })
}

fn settings() -> Settings {
    let variables = [("THREESCALE_SERVICE_ID", "7"), ("THREESCALE_SERVICE_TOKEN", "token")];
    Settings::read(&variables.map(|(name, text)| (name.to_owned(), text.to_owned())).into()).expect("they are right")
}

fn request() -> event::Request {
    let event = format!(r#"{{"type":"TOKEN","authorizationToken":"demo-key","methodArn":"{ARN}"}}"#);
    event::read(&event, &settings().sources, "request-1").expect("it is an event")
}

fn message() -> String {
    let (settings, usage) = (settings(), Usage::hits(1));
    let caller = request().caller;
    let service = ServiceId::parse("7").expect("it is an id");
    let key = CacheKey::new(&settings.keyring, &service, &caller, &usage);
    Message::new(&settings.keyring, key, service, usage, &caller, "request-1".to_owned()).encode()
}

fn denial() -> String {
    let settings = settings();
    let verdict = without_3scale(begin(&settings, &request(), UnixTime::default()), &Taken::default());
    policy::render(&settings, &request(), &verdict)
}

/// Drives an authorization to its end while 3scale does not answer.
fn without_3scale(mut step: Step<'_>, taken: &Taken) -> Verdict {
    loop {
        step = match step {
            Step::LookUp(question) => question.found(taken),
            Step::Call(question) => question.failed(Failure::TimedOut, NOW),
            Step::Admit(question) => question.admitted(),
            Step::Record(question) => question.recorded(true),
            Step::Done(verdict) => return verdict,
        }
    }
}

/// Drives a collection to its end while 3scale says yes and takes every report.
fn collected(settings: &Settings, claimed: &Claimed) -> Outcome {
    let message = Message::decode(&message()).expect("it is a message");
    let worker = Worker { name: "worker".to_owned(), lease: Duration::from_secs(35) };
    let mut step = collect::begin(settings, message, worker, NOW);
    loop {
        step = match step {
            collect::Step::Claim(question) => question.claimed(claimed.clone()),
            collect::Step::Call(question) => {
                question.replied(&Reply { status: 200, body: YES.to_owned(), ..Reply::default() }, NOW)
            }
            collect::Step::Store(question) => question.settled(NOW),
            collect::Step::Report(report) => {
                let taken = Reply { status: 202, ..Reply::default() };
                Telling::alone(report).replied(&taken, NOW).steps.pop().expect("it goes on")
            }
            collect::Step::Ack(question) => question.acked(Acked::Untold(0)),
            collect::Step::Done(ended) => return ended.outcome,
        }
    }
}

fn takens() -> impl Strategy<Value = Taken> {
    let fresh = prop_oneof![any::<u64>(), 0..2_000_000_u64].prop_map(UnixTime::from_millis);
    let counters = (any::<u64>(), any::<u64>(), option::of(any::<u64>()));
    let entry = option::of(odd(ENTRY));
    (any::<bool>(), any::<bool>(), counters, fresh, entry).prop_map(|(took, ring, (uses, told, cap), fresh, entry)| {
        Taken { took, ring, uses, told, applied_by: fresh, fresh, cap, entry }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_event_is_read_or_refused(event in select(&EVENTS[..]).prop_flat_map(odd), source in odd("header:apikey")) {
        let credential = [&source, "query:user_key", "bearer", "basic"].into_iter().filter_map(CredentialSource::parse);
        let sources = CallerSources { credential: credential.collect(), ..settings().sources };
        if let Ok(request) = event::read(&event, &sources, "id") {
            let Credential::UserKey(key) = request.caller.credential else { panic!("a user key is wanted") };
            prop_assert!(UserKey::parse(key.expose()).is_ok());
            prop_assert_eq!(MethodArn::parse(request.method_arn.as_str()), Ok(request.method_arn));
        }
    }

    #[test]
    fn only_a_200_that_says_so_authorizes(reply in replies(odd(YES))) {
        let is_authorized = matches!(reply.answer(), Answer::Authorized { .. });
        prop_assert!(!is_authorized || (reply.status == 200 && reply.body.contains(">true<")));
        prop_assert_eq!(reply.report_taken().is_ok(), reply.status == 202);
    }

    #[test]
    fn a_damaged_refusal_authorizes_nothing(reply in replies(prop_oneof![odd(NO), odd(ERROR)])) {
        let answer = reply.answer();
        prop_assert!(!matches!(answer, Answer::Authorized { .. }), "{answer:?}");
    }

    #[test]
    fn an_entry_is_read_as_it_was_written_or_not_at_all(text in odd(ENTRY)) {
        if let Some(entry) = Entry::decode(&text) {
            prop_assert_eq!(Entry::decode(&entry.encode()), Some(entry));
        }
    }

    #[test]
    fn what_a_damaged_ledger_says_allows_nothing(taken in takens()) {
        let settings = settings();
        let verdict = without_3scale(begin(&settings, &request(), UnixTime::from_secs(1000)), &taken);
        let is_grant = matches!(taken.entry.as_deref().map(Entry::decode), Some(Some(Entry::Grant { .. })));
        let may_stand_in = settings.lifetimes.is_within_stale(taken.fresh, NOW);
        prop_assert!(verdict.decision == Decision::Deny || (is_grant && (taken.took || may_stand_in)), "{verdict:?}");
        let answer = policy::render(&settings, &request(), &verdict);
        prop_assert!(gateway::Answer::read(&answer, ApiKind::RestToken).is_ok(), "{answer}");
    }

    #[test]
    fn what_a_damaged_ledger_claims_is_told_or_dropped(minutes in vec((any::<u64>(), any::<u64>()), 0..5)) {
        let settings = settings();
        let minutes: Vec<_> = minutes.into_iter().map(|(minute, uses)| (Minute::from_number(minute), uses)).collect();
        let uses = minutes.iter().fold(0, |sum: u64, (_, uses)| sum.saturating_add(*uses));
        let outcome = collected(&settings, &Claimed::Uses { told: u64::MAX, minutes });
        let Outcome::Collected { told, dropped, .. } = outcome else { panic!("{outcome:?}") };
        prop_assert_eq!(told.saturating_add(dropped), uses);
    }

    #[test]
    fn a_damaged_message_opens_to_no_other_caller(text in odd(message())) {
        if let Ok(caller) = Message::decode(&text).and_then(|message| message.caller(&settings().keyring)) {
            prop_assert_eq!(caller, request().caller);
        }
    }

    #[test]
    fn what_is_to_be_forgotten_is_one_credential_or_nothing(event in select(&FORGETS[..]).prop_flat_map(odd)) {
        if let Some(Ok(forget)) = Forget::read(&event, &settings()) {
            let stars = forget.pattern().matches('*').count();
            prop_assert_eq!(stars, 1 + usize::from(forget.service.is_none()), "{}", forget.pattern());
            prop_assert!(Fingerprint::parse(forget.credential.as_str()).is_some());
        }
    }

    #[test]
    fn no_method_arn_widens_a_policy(text in odd(ARN)) {
        if let Ok(arn) = MethodArn::parse(&text) {
            for pattern in [arn.stage_wide(), arn.api_wide()].map(|pattern| pattern.to_string()) {
                let literal = pattern.strip_suffix("/*").unwrap_or_default();
                prop_assert!(!literal.is_empty() && !literal.contains(['*', '?', '{']), "{pattern}");
                prop_assert!(text.starts_with(literal), "{pattern}");
            }
            let exact = policy::resource(PolicyScope::Exact, &arn);
            prop_assert!(exact.is_err() || !(text.contains(['*', '?']) || text.contains("${")), "{exact:?}");
        }
    }

    #[test]
    fn no_setting_tells_a_secret(
        values in vec((select(Variables::ALL), prop_oneof![select(&VALUES[..]).prop_flat_map(odd), any::<String>()]), 0..12)
    ) {
        let mut variables: BTreeMap<_, _> = values.into_iter().map(|(variable, text)| (variable.name.to_owned(), text)).collect();
        variables.extend(SECRETS.map(|secret| (secret.to_owned(), "CANARY".to_owned())));
        let shown = match Settings::read(&variables) {
            Ok(settings) => format!("{settings:?}"),
            Err(error) => format!("{error:?} {error}"),
        };
        prop_assert!(!shown.contains("CANARY"), "{shown}");
    }

    #[test]
    fn a_damaged_denial_lets_nobody_through(answer in odd(denial())) {
        let judgement = gateway::Answer::read(&answer, ApiKind::RestToken).map(|answer| answer.judge(ARN));
        prop_assert_ne!(judgement, Ok(Judgement::Allowed));
    }
}
