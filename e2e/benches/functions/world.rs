//! What the function asks: Redis, and 3scale behind TLS. And a topic that takes its messages.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use e2e::{RedisServer, Topic, binary, floor};
use rcgen::CertifiedKey;
use tempfile::TempDir;
use threescale_stub::{Application, Backend, Clock, Period, Plan, Server, Service, ServiceKind};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::function::Setup;

/// A 3scale with one application, whose limits are never met, and a topic.
pub(crate) struct World {
    threescale: SocketAddr,
    certificate: String,
    topic: Topic,
    files: TempDir,
    _server: Server,
    _tls: JoinSet<()>,
}

impl World {
    pub(crate) async fn start() -> Self {
        let server = threescale().await;
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
        let config =
            ServerConfig::builder_with_provider(Arc::new(tokio_rustls::rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .expect("versions that the provider knows")
                .with_no_client_auth()
                .with_single_cert(vec![cert.der().clone()], key)
                .expect("a key that fits");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let threescale = listener.local_addr().expect("a bound socket has an address");
        let mut tls = JoinSet::new();
        tls.spawn(terminate(listener, TlsAcceptor::from(Arc::new(config)), server.address()));
        let files = tempfile::tempdir().expect("a temporary directory");
        Self { threescale, certificate: cert.pem(), topic: Topic::start(), files, _server: server, _tls: tls }
    }

    /// A function that does nothing.
    pub(crate) fn noop() -> Setup {
        Setup { program: floor("noop"), variables: BTreeMap::new() }
    }

    /// A function that does nothing but send this request.
    pub(crate) fn one_request(redis: &RedisServer, request: &str) -> Setup {
        let url = format!("redis://127.0.0.1:{}", redis.settings().port);
        let variables = [("REDIS_URL", url.as_str()), ("REDIS_REQUEST", request)];
        Setup { program: floor("one-request"), variables: owned(variables) }
    }

    /// An authorizer that asks 3scale each time.
    pub(crate) fn without_cache(&self) -> Setup {
        self.authorizer("3scale.pem", &self.certificate, &[])
    }

    /// An authorizer with a cache. What it remembers stays fresh for as long as anything is measured.
    pub(crate) fn with_cache(&self, redis: &RedisServer) -> Setup {
        let server = redis.settings();
        let certificates = if server.tls {
            fs::read_to_string(redis.ca_file()).expect("a server with a certificate") + &self.certificate
        } else {
            self.certificate.clone()
        };
        let (port, topic) = (server.port.to_string(), self.topic.endpoint());
        let cache = [
            ("AWS_ACCESS_KEY_ID", "AKID"),
            ("AWS_ENDPOINT_URL_SNS", topic.as_str()),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("CACHE_GRANT_TTL_SECS", "3600"),
            ("ELASTICACHE_ENDPOINT", &server.host),
            ("ELASTICACHE_PORT", &port),
            ("ELASTICACHE_TIMEOUT_MS", "5000"),
            ("ELASTICACHE_TLS", if server.tls { "true" } else { "false" }),
            ("SNS_TOPIC_ARN", Topic::ARN),
        ];
        self.authorizer(&format!("{port}.pem"), &certificates, &cache)
    }

    fn authorizer(&self, ca_file: &str, certificates: &str, more: &[(&str, &str)]) -> Setup {
        let ca_file = self.files.path().join(ca_file);
        fs::write(&ca_file, certificates).expect("a temporary directory takes files");
        let (ca_file, backend) =
            (ca_file.display().to_string(), format!("https://localhost:{}", self.threescale.port()));
        let usual = [
            ("THREESCALE_BACKEND_URL", backend.as_str()),
            ("THREESCALE_SERVICE_ID", "7"),
            ("THREESCALE_SERVICE_TOKEN", "token"),
            ("THREESCALE_TIMEOUT_MS", "10000"),
            ("TLS_CA_FILE", &ca_file),
        ];
        Setup { program: binary("authorizer"), variables: owned(usual.iter().chain(more).copied()) }
    }
}

fn owned<'v>(variables: impl IntoIterator<Item = (&'v str, &'v str)>) -> BTreeMap<String, String> {
    variables.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}

async fn threescale() -> Server {
    let plan = Plan::new("Gold").limit("hits", Period::Eternity, u64::from(u32::MAX));
    let service = Service::new("7", "token", ServiceKind::UserKey).with_metric("hits");
    let service = service.with_application(Application::by_user_key(USER_KEY, &plan));
    let backend = Backend::new("provider-key").with_service(service);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    Server::start(listener, Arc::new(Mutex::new(backend)), Clock::system()).expect("a socket with an address")
}

/// Takes TLS off whatever comes, and hands it on.
async fn terminate(listener: TcpListener, acceptor: TlsAcceptor, server: SocketAddr) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        connections.spawn(async move {
            client.set_nodelay(true)?;
            let (mut client, mut server) = (acceptor.accept(client).await?, TcpStream::connect(server).await?);
            server.set_nodelay(true)?;
            copy_bidirectional(&mut client, &mut server).await.map(drop)
        });
    }
}

/// The event of a REST API's REQUEST authorizer, with all that API Gateway puts into it.
pub(crate) const EVENT: &str = include_str!("../../../authz-core/benches/core/event.json");
const USER_KEY: &str = "0123456789abcdef0123456789abcdef";
