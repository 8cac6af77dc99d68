//! Lambda, as one process sees it: the Runtime API, and the Extensions API for one internal extension.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use crate::http::{Connection, Request, Response};

/// Both APIs on a port of their own, for one process. They notice when they are asked.
pub(crate) struct Lambda {
    pub(crate) address: SocketAddr,
    events: UnboundedSender<String>,
    invokes: UnboundedSender<()>,
    heard: UnboundedReceiver<Heard>,
    runtime_waits: bool,
    extension: Extension,
    _serving: JoinSet<()>,
}

#[derive(PartialEq)]
enum Extension {
    None,
    Works,
    Waits,
}

/// What the process asked or answered.
enum Heard {
    RuntimeWaits(Instant),
    Answered(Instant, String),
    ExtensionRegistered,
    ExtensionWaits,
}

/// What connections share.
struct Desk {
    events: Mutex<UnboundedReceiver<String>>,
    invokes: Mutex<UnboundedReceiver<()>>,
    heard: UnboundedSender<Heard>,
}

impl Lambda {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let ((events, waiting_events), (invokes, waiting_invokes)) = (unbounded_channel(), unbounded_channel());
        let (hear, heard) = unbounded_channel();
        let (events_left, invokes_left) = (Mutex::new(waiting_events), Mutex::new(waiting_invokes));
        let desk = Arc::new(Desk { events: events_left, invokes: invokes_left, heard: hear });
        let mut serving = JoinSet::new();
        serving.spawn(accept(listener, desk));
        Self { address, events, invokes, heard, runtime_waits: false, extension: Extension::None, _serving: serving }
    }

    /// Waits until the init phase or the last invocation is over, and returns when the runtime was ready.
    pub(crate) async fn ready(&mut self) -> Instant {
        let mut ready = Instant::now();
        while !self.runtime_waits || self.extension == Extension::Works {
            match self.heard.recv().await.expect("the desk holds the sender") {
                Heard::RuntimeWaits(at) => (self.runtime_waits, ready) = (true, at),
                Heard::ExtensionRegistered => self.extension = Extension::Works,
                Heard::ExtensionWaits => self.extension = Extension::Waits,
                Heard::Answered(..) => panic!("nothing was asked"),
            }
        }
        ready
    }

    /// Sends an event, and returns the answer, when it came, and how long after the event.
    pub(crate) async fn invoke(&mut self, event: String) -> (String, Instant, Duration) {
        self.ready().await;
        self.runtime_waits = false;
        let begun = Instant::now();
        self.events.send(event).expect("the process waits for it");
        if self.extension == Extension::Waits {
            self.extension = Extension::Works;
            self.invokes.send(()).expect("the process waits for it");
        }
        loop {
            match self.heard.recv().await.expect("the desk holds the sender") {
                Heard::Answered(at, answer) => return (answer, at, at - begun),
                Heard::ExtensionWaits => self.extension = Extension::Waits,
                Heard::RuntimeWaits(_) | Heard::ExtensionRegistered => panic!("an answer is wanted first"),
            }
        }
    }
}

async fn accept(listener: TcpListener, desk: Arc<Desk>) {
    let mut conversations = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let desk = Arc::clone(&desk);
        conversations.spawn(async move {
            let mut connection = Connection::new(stream);
            while let Some(request) = connection.read().await {
                desk.answer(&mut connection, request).await;
            }
        });
    }
}

impl Desk {
    /// Answers a request; a process that is gone does not mind.
    async fn answer(&self, connection: &mut Connection, Request { what, body }: Request) -> Option<()> {
        let now = Instant::now();
        let none = String::new();
        match what.as_str() {
            "GET /2018-06-01/runtime/invocation/next" => {
                self.hear(Heard::RuntimeWaits(now));
                let event = self.events.lock().await.recv().await?;
                connection.write(Response { status: "200 OK", headers: EVENT_HEADERS.to_owned(), body: &event }).await
            }
            "POST /2020-01-01/extension/register" => {
                self.hear(Heard::ExtensionRegistered);
                let headers = "lambda-extension-identifier: 1\r\n".to_owned();
                connection.write(Response { status: "200 OK", headers, body: FUNCTION }).await
            }
            "GET /2020-01-01/extension/event/next" => {
                self.hear(Heard::ExtensionWaits);
                self.invokes.lock().await.recv().await?;
                connection.write(Response { status: "200 OK", headers: none, body: INVOKE }).await
            }
            _ if what.ends_with("/response") => {
                self.hear(Heard::Answered(now, body));
                connection.write(Response { status: "202 Accepted", headers: none, body: "" }).await
            }
            _ => panic!("{what}: {body}"),
        }
    }

    fn hear(&self, heard: Heard) {
        // Nobody listens when the measurement is over.
        let _ = self.heard.send(heard);
    }
}

const EVENT_HEADERS: &str = "\
    content-type: application/json\r\n\
    lambda-runtime-aws-request-id: c6af9ac6-7b61-11e6-9a41-93e8deadbeef\r\n\
    lambda-runtime-deadline-ms: 4102444800000\r\n\
    lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:123456789012:function:authorizer\r\n\
    lambda-runtime-trace-id: Root=1-6a1b2c3d-0123456789abcdef01234567\r\n";
const FUNCTION: &str = r#"{"functionName":"authorizer","functionVersion":"$LATEST","handler":"bootstrap"}"#;
const INVOKE: &str = r#"{"eventType":"INVOKE","deadlineMs":4102444800000,"requestId":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","invokedFunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:authorizer","tracing":{"type":"X-Amzn-Trace-Id","value":"Root=1-6a1b2c3d-0123456789abcdef01234567"}}"#;
