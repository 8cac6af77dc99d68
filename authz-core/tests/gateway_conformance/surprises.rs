//! Whatever a client sends and an authorizer answers, there is an outcome, and nobody passes by accident.

use authz_core::event::{self, AuthMode, CallerSources, CredentialSource, ReferrerSource};
use authz_core::gateway::{
    Answer, ApiKind, Call, Ending, FunctionAnswer, Gateway, GatewayResponse, GatewayResponses, Judgement, ResponseType,
    Step,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use crate::world::{ARN, KINDS, NOON, STAGE, api, policy};

fn calls() -> impl Strategy<Value = Call> {
    let path = prop_oneof![Just("/dev".to_owned()), "/dev/[a-c*?%/:$.{}]{0,12}", any::<String>()];
    let name = prop_oneof![Just("apikey".to_owned()), any::<String>()];
    let query = prop_oneof![any::<String>(), "[a&=%;+]{0,9}"];
    ("[A-Z]{1,7}", path, query, vec((name, any::<String>()), 0..4)).prop_map(|(method, path, query, headers)| Call {
        method,
        path,
        query,
        headers,
        source_ip: "192.0.2.1".to_owned(),
    })
}

fn answers() -> impl Strategy<Value = FunctionAnswer> {
    let texts =
        [policy(&[("Allow", STAGE)]), policy(&[("Allow", ARN)]), policy(&[("Deny", "*")])].map(|v| v.to_string());
    let text = prop_oneof![select(texts.to_vec()), Just(r#"{"isAuthorized":true}"#.to_owned()), any::<String>()];
    prop_oneof![
        4 => text.prop_map(FunctionAnswer::Returned),
        1 => any::<String>().prop_map(FunctionAnswer::Failed),
        1 => Just(FunctionAnswer::TimedOut),
    ]
}

fn templates() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[$.a]{0,6}context[.$a-z]{0,20}"]
}

/// The name of the method in an event.
fn method_arn(event: &Value) -> Option<&str> {
    event.get("methodArn").or(event.get("routeArn"))?.as_str()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn only_what_an_answer_allows_is_forwarded(kind in select(&KINDS[..]), call in calls(), answer in answers()) {
        let mut gateway = Gateway::new(api(kind)).unwrap();
        match gateway.ask(call, "id", NOON) {
            Step::Invoke(invocation) => {
                let event: Value = serde_json::from_str(invocation.event()).unwrap();
                let arn = method_arn(&event).unwrap();
                let is_allowed = match &answer {
                    FunctionAnswer::Returned(text) => {
                        Answer::read(text, kind).is_ok_and(|answer| answer.judge(arn) == Judgement::Allowed)
                    }
                    FunctionAnswer::Failed(_) | FunctionAnswer::TimedOut => false,
                };
                let outcome = invocation.answered(&mut gateway, &answer, NOON);
                prop_assert_eq!(matches!(outcome.ending, Ending::Forward { .. }), is_allowed);
            }
            Step::Done(outcome) => {
                let Ending::Answer { answer, .. } = outcome.ending else { panic!("nobody was asked") };
                prop_assert!([401, 403, 404, 414].contains(&answer.status));
            }
        }
    }

    #[test]
    fn the_authorizer_reads_the_events_of_every_api(call in calls()) {
        let credential = CredentialSource::parse("header:apikey").into_iter().collect();
        let sources = CallerSources { mode: AuthMode::UserKey, credential, referrer: ReferrerSource::None };
        let simple = ApiKind::Http2 { simple_responses: true };
        for kind in [ApiKind::RestToken, ApiKind::RestRequest, ApiKind::Http1, simple, ApiKind::WebSocket] {
            let mut gateway = Gateway::new(api(kind)).unwrap();
            if let Step::Invoke(invocation) = gateway.ask(call.clone(), "id", NOON) {
                let read = event::read(invocation.event(), &sources, "id");
                prop_assert!(matches!(read, Ok(_) | Err(event::EventError::Unauthorized(_))), "{read:?}");
            }
        }
    }

    #[test]
    fn any_template_is_filled(body in templates(), from in any::<String>()) {
        let response = GatewayResponse { status: None, headers: vec![("x".to_owned(), from)], body: body.clone() };
        let mut api = api(ApiKind::RestRequest);
        api.responses = GatewayResponses::none().with(ResponseType::Unauthorized, response);
        let call = Call { headers: Vec::new(), ..crate::world::to("/dev") };
        let step = Gateway::new(api).unwrap().ask(call, "id", NOON);
        let Step::Done(outcome) = step else { panic!("it has no identity") };
        let Ending::Answer { answer, .. } = outcome.ending else { panic!("nobody was asked") };
        prop_assert!(body.contains("$context.") || body.contains("$stageVariables.") || answer.body == body);
    }
}
