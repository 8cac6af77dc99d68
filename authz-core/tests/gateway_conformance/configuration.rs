//! What an API can be.

use std::time::Duration;

use authz_core::gateway::{Api, ApiError, ApiKind, Gateway, IdentitySource, Protocol, Stage};

use crate::world::{HTTP_2, KINDS, api, sources};

/// "Identity sources" in "Control access to HTTP APIs with AWS Lambda authorizers"; "Configure a Lambda authorizer
/// using the API Gateway console"; `IdentitySource` of `AWS::ApiGatewayV2::Authorizer`.
#[test]
fn each_kind_of_api_writes_identity_sources_in_its_own_way() {
    for (protocol, prefix, dollar) in [
        (Protocol::Rest, "method.request", ""),
        (Protocol::Http, "$request", "$"),
        (Protocol::WebSocket, "route.request", ""),
    ] {
        for text in [
            format!("{prefix}.header.X-Key"),
            format!("{prefix}.querystring.key"),
            format!("{dollar}stageVariables.key"),
            format!("{dollar}context.identity.sourceIp"),
        ] {
            assert_eq!(IdentitySource::parse(protocol, &text).unwrap().to_string(), text);
            let of_others = [Protocol::Rest, Protocol::Http].into_iter().filter(|other| *other != protocol);
            let taken = of_others.filter(|other| IdentitySource::parse(*other, &text).is_ok()).count();
            assert_eq!(taken, usize::from(protocol == Protocol::WebSocket && !text.starts_with(prefix)), "{text}");
        }
        for text in
            ["", "apikey", &format!("{prefix}.header."), &format!("{prefix}.header.a b"), "method.request.path.p"]
        {
            let error = IdentitySource::parse(protocol, text).unwrap_err().to_string();
            assert!(error.ends_with(&format!("one is `{prefix}.header.apikey`")), "{error}");
        }
    }
}

/// "Input to an API Gateway Lambda authorizer": a TOKEN authorizer is shown a header.
#[test]
fn a_token_authorizer_has_one_header_for_its_identity() {
    assert!(Gateway::new(api(ApiKind::RestToken)).is_ok());
    for texts in [&[][..], &["method.request.querystring.a"], &["method.request.header.a", "method.request.header.b"]] {
        let refused = Gateway::new(sources(ApiKind::RestToken, texts)).unwrap_err();
        assert_eq!(refused, ApiError::Token, "{texts:?}");
    }
}

/// "Caching authorizer responses" in "Control access to HTTP APIs with AWS Lambda authorizers"; for REST APIs
/// "Configure a Lambda authorizer using the API Gateway console".
#[test]
fn caching_needs_an_identity_source() {
    for kind in [ApiKind::RestRequest, ApiKind::Http1, HTTP_2] {
        assert!(Gateway::new(Api::new(kind)).is_ok());
        let caching = Api { ttl: Duration::from_secs(1), ..Api::new(kind) };
        assert_eq!(Gateway::new(caching).unwrap_err(), ApiError::CacheWithoutIdentity);
    }
}

/// "Configure a Lambda authorizer using the API Gateway console": the longest TTL is 3600 seconds.
#[test]
fn nothing_is_remembered_for_more_than_an_hour() {
    for kind in KINDS.into_iter().filter(|kind| *kind != ApiKind::WebSocket) {
        let lasting = |secs| Gateway::new(Api { ttl: Duration::from_secs(secs), ..api(kind) });
        assert!(lasting(3600).is_ok());
        assert_eq!(lasting(3601).unwrap_err(), ApiError::Ttl);
    }
}

/// `AuthorizerResultTtlInSeconds` of `AWS::ApiGatewayV2::Authorizer` is supported for HTTP APIs only.
#[test]
fn a_websocket_api_remembers_no_answers() {
    let caching = Api { ttl: Duration::from_secs(1), ..api(ApiKind::WebSocket) };
    assert_eq!(Gateway::new(caching).unwrap_err(), ApiError::CacheOfWebSocket);
}

/// "Stages for HTTP APIs in API Gateway": the stage `$default` is served at the root.
#[test]
fn only_http_apis_have_a_stage_without_a_name_in_the_path() {
    for kind in KINDS {
        let taken = Gateway::new(Api { stage: Stage::Default, ..api(kind) });
        let is_http = kind.protocol() == Protocol::Http;
        assert_eq!(taken.err(), (!is_http).then_some(ApiError::DefaultStage), "{kind:?}");
    }
}

#[test]
fn an_identity_source_of_another_kind_of_api_is_refused() {
    let foreign = Api { identity_sources: api(HTTP_2).identity_sources, ..Api::new(ApiKind::RestRequest) };
    let refused = Gateway::new(foreign).unwrap_err();
    assert_eq!(refused, ApiError::Source { text: "$request.header.apikey".to_owned() });
}
