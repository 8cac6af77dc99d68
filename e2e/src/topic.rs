//! Amazon SNS, as far as publishing to one topic goes.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::net::TcpSocket;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::port::{bound, bound_again};

/// A topic on a port of its own. It takes messages until it is told otherwise.
#[derive(Debug)]
pub struct Topic {
    address: SocketAddr,
    desk: Arc<Desk>,
    serving: Option<Serving>,
    /// While closed, the port stays ours and refuses connections.
    reserved: Option<TcpSocket>,
}

/// A request to publish, whatever was answered.
#[derive(Clone, Debug)]
pub struct Publish {
    /// The body, still encoded.
    pub body: String,
    /// All of the form: `Action`, `TopicArn`, `Message`, `MessageAttributes.entry.1.Name`, ..
    pub fields: BTreeMap<String, String>,
    /// Whether it was answered with 200.
    pub accepted: bool,
    is_taken: bool,
}

#[derive(Debug)]
struct Desk {
    mood: watch::Sender<Mood>,
    publishes: watch::Sender<Vec<Publish>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Mood {
    /// After a delay.
    Accepting(Duration),
    /// Requests wait until the mood changes, and are answered accordingly.
    Holding,
    /// With a code and a message.
    Refusing(StatusCode, &'static str, String),
}

#[derive(Debug)]
struct Serving {
    hang_up: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Topic {
    /// What it is called.
    pub const ARN: &'static str = "arn:aws:sns:us-east-1:123456789012:uses";

    /// Starts a topic.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    pub fn start() -> Self {
        let socket = bound(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
        let address = socket.local_addr().expect("a bound socket has an address");
        let desk = Arc::new(Desk {
            mood: watch::Sender::new(Mood::Accepting(Duration::ZERO)),
            publishes: watch::Sender::default(),
        });
        Self { address, serving: Some(Serving::start(socket, &desk)), reserved: None, desk }
    }

    /// Returns its URL, for `AWS_ENDPOINT_URL_SNS`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes messages, those that it holds included.
    pub fn accept(&self) {
        self.accept_after(Duration::ZERO);
    }

    /// Takes messages, each after a delay.
    pub fn accept_after(&self, delay: Duration) {
        self.desk.mood.send_replace(Mood::Accepting(delay));
    }

    /// Holds requests without an answer, until it is told what to do about them.
    pub fn hold(&self) {
        self.desk.mood.send_replace(Mood::Holding);
    }

    /// Denies access, as to a role without `sns:Publish`.
    pub fn deny(&self) {
        self.deny_saying("told by the topic");
    }

    /// Denies access in these words; AWS repeats in its own what it was sent.
    pub fn deny_saying(&self, message: &str) {
        self.refuse(StatusCode::FORBIDDEN, "AuthorizationError", message);
    }

    /// Takes no more messages of this account for now.
    pub fn throttle(&self) {
        self.refuse(StatusCode::TOO_MANY_REQUESTS, "Throttled", "told by the topic");
    }

    /// Fails at every request.
    pub fn fail(&self) {
        self.refuse(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", "told by the topic");
    }

    fn refuse(&self, status: StatusCode, code: &'static str, message: &str) {
        self.desk.mood.send_replace(Mood::Refusing(status, code, message.to_owned()));
    }

    /// Closes its connections, and refuses new ones. What it holds is refused.
    pub async fn close(&mut self) {
        let Some(Serving { hang_up, task }) = self.serving.take() else { return };
        if *self.desk.mood.borrow() == Mood::Holding {
            self.fail();
        }
        drop(hang_up);
        let _ = task.await;
        self.reserved = Some(bound_again(self.address).await);
    }

    /// Takes connections again, after [`Topic::close`].
    pub fn open(&mut self) {
        if let Some(socket) = self.reserved.take() {
            self.serving = Some(Serving::start(socket, &self.desk));
        }
    }

    /// Waits until so many requests have come, answered or not.
    pub async fn requested(&self, count: usize) {
        let mut changes = self.desk.publishes.subscribe();
        // The topic holds the sender, so there is always a next change to wait for.
        let _ = changes.wait_for(|publishes| publishes.len() >= count).await;
    }

    /// Returns the requests so far.
    pub fn publishes(&self) -> Vec<Publish> {
        self.desk.publishes.borrow().clone()
    }

    /// Returns the messages that were accepted so far.
    pub fn accepted(&self) -> Vec<String> {
        let publishes = self.publishes().into_iter().filter(|publish| publish.accepted);
        publishes.map(|publish| publish.message()).collect()
    }

    /// Returns the messages that were accepted and not taken before.
    pub fn take_accepted(&self) -> Vec<String> {
        let mut messages = Vec::new();
        self.desk.publishes.send_modify(|publishes| {
            for publish in publishes.iter_mut().filter(|publish| publish.accepted && !publish.is_taken) {
                publish.is_taken = true;
                messages.push(publish.message());
            }
        });
        messages
    }
}

impl Publish {
    fn message(&self) -> String {
        self.fields.get("Message").cloned().unwrap_or_default()
    }
}

impl Serving {
    fn start(socket: TcpSocket, desk: &Arc<Desk>) -> Self {
        let listener = socket.listen(BACKLOG).expect("a bound socket can listen");
        let router = Router::new().fallback(answer).with_state(Arc::clone(desk));
        let (hang_up, end) = oneshot::channel::<()>();
        let until = async {
            let _ = end.await;
        };
        let task = tokio::spawn(async {
            // It ends only by the shutdown; accepting does not fail.
            let _ = axum::serve(listener, router).with_graceful_shutdown(until).await;
        });
        Self { hang_up, task }
    }
}

async fn answer(State(desk): State<Arc<Desk>>, body: String) -> Response {
    let number = desk.note(body);
    let mut moods = desk.mood.subscribe();
    let mood = moods.wait_for(|mood| *mood != Mood::Holding).await.expect("the desk holds the sender").clone();
    match mood {
        Mood::Accepting(delay) => tokio::time::sleep(delay).await,
        Mood::Refusing(status, code, message) => return (status, refusal(code, &message)).into_response(),
        Mood::Holding => unreachable!("that is what was waited for"),
    }
    desk.publishes.send_modify(|publishes| publishes[number].accepted = true);
    PUBLISHED.into_response()
}

impl Desk {
    /// Writes a request down, and returns its number.
    fn note(&self, body: String) -> usize {
        let fields = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let mut number = 0;
        self.publishes.send_modify(|publishes| {
            number = publishes.len();
            publishes.push(Publish { body, fields, accepted: false, is_taken: false });
        });
        number
    }
}

fn refusal(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
    )
}

const BACKLOG: u32 = 1024;
const PUBLISHED: &str = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
    <MessageId>94f20ce6-13c5-43a0-9a9e-ca52d816e90b</MessageId></PublishResult></PublishResponse>";
