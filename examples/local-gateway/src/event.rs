//! The event that API Gateway would send for an HTTP request.

use std::collections::BTreeMap;

use axum::http::request::Parts;
use serde_json::{Value, json};

/// What a call is named and what it looks like to an authorizer.
#[derive(Debug)]
pub(crate) struct Call {
    /// The stage, the first part of the path.
    pub(crate) stage: String,
    /// The path below the stage, as it came.
    pub(crate) path: String,
    /// The name of the method that is called.
    pub(crate) method_arn: String,
}

impl Call {
    /// Reads `/{stage}/{path}`; `None` if there is no stage.
    pub(crate) fn of(request: &Parts) -> Option<Self> {
        let (stage, path) = match request.uri.path().strip_prefix('/')?.split_once('/') {
            Some((stage, path)) => (stage, path),
            None => (request.uri.path().trim_start_matches('/'), ""),
        };
        let is_stage = stage.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
        (is_stage && !stage.is_empty()).then(|| Self {
            stage: stage.to_owned(),
            path: format!("/{path}"),
            method_arn: format!("arn:aws:execute-api:us-east-1:123456789012:local/{stage}/{}/{path}", request.method),
        })
    }

    /// Writes the REQUEST event of a REST API. Of a header or parameter that comes twice the last value counts, and the
    /// others are in the `multiValue` members.
    pub(crate) fn event(&self, request: &Parts, request_id: &str) -> String {
        let headers = request
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        let query = form_urlencoded::parse(request.uri.query().unwrap_or_default().as_bytes());
        let (headers, query) = (Multi::of(headers), Multi::of(query.into_owned()));
        json!({
            "type": "REQUEST",
            "methodArn": self.method_arn,
            "resource": self.path,
            "path": self.path,
            "httpMethod": request.method.as_str(),
            "headers": headers.last(),
            "multiValueHeaders": headers.all(),
            "queryStringParameters": query.last(),
            "multiValueQueryStringParameters": query.all(),
            "pathParameters": {},
            "stageVariables": {},
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "local",
                "stage": self.stage,
                "requestId": request_id,
                "resourcePath": self.path,
                "httpMethod": request.method.as_str(),
                "path": format!("/{}{}", self.stage, self.path),
                "identity": { "sourceIp": "127.0.0.1" },
            },
        })
        .to_string()
    }
}

struct Multi(BTreeMap<String, Vec<String>>);

impl Multi {
    fn of(pairs: impl Iterator<Item = (String, String)>) -> Self {
        let mut multi = BTreeMap::<_, Vec<_>>::new();
        for (name, value) in pairs {
            multi.entry(name).or_default().push(value);
        }
        Self(multi)
    }

    fn last(&self) -> Value {
        self.0.iter().map(|(name, values)| (name.clone(), json!(values.last()))).collect()
    }

    fn all(&self) -> Value {
        json!(self.0)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn parts(uri: &str) -> Parts {
        Request::get(uri).header("ApiKey", "k").body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_path_names_stage_and_method() {
        let call = Call::of(&parts("/dev/a%20b/c:d?x=1")).unwrap();
        assert_eq!((call.stage.as_str(), call.path.as_str()), ("dev", "/a%20b/c:d"));
        assert_eq!(call.method_arn, "arn:aws:execute-api:us-east-1:123456789012:local/dev/GET/a%20b/c:d");
        assert_eq!(Call::of(&parts("/dev")).unwrap().path, "/");
    }

    #[test]
    fn without_a_stage_there_is_no_call() {
        assert!(Call::of(&parts("/")).is_none());
        assert!(Call::of(&parts("/*/a")).is_none());
    }

    #[test]
    fn the_last_of_several_values_counts() {
        let request = parts("/dev/a?x=1&x=2");
        let event: Value = serde_json::from_str(&Call::of(&request).unwrap().event(&request, "id")).unwrap();
        assert_eq!(event["queryStringParameters"], json!({ "x": "2" }));
        assert_eq!(event["multiValueQueryStringParameters"], json!({ "x": ["1", "2"] }));
        assert_eq!(event["headers"], json!({ "apikey": "k" }));
    }
}
