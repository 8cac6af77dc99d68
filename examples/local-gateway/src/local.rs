//! What AWS does not have: `/_local/..` shows what is behind the scenes, and shifts it.

use std::str::FromStr;
use std::time::Duration;

use authz_core::gateway::FunctionAnswer;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Response, StatusCode};
use serde_json::{Value, json};
use threescale_stub::{Application, DEMO_SERVICE_ID, Fault, Plan, Unknown};

use crate::account::{Account, Demo};
use crate::answer;
use crate::front::{Front, request_id};
use crate::queue::{MARGIN, TIME_LIMIT};

const PREFIX: &str = "/_local/";

/// Lambda takes no larger event, in bytes.
const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;

/// What to do about a request that was not understood.
type Remedy = String;

/// Whether a request is for this machine, and not for the API.
pub(crate) fn is_local(request: &Request) -> bool {
    request.uri().path().starts_with(PREFIX)
}

/// Answers such a request.
pub(crate) async fn answer(front: &Front, request: Request) -> Response<Body> {
    let (request, body) = request.into_parts();
    let query = form_urlencoded::parse(request.uri.query().unwrap_or_default().as_bytes()).into_owned();
    let query = Query(query.collect());
    let what = request.uri.path().strip_prefix(PREFIX).unwrap_or_default();
    let told = match (request.method.as_str(), what) {
        ("GET", "usage") => usage(front, &query).await,
        ("POST", "threescale") => change_threescale(front, &query),
        ("POST", "clock") => advance_clock(front, &query),
        ("POST", "authorizer") => invoke_authorizer(front, body).await,
        ("POST", "authrep-async") => invoke_authrep_async(front, body).await,
        _ => Err("try GET `usage`, or POST `threescale`, `clock`, `authorizer` or `authrep-async`".to_owned()),
    };
    match told {
        Ok(told) => answer::json(StatusCode::OK, &told),
        Err(remedy) => answer::json(StatusCode::BAD_REQUEST, &json!({ "message": remedy })),
    }
}

/// Tells what 3scale has counted; with `flush=1` once it was told of everything.
async fn usage(front: &Front, query: &Query) -> Result<Value, Remedy> {
    if query.value("flush") == Some("1") {
        front.queue.flush().await;
    }
    Ok(json!(demo(front)?.backend().counted()))
}

/// Makes 3scale fail or behave again, or changes its applications.
fn change_threescale(front: &Front, query: &Query) -> Result<Value, Remedy> {
    let demo = demo(front)?;
    let unknown = |unknown: Unknown| unknown.to_string();
    match query.first() {
        Some(("fault", name)) => demo.server.set_fault(fault(name, query.value("path"))?),
        Some(("add", key)) => {
            let application = Application::by_user_key(key, &Plan::new("Unlimited"));
            demo.backend().add_application(DEMO_SERVICE_ID, application).map_err(unknown)?;
        }
        Some(("suspend", key)) => demo.backend().suspend_application(DEMO_SERVICE_ID, key).map_err(unknown)?,
        Some(("delete", key)) => demo.backend().delete_application(DEMO_SERVICE_ID, key).map_err(unknown)?,
        _ => return Err("try `fault=NAME`, `add=KEY`, `suspend=KEY` or `delete=KEY`".to_owned()),
    }
    Ok(json!({}))
}

/// Reads how 3scale is to fail from now on: at every request, or at those of one path.
fn fault(name: &str, path: Option<&str>) -> Result<Option<Fault>, Remedy> {
    let fault = match name {
        "none" => return Ok(None),
        "hang" => Fault::hang(),
        "cut" => Fault::cut(),
        "count-then-hang" => Fault::count_then_hang(),
        "count-then-cut" => Fault::count_then_cut(),
        status => match u16::from_str(status) {
            Ok(status @ 200..=599) => Fault::answer(threescale_stub::Response::raw(status, "")),
            _ => {
                return Err(
                    "a fault is `hang`, `cut`, `count-then-hang`, `count-then-cut`, a status or `none`".to_owned()
                );
            }
        },
    };
    Ok(Some(path.into_iter().fold(fault, Fault::on_path)))
}

/// Lets the clocks of this process go ahead.
fn advance_clock(front: &Front, query: &Query) -> Result<Value, Remedy> {
    let secs = query.value("advance").and_then(|secs| u64::from_str(secs).ok());
    front.hand.advance(Duration::from_secs(secs.ok_or("try `advance=SECS`")?));
    Ok(json!({}))
}

/// Invokes the authorizer with an event of any kind, as `aws lambda invoke` does.
async fn invoke_authorizer(front: &Front, event: Body) -> Result<Value, Remedy> {
    Ok(match front.function.answer(&text(event).await?, &request_id()).await {
        FunctionAnswer::Returned(answer) => returned(answer),
        FunctionAnswer::Failed(error) => failed(&error),
        FunctionAnswer::TimedOut => failed("Task timed out"),
    })
}

/// Invokes the second function in the same way, an operator's `forget` say.
async fn invoke_authrep_async(front: &Front, event: Body) -> Result<Value, Remedy> {
    let deadline = front.clock.now().after(TIME_LIMIT);
    let answer = front.collector.answer(&text(event).await?, request_id().as_str(), deadline, MARGIN).await;
    Ok(answer.map_or_else(|error| failed(&error.to_string()), returned))
}

async fn text(event: Body) -> Result<String, Remedy> {
    let event = to_bytes(event, MAX_EVENT_BYTES).await.map_err(|_| "the event is too large")?;
    Ok(String::from_utf8_lossy(&event).into_owned())
}

fn returned(answer: String) -> Value {
    serde_json::from_str(&answer).unwrap_or(Value::String(answer))
}

/// What Lambda answers for a function that failed.
fn failed(error: &str) -> Value {
    json!({ "errorMessage": error })
}

fn demo(front: &Front) -> Result<&Demo, Remedy> {
    match &*front.account {
        Account::Demo(demo) => Ok(demo),
        Account::Elsewhere => Err("see the admin portal: 3scale is not in this process".to_owned()),
    }
}

/// Names and values of a query, decoded.
struct Query(Vec<(String, String)>);

impl Query {
    fn first(&self) -> Option<(&str, &str)> {
        self.0.first().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }
}
