//! The sample API asks for each call but preflights, and tells a browser why it denies.

use std::slice;

use serde_json::{Value, json};

use crate::stack::Stack;
use crate::terraform::{Module, folder};
use crate::workbench::yaml;

/// The one text of the API, which all tools read.
fn api() -> Value {
    let path = folder().join("../openapi.yaml");
    yaml(slice::from_ref(&path)).remove(&path).unwrap()
}

#[test]
fn all_tools_read_the_same_api() {
    for stack in Stack::all() {
        let said = stack.properties("Api");
        match said.get("DefinitionBody") {
            Some(body) => {
                let include = json!({ "Name": "AWS::Include", "Parameters": { "Location": "../openapi.yaml" } });
                assert_eq!(*body, json!({ "Fn::Transform": include }), "{}", stack.name);
            }
            None => assert_eq!(said["Body"]["paths"], api()["paths"], "{}", stack.name),
        }
    }
    let module = Module::read();
    assert_eq!(module.local("api"), json!([["${path.module}/../openapi.yaml"]]));
    assert_eq!(module.resource("aws_api_gateway_rest_api", "api")["body"], "local.api_body");
}

#[test]
fn api_gateway_asks_the_authorizer_for_each_call_with_a_key() {
    let authorizer = &api()["components"]["securitySchemes"]["threescale"]["x-amazon-apigateway-authorizer"];
    assert_eq!(authorizer["type"], "request");
    assert_eq!(authorizer["identitySource"], "method.request.header.apikey");
    assert_eq!(authorizer["authorizerResultTtlInSeconds"], 0);
    let function = authorizer["authorizerUri"]["Fn::Sub"].as_str().unwrap();
    assert!(function.ends_with(":function:${AuthorizerLambdaFunction}/invocations"), "{function}");
}

#[test]
fn every_method_meets_the_authorizer_and_no_preflight_does() {
    let api = api();
    for (path, methods) in api["paths"].as_object().unwrap() {
        for (method, about) in methods.as_object().unwrap() {
            let expected = if method == "options" { json!([]) } else { json!([{ "threescale": [] }]) };
            assert_eq!(about["security"], expected, "{method} {path}");
        }
        assert!(methods["options"].is_object(), "{path}");
    }
}

#[test]
fn a_denial_says_why_and_a_browser_may_read_it() {
    let responses = &api()["x-amazon-apigateway-gateway-responses"];
    for kind in ["ACCESS_DENIED", "UNAUTHORIZED", "AUTHORIZER_FAILURE", "AUTHORIZER_CONFIGURATION_ERROR"] {
        let headers = &responses[kind]["responseParameters"];
        assert_eq!(headers["gatewayresponse.header.Access-Control-Allow-Origin"], "'*'", "{kind}");
        let body = responses[kind]["responseTemplates"]["application/json"].as_str().unwrap();
        assert!(serde_json::from_str::<Value>(body).is_ok_and(|body| body["message"].is_string()), "{kind}: {body}");
    }
    let denied = &responses["ACCESS_DENIED"];
    assert_eq!(denied["responseTemplates"]["application/json"], r#"{"message":"$context.authorizer.reason"}"#);
    let headers = &denied["responseParameters"];
    assert_eq!(headers["gatewayresponse.header.Retry-After"], "context.authorizer.limitReset");
}

#[test]
fn the_access_log_knows_what_the_authorizer_never_saw_and_shows_no_key() {
    let formats = Stack::all().iter().map(|stack| {
        let api = if stack.resources.contains_key("ApiStage") { "ApiStage" } else { "Api" };
        stack.properties(api)["AccessLogSetting"]["Format"].as_str().unwrap().to_owned()
    });
    let terraform = Module::read().resource("aws_api_gateway_stage", "api")["access_log_settings"][0]["format"].clone();
    let formats: Vec<_> = formats.map(|format| serde_json::from_str::<Value>(&format).unwrap()).collect();
    for format in &formats {
        assert_eq!(*format, terraform);
    }
    for known in ["$context.error.responseType", "$context.authorizer.error", "$context.authorizer.reason"] {
        assert!(terraform.as_object().unwrap().values().any(|value| value == known), "{known}");
    }
    assert!(!terraform.to_string().contains("apiKey"), "{terraform}");
}
