//! A 3scale that knows the marked credentials, and says what it is told to say.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use threescale_stub::{Application, Backend, Clock, Fault, Plan, Response, Server, Service, ServiceKind};
use tokio::net::TcpListener;

use crate::marks::{APP_KEY, FOREIGN_TEXT, PROVIDER_KEY, SERVICE_TOKEN, UNKNOWN_KEY, USER_KEY};

pub(crate) struct Threescale {
    server: Server,
    fault: Arc<Mutex<Option<Fault>>>,
    requests: Arc<Mutex<Vec<u8>>>,
}

/// The user keys that 3scale knows. They are told apart by their ends, behind the marks.
pub(crate) fn user_key(number: usize) -> String {
    format!("{USER_KEY}{number}")
}

pub(crate) const APP_ID: &str = "gold";
pub(crate) const USER_KEYS: usize = 40;

impl Threescale {
    pub(crate) async fn start(kind: ServiceKind) -> Self {
        let plan = Plan::new("Unlimited");
        let service = Service::new("7", SERVICE_TOKEN, kind).with_metric("hits");
        let service = match kind {
            ServiceKind::UserKey => (0..USER_KEYS).fold(service, |service, number| {
                service.with_application(Application::by_user_key(&user_key(number), &plan))
            }),
            _ => service.with_application(Application::by_id(APP_ID, &plan).with_key(APP_KEY)),
        };
        let backend = Arc::new(Mutex::new(Backend::new(PROVIDER_KEY).with_service(service)));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let server = Server::start(listener, backend, Clock::system()).unwrap();
        let (fault, requests) = (Arc::new(Mutex::new(None)), Arc::new(Mutex::new(Vec::new())));
        let (chosen, noted) = (Arc::clone(&fault), Arc::clone(&requests));
        server.choose_faults(move |request| {
            let mut noted = noted.lock().unwrap();
            noted.extend([request.query.as_bytes(), &request.body, b"\n"].concat());
            chosen.lock().unwrap().clone()
        });
        Self { server, fault, requests }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    pub(crate) fn set_fault(&self, fault: impl Into<Option<Fault>>) {
        *self.fault.lock().unwrap() = fault.into();
    }

    /// All that it was sent.
    pub(crate) fn requests(&self) -> Vec<u8> {
        self.requests.lock().unwrap().clone()
    }

    /// Answers that repeat secrets wherever an answer has room for a text, and those that are none.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        let told = format!("user key {UNKNOWN_KEY:?}, token {SERVICE_TOKEN:?}, {FOREIGN_TEXT}");
        let error =
            |code: &str| format!("<error code=\"{code}\">{}</error>", told.replace('&', "&amp;").replace('<', "&lt;"));
        let escaped: String = form_urlencoded::byte_serialize(told.as_bytes()).collect();
        let refusal = |status, code: &str| Response::raw(status, &error(code));
        let status = |more: &str| format!("<status><authorized>{more}");
        let mut answers: Vec<_> = [
            (403, "user_key_invalid"),
            (403, "service_token_invalid"),
            (403, "provider_key_invalid"),
            (404, "application_not_found"),
            (404, "metric_invalid"),
            (409, "limits_exceeded"),
            (409, FOREIGN_TEXT),
            (422, FOREIGN_TEXT),
        ]
        .map(|(status, code)| refusal(status, code).with_header("3scale-rejection-reason", code))
        .into();
        answers.extend([403, 404, 409, 429, 500, 503].map(|status| Response::raw(status, &told)));
        answers.extend([
            Response::raw(200, &format!("<html>{told}</html>")),
            Response::raw(200, &status(&format!("false</authorized><reason>{FOREIGN_TEXT}</reason></status>"))),
            Response::raw(200, &status(&format!("true</authorized><{FOREIGN_TEXT}"))),
            Response::raw(302, &told).with_header("location", &format!("{}/?user_key={escaped}", self.url())),
            Response::raw(200, "<status><authorized>true</authorized></status>")
                .with_header("3scale-limit-remaining", FOREIGN_TEXT)
                .with_header("3scale-limit-reset", FOREIGN_TEXT)
                .with_header("3scale-limit-max-value", FOREIGN_TEXT),
        ]);
        answers.into_iter().map(Fault::answer).chain([Fault::cut(), Fault::count_then_cut()]).collect()
    }
}
