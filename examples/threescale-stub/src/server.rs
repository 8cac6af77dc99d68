use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, State};
use axum::http;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::fault::{Effect, Faults};
use crate::socket::{CuttableListener, Scissors};
use crate::{Backend, Clock, Endpoint, Fault, Request, Response};

/// A [`Backend`] behind a socket. Dropping it closes the socket and ends the requests that hang.
#[derive(Debug)]
#[must_use = "a dropped server closes its socket"]
pub struct Server {
    address: SocketAddr,
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
    faults: Arc<Mutex<Faults>>,
}

/// What a server did with one request, without anything that could be a credential.
#[derive(Clone, Debug)]
pub struct Served {
    /// The method.
    pub method: String,
    /// What was asked for.
    pub endpoint: Endpoint,
    /// The status that was sent; `None` if the request was not answered.
    pub status: Option<u16>,
}

#[derive(Clone)]
struct Shared {
    backend: Arc<Mutex<Backend>>,
    clock: Clock,
    faults: Arc<Mutex<Faults>>,
    stopped: watch::Receiver<()>,
    observer: Arc<dyn Fn(Served) + Send + Sync>,
}

impl Server {
    /// Serves the backend in a task of the current Tokio runtime. The caller keeps a handle of the backend to look at
    /// it and to change it.
    ///
    /// Fails if the listener's address cannot be read.
    ///
    /// # Panics
    ///
    /// If there is no current Tokio runtime.
    pub fn start(listener: TcpListener, backend: Arc<Mutex<Backend>>, clock: Clock) -> io::Result<Server> {
        Server::start_observed(listener, backend, clock, |_| {})
    }

    /// Like [`Server::start`], and tells the observer of every request.
    pub fn start_observed(
        listener: TcpListener,
        backend: Arc<Mutex<Backend>>,
        clock: Clock,
        observer: impl Fn(Served) + Send + Sync + 'static,
    ) -> io::Result<Server> {
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(());
        let faults = Arc::new(Mutex::new(Faults::always(None)));
        let observer = Arc::new(observer);
        let shared = Shared { backend, clock, faults: Arc::clone(&faults), stopped: stopped.clone(), observer };
        let service =
            Router::new().fallback(handle).with_state(shared).into_make_service_with_connect_info::<Scissors>();
        let serving = axum::serve(CuttableListener(listener), service).with_graceful_shutdown(until_stopped(stopped));
        let task = tokio::spawn(async {
            // It ends only by the shutdown; accepting does not fail.
            let _ = serving.await;
        });
        Ok(Server { address, stop, task, faults })
    }

    /// Returns the address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the base URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes the next requests fail in this way, or answers them properly again. Requests that hang already stay so.
    pub fn set_fault(&self, fault: impl Into<Option<Fault>>) {
        *locked(&self.faults) = Faults::always(fault.into());
    }

    /// Lets the caller choose how each of the next requests fails, or that it does not. Without a fault a request is
    /// answered as soon as that is said, whether or not anybody still waits for the answer.
    pub fn choose_faults(&self, choose: impl FnMut(&Request) -> Option<Fault> + Send + 'static) {
        *locked(&self.faults) = Faults::chosen(choose);
    }

    /// Closes the socket and waits until the requests under way are done; those that hang are cut.
    pub async fn stop(self) {
        let Server { stop, task, .. } = self;
        drop(stop);
        let _ = task.await;
    }
}

async fn handle(
    State(shared): State<Shared>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: http::Request<Body>,
) -> http::Response<Body> {
    let Some(request) = read(request).await else {
        return sent(Response::raw(413, ""));
    };
    let answer = shared.answer_or_fail(&request).await;
    (shared.observer)(Served {
        method: request.method.clone(),
        endpoint: Endpoint::of(&request),
        status: answer.as_ref().map(|answer| answer.status),
    });
    answer.map_or_else(
        || {
            scissors.cut();
            http::Response::default()
        },
        sent,
    )
}

impl Shared {
    /// Returns the answer, or `None` where the connection is to be cut.
    async fn answer_or_fail(&self, request: &Request) -> Option<Response> {
        let effect = locked(&self.faults).strike(request);
        match effect {
            None => Some(self.answer(request)),
            Some(Effect::Answer(response)) => Some(response),
            Some(Effect::Cut) => None,
            Some(Effect::Hang) => {
                until_stopped(self.stopped.clone()).await;
                None
            }
            Some(Effect::CountThenHang) => {
                let _lost = self.answer(request);
                until_stopped(self.stopped.clone()).await;
                None
            }
            Some(Effect::CountThenCut) => {
                let _lost = self.answer(request);
                None
            }
            Some(Effect::Delay(by)) => {
                tokio::select! {
                    () = tokio::time::sleep(by) => Some(self.answer(request)),
                    () = until_stopped(self.stopped.clone()) => None,
                }
            }
        }
    }

    fn answer(&self, request: &Request) -> Response {
        locked(&self.backend).answer(request, self.clock.now_ms())
    }
}

/// Waits until the server is stopped or dropped.
async fn until_stopped(mut stopped: watch::Receiver<()>) {
    // Nothing is ever sent; the error tells that the sender is gone.
    while stopped.changed().await.is_ok() {}
}

async fn read(request: http::Request<Body>) -> Option<Request> {
    let (head, body) = request.into_parts();
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Some(Request {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: to_bytes(body, MAX_BODY_BYTES).await.ok()?.to_vec(),
    })
}

fn sent(response: Response) -> http::Response<Body> {
    let mut built = http::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        built = built.header(name, value);
    }
    built.body(Body::from(response.body)).unwrap_or_else(|_| {
        let mut failed = http::Response::default();
        *failed.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        failed
    })
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Twice what the backend accepts, so that it can refuse the rest itself.
const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;
