//! An Allow never covers more than its scope, whatever is called; and no answer is one that API Gateway refuses.

use std::collections::BTreeMap;

use authz_core::authorize::{self, Step};
use authz_core::event;
use authz_core::policy::{self, PolicyScope};
use authz_core::settings::Settings;
use authz_core::threescale::Reply;
use authz_core::time::UnixTime;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

const NOW: UnixTime = UnixTime::from_secs(1_784_543_415);

/// What a method ARN is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Method {
    api: String,
    stage: String,
    /// Verb and path.
    rest: String,
}

impl Method {
    fn api_prefix(&self) -> String {
        format!("arn:aws:execute-api:us-east-1:123456789012:{}/", self.api)
    }

    fn stage_prefix(&self) -> String {
        format!("{}{}/", self.api_prefix(), self.stage)
    }

    fn arn(&self) -> String {
        format!("{}{}", self.stage_prefix(), self.rest)
    }
}

fn methods() -> impl Strategy<Value = Method> {
    let api = select(vec!["a", "ab", "b"]);
    let stage = select(vec!["dev", "de", "$default", "v1_2-x"]);
    let path = prop_oneof![
        "[a-c*?$%/{}:@]{0,12}",
        select(vec!["*", "**", "?", "${aws:x}", "a/../b", "%2A", ""]).prop_map(str::to_owned),
        "[a-z/]{400,560}",
    ];
    (api, stage, select(vec!["GET", "POST", "*"]), path).prop_map(|(api, stage, verb, path)| Method {
        api: api.to_owned(),
        stage: stage.to_owned(),
        rest: format!("{verb}/{path}"),
    })
}

/// The matcher of this test: tried out character by character, with no thought for speed.
fn covers(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), None) => covers(rest, text),
        (Some((b'*', rest)), Some((_, after))) => covers(rest, text) || covers(pattern, after),
        (Some((b'?', rest)), Some((_, after))) => covers(rest, after),
        (Some((wanted, rest)), Some((found, after))) => wanted == found && covers(rest, after),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn settings(scope: PolicyScope) -> Settings {
    let scope = match scope {
        PolicyScope::Stage => "stage",
        PolicyScope::Exact => "exact",
        PolicyScope::Api => "api",
    };
    let variables = [("THREESCALE_SERVICE_ID", "7"), ("THREESCALE_SERVICE_TOKEN", "token"), ("POLICY_SCOPE", scope)];
    let variables: BTreeMap<_, _> = variables.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    Settings::read(&variables).expect("the settings are right")
}

/// The answer to a call that 3scale allows, with a plan of this name.
fn answer(settings: &Settings, method: &Method, plan: &str) -> String {
    let event = serde_json::json!({ "type": "TOKEN", "authorizationToken": "key", "methodArn": method.arn() });
    let request = event::read(&event.to_string(), &settings.sources, "id").expect("it is an event");
    let mut step = authorize::begin(settings, &request, NOW);
    let verdict = loop {
        step = match step {
            Step::LookUp(question) => question.uncached(),
            Step::Call(question) => {
                let body = format!("<status><authorized>true</authorized><plan>{plan}</plan></status>");
                question.replied(&Reply { status: 200, body, ..Reply::default() }, NOW)
            }
            Step::Done(verdict) => break verdict,
            Step::Admit(_) | Step::Record(_) => panic!("3scale answers"),
        }
    };
    policy::render(settings, &request, &verdict)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_allow_covers_its_scope_alone(
        scope in select(vec![PolicyScope::Stage, PolicyScope::Exact, PolicyScope::Api]),
        called in methods(),
        other in methods(),
    ) {
        let answer: Value = serde_json::from_str(&answer(&settings(scope), &called, "Basic")).expect("it is JSON");
        let statement = &answer["policyDocument"]["Statement"][0];
        let resource = statement["Resource"].as_str().expect("it names a resource");
        prop_assert!(resource.len() <= 512, "{resource}");
        if statement["Effect"] == "Allow" {
            prop_assert!(covers(resource.as_bytes(), called.arn().as_bytes()), "what is called is covered: {resource}");
            let in_scope = match scope {
                PolicyScope::Stage => other.stage_prefix() == called.stage_prefix(),
                PolicyScope::Exact => other == called,
                PolicyScope::Api => other.api_prefix() == called.api_prefix(),
            };
            prop_assert_eq!(covers(resource.as_bytes(), other.arn().as_bytes()), in_scope, "{} {}", resource, other.arn());
        } else {
            prop_assert!(scope == PolicyScope::Exact, "{answer}");
        }
    }

    #[test]
    fn no_answer_is_longer_than_api_gateway_takes(called in methods(), plan in "[a-z\u{1}\u{1F980}\"]{0,300}") {
        let answer = answer(&settings(PolicyScope::Stage), &called, &plan.replace('\u{1}', "&#1;"));
        prop_assert!(answer.len() <= 8192, "{} bytes", answer.len());
        prop_assert!(!answer.contains("null"), "{answer}");
    }
}

#[test]
fn the_matcher_of_this_test_is_no_yes_man() {
    assert!(covers(b"a*", b"a/b") && covers(b"a?c", b"abc") && covers(b"", b""));
    assert!(!covers(b"a", b"ab") && !covers(b"ab", b"a") && !covers(b"*b", b"bc") && !covers(b"?", b""));
}
