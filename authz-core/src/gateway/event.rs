//! What API Gateway sends to an authorizer, in five shapes.
//!
//! Sources: "Input to an API Gateway Lambda authorizer", "Control access to HTTP APIs with AWS Lambda authorizers",
//! "Control access to WebSocket APIs with AWS Lambda REQUEST authorizers". That names of headers are in lower case in
//! format 2.0, and that values of one name are joined by commas, is told by "Create AWS Lambda proxy integrations for
//! HTTP APIs".

use serde_json::{Map, Value, json};

use super::api::ApiKind;
use super::call::{Pairs, Request};
use super::time::request_time;

/// Writes the event of a call that showed `identity`.
pub(super) fn write(request: &Request, identity: &[String]) -> String {
    let event = match request.api.kind {
        ApiKind::RestToken => token(request, identity),
        ApiKind::RestRequest => rest(request),
        ApiKind::Http1 => http_1(request, identity),
        ApiKind::Http2 { .. } => http_2(request, identity),
        ApiKind::WebSocket => websocket(request),
    };
    event.to_string()
}

fn token(request: &Request, identity: &[String]) -> Value {
    json!({ "type": "TOKEN", "authorizationToken": identity.first(), "methodArn": request.method_arn() })
}

fn rest(request: &Request) -> Value {
    let (headers, query) = (request.headers(), request.query());
    json!({
        "type": "REQUEST",
        "methodArn": request.method_arn(),
        "resource": request.path,
        "path": request.path,
        "httpMethod": request.call.method,
        "headers": headers.last(),
        "multiValueHeaders": headers.all(),
        "queryStringParameters": query.last(),
        "multiValueQueryStringParameters": query.all(),
        "pathParameters": {},
        "stageVariables": request.api.stage_variables,
        "requestContext": rest_context(request),
    })
}

fn http_1(request: &Request, identity: &[String]) -> Value {
    let identity = (!identity.is_empty()).then(|| identity.join(","));
    json!({
        "version": "1.0",
        "type": "REQUEST",
        "methodArn": request.method_arn(),
        "identitySource": identity,
        "authorizationToken": identity,
        "resource": request.path,
        "path": request.path,
        "httpMethod": request.call.method,
        "headers": request.headers().joined(),
        "queryStringParameters": request.query().joined(),
        "pathParameters": {},
        "stageVariables": request.api.stage_variables,
        "requestContext": rest_context(request),
    })
}

fn rest_context(request: &Request) -> Value {
    json!({
        "path": request.call.path,
        "accountId": request.api.account,
        "resourceId": "proxy",
        "stage": request.stage,
        "requestId": request.id,
        "identity": { "sourceIp": request.call.source_ip },
        "resourcePath": request.path,
        "httpMethod": request.call.method,
        "apiId": request.api.id,
    })
}

/// Unlike the other shapes this one leaves out what a call does not have.
fn http_2(request: &Request, identity: &[String]) -> Value {
    let lower_case = request.call.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
    let (cookies, headers) = lower_case.partition::<Vec<_>, _>(|(name, _)| name == "cookie");
    let cookies: Vec<_> = cookies.iter().flat_map(|(_, value)| value.split(';')).map(str::trim).collect();
    let query = request.query();
    let mut event = json!({
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": request.method_arn(),
        "identitySource": if identity.is_empty() { Value::Null } else { json!(identity) },
        "routeKey": "$default",
        "rawPath": request.call.path,
        "rawQueryString": request.call.query,
        "headers": Pairs::of(headers.into_iter()).joined(),
        "requestContext": {
            "accountId": request.api.account,
            "apiId": request.api.id,
            "domainName": request.api.domain_name(),
            "domainPrefix": request.api.id,
            "http": {
                "method": request.call.method,
                "path": request.call.path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.call.source_ip,
                "userAgent": request.context("identity.userAgent").unwrap_or_default(),
            },
            "requestId": request.id,
            "routeKey": "$default",
            "stage": request.stage,
            "time": request_time(request.at),
            "timeEpoch": request.at.as_millis(),
        },
        "pathParameters": {},
        "stageVariables": request.api.stage_variables,
    });
    let optional = [
        ("cookies", (!cookies.is_empty()).then(|| json!(cookies))),
        ("queryStringParameters", (!query.is_empty()).then(|| json!(query.joined()))),
    ];
    if let Some(members) = event.as_object_mut() {
        let present = optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        members.extend(present.collect::<Map<_, _>>());
    }
    event
}

fn websocket(request: &Request) -> Value {
    let (headers, query) = (request.headers(), request.query());
    json!({
        "type": "REQUEST",
        "methodArn": request.method_arn(),
        "headers": headers.last(),
        "multiValueHeaders": headers.all(),
        "queryStringParameters": query.last(),
        "multiValueQueryStringParameters": query.all(),
        "stageVariables": request.api.stage_variables,
        "requestContext": {
            "routeKey": "$connect",
            "eventType": "CONNECT",
            "extendedRequestId": request.id,
            "requestTime": request_time(request.at),
            "messageDirection": "IN",
            "stage": request.stage,
            "connectedAt": request.at.as_millis(),
            "requestTimeEpoch": request.at.as_millis(),
            "identity": { "sourceIp": request.call.source_ip },
            "requestId": request.id,
            "domainName": request.api.domain_name(),
            "connectionId": request.id,
            "apiId": request.api.id,
        },
    })
}
