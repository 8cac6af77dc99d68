//! A 3scale that says what the scenario tells it to say.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authz_core::threescale::Reply;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use tokio::net::TcpListener;
use wasm::scenario::{Moment, Script};

/// Plays one moment after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Threescale(Arc<Mutex<Scripts>>);

#[derive(Debug, Default)]
struct Scripts {
    asked: Option<Script>,
    told: Option<Script>,
}

impl Threescale {
    /// Starts it, and returns its URL.
    pub(crate) async fn start(&self) -> String {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        url
    }

    /// Says what this moment wants from now on.
    pub(crate) fn play(&self, moment: &Moment) {
        let told = moment.collect.as_ref().and_then(|collect| collect.report.clone());
        *self.0.lock().unwrap() = Scripts { asked: moment.threescale.clone(), told };
    }
}

/// However it fails in the scenario, here it fails by a status: what comes of it is the same.
async fn answer(State(threescale): State<Threescale>, method: Method) -> (StatusCode, HeaderMap, String) {
    let scripts = threescale.0.lock().unwrap();
    let script = match method {
        Method::POST => scripts.told.clone().unwrap_or_else(Script::taken),
        _ => scripts.asked.clone().unwrap_or_else(Script::yes),
    };
    match script.reply(Duration::MAX) {
        Ok(reply) => (StatusCode::from_u16(reply.status).unwrap(), headers(&reply), reply.body),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, HeaderMap::new(), String::new()),
    }
}

fn headers(reply: &Reply) -> HeaderMap {
    let named = [
        ("3scale-rejection-reason", &reply.rejection_reason),
        ("3scale-limit-remaining", &reply.limit_remaining),
        ("3scale-limit-reset", &reply.limit_reset),
        ("3scale-limit-max-value", &reply.limit_max_value),
    ];
    let there = named.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    there.map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
}
