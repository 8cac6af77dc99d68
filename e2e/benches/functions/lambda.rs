//! Lambda, as one process sees it: the Runtime API.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use crate::http::{Connection, Request, Response};

/// A Runtime API on a port of its own, for one process. It notices when it is asked.
pub(crate) struct Lambda {
    pub(crate) address: SocketAddr,
    events: UnboundedSender<String>,
    heard: UnboundedReceiver<Heard>,
    /// Since when the runtime waits for an event.
    ready: Option<Instant>,
    _serving: JoinSet<()>,
}

/// What the process asked or answered.
enum Heard {
    Ready(Instant),
    Answered(Instant, String),
}

/// What connections share.
struct Desk {
    events: Mutex<UnboundedReceiver<String>>,
    heard: UnboundedSender<Heard>,
}

impl Lambda {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let ((events, waiting), (hear, heard)) = (unbounded_channel(), unbounded_channel());
        let desk = Arc::new(Desk { events: Mutex::new(waiting), heard: hear });
        let mut serving = JoinSet::new();
        serving.spawn(accept(listener, desk));
        Self { address, events, heard, ready: None, _serving: serving }
    }

    /// Waits until the init phase or the last invocation is over, and returns when the runtime was ready.
    pub(crate) async fn ready(&mut self) -> Instant {
        if let Some(ready) = self.ready {
            return ready;
        }
        let Heard::Ready(ready) = self.hear().await else { panic!("nothing was asked") };
        *self.ready.insert(ready)
    }

    /// Sends an event, and returns the answer, when it came, and how long after the event.
    pub(crate) async fn invoke(&mut self, event: String) -> (String, Instant, Duration) {
        self.ready().await;
        self.ready = None;
        let begun = Instant::now();
        self.events.send(event).expect("the process waits for it");
        let Heard::Answered(at, answer) = self.hear().await else { panic!("an answer is wanted first") };
        (answer, at, at - begun)
    }

    async fn hear(&mut self) -> Heard {
        self.heard.recv().await.expect("the desk holds the sender")
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
        match what.as_str() {
            "GET /2018-06-01/runtime/invocation/next" => {
                self.hear(Heard::Ready(now));
                let event = self.events.lock().await.recv().await?;
                connection.write(Response { status: "200 OK", headers: EVENT_HEADERS.to_owned(), body: &event }).await
            }
            _ if what.ends_with("/response") => {
                self.hear(Heard::Answered(now, body));
                connection.write(Response { status: "202 Accepted", headers: String::new(), body: "" }).await
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
