//! A Redis server as a child process.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use authz_core::credential::Secret;
use authz_core::settings::CacheServer;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::Probe;
use crate::certificate::Certificate;
use crate::port::free_port;

/// A Redis server on a port of its own, which nobody else uses. Dropping it kills it and removes its data.
#[derive(Debug)]
pub struct RedisServer {
    process: Child,
    ports: Ports,
    config: RedisConfig,
    directory: TempDir,
}

#[derive(Clone, Copy, Debug)]
struct Ports {
    clients: u16,
    /// Where the servers of a cluster talk to each other.
    bus: u16,
}

/// What a server is to be like. By default anybody may do anything, and what it holds ends with the process.
#[derive(Clone, Debug, Default)]
pub struct RedisConfig {
    lines: String,
    username: Option<String>,
    password: Option<Secret>,
    certificate: Option<Certificate>,
    is_of_a_cluster: bool,
}

impl RedisConfig {
    /// Adds a line of `redis.conf`.
    #[must_use]
    pub fn with(mut self, line: &str) -> Self {
        self.lines.push_str(line);
        self.lines.push('\n');
        self
    }

    /// Writes down every change before it is answered, so that a restart finds it.
    #[must_use]
    pub fn keeping_data(self) -> Self {
        self.with("appendonly yes").with("appendfsync always")
    }

    /// Lets in who knows the password.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        self.password = Some(Secret::new(password));
        self.with(&format!("requirepass {password}"))
    }

    /// Lets in this user alone.
    #[must_use]
    pub fn with_user(mut self, name: &str, password: &str) -> Self {
        self.username = Some(name.to_owned());
        self.password = Some(Secret::new(password));
        self.with("user default off").with(&format!("user {name} on >{password} ~* &* +@all"))
    }

    /// Is ready to join others. Where one of them is missing, the others serve what they have.
    #[must_use]
    pub(crate) fn of_a_cluster(mut self) -> Self {
        self.is_of_a_cluster = true;
        self.with("cluster-enabled yes").with("cluster-require-full-coverage no")
    }

    /// Speaks TLS alone, with a certificate for this host by an authority of its own.
    #[must_use]
    pub fn with_tls(mut self, host: &str) -> Self {
        self.certificate = Some(Certificate::of(host));
        self
    }
}

impl RedisServer {
    /// Starts a server, and returns when it answers.
    ///
    /// # Panics
    ///
    /// If `redis-server` is not installed, or does not answer.
    pub async fn start(config: RedisConfig) -> Self {
        let mut problem = String::new();
        for _ in 0..ATTEMPTS {
            let directory = tempfile::tempdir().expect("a temporary directory");
            let ports = Ports { clients: free_port(), bus: free_port() };
            let process = spawn(ports, &config, directory.path());
            let mut server = Self { process, ports, config: config.clone(), directory };
            match server.until_ready().await {
                Ok(()) => return server,
                Err(why) => problem = why,
            }
        }
        panic!("redis-server does not start: {problem}");
    }

    /// Returns how a cache reaches it, with time limits that only a fault exceeds.
    pub fn settings(&self) -> CacheServer {
        CacheServer {
            host: if self.config.certificate.is_some() { "localhost" } else { "127.0.0.1" }.to_owned(),
            port: self.ports.clients,
            tls: self.config.certificate.is_some(),
            cluster: self.config.is_of_a_cluster,
            username: self.config.username.clone(),
            auth_token: self.config.password.clone(),
            timeout: PATIENCE,
        }
    }

    /// Where it meets others of its cluster.
    pub(crate) fn meeting_point(&self) -> [String; 3] {
        ["127.0.0.1".to_owned(), self.ports.clients.to_string(), self.ports.bus.to_string()]
    }

    /// Whether it was not stopped.
    pub(crate) fn is_running(&self) -> bool {
        self.process.id().is_some()
    }

    /// Returns the file of the authority that issued its certificate.
    ///
    /// # Panics
    ///
    /// If it does not speak TLS.
    pub fn ca_file(&self) -> String {
        assert!(self.config.certificate.is_some(), "a server without TLS");
        self.directory.path().join(CA_FILE).display().to_string()
    }

    /// Connects past the network and its TLS, to look into it.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    pub async fn probe(&self) -> Probe {
        self.connect().await.expect("a server that answers")
    }

    async fn connect(&self) -> redis::RedisResult<Probe> {
        Probe::connect(&self.directory.path().join(SOCKET), &self.settings()).await
    }

    /// Returns everything that it wrote, its log included. Its configuration, which it was given, is left out.
    ///
    /// # Panics
    ///
    /// If that can't be read.
    pub fn written(&self) -> Vec<u8> {
        let mut folders = vec![self.directory.path().to_owned()];
        let mut written = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a directory of our own") {
                let path = entry.expect("a directory of our own").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.is_file() && path.file_name().is_some_and(|name| name != CONFIG) {
                    written.extend(std::fs::read(path).expect("a file of our own"));
                }
            }
        }
        written
    }

    /// Kills it, as a crash would.
    ///
    /// # Panics
    ///
    /// If it can't be killed.
    pub async fn stop(&mut self) {
        if self.process.id().is_some() {
            self.process.kill().await.expect("a process of our own can be killed");
        }
    }

    /// Kills it if it runs, starts it again on the same port, and returns when it answers.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.process = spawn(self.ports, &self.config, self.directory.path());
        self.until_ready().await.expect("a server that started before starts again");
    }

    /// Stops it in the middle of whatever it does: connections stay, and nobody answers.
    ///
    /// # Panics
    ///
    /// If it does not run.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
        // NOWAIT leaves the exit status to the one who waits for it.
        let news = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(self.pid()), news).expect("a child of our own can be waited for");
    }

    /// Lets it go on.
    ///
    /// # Panics
    ///
    /// If it does not run.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("a child of our own takes signals");
    }

    fn pid(&self) -> Pid {
        let id = self.process.id().expect("a server that was not stopped");
        i32::try_from(id).ok().and_then(Pid::from_raw).expect("the id of a process")
    }

    async fn until_ready(&mut self) -> Result<(), String> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if self.process.try_wait().is_ok_and(|status| status.is_some()) {
                return Err(self.log());
            }
            if self.is_ready().await {
                return Ok(());
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Err(self.log())
    }

    /// Whether it is this very process that answers, and not another that took the port first.
    async fn is_ready(&self) -> bool {
        let Ok(probe) = self.connect().await else { return false };
        let is_loaded = probe.is_loaded().await;
        is_loaded && self.process.id().is_some_and(|id| u64::from(id) == probe.process_id)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join(LOG)).unwrap_or_default()
    }
}

fn spawn(ports: Ports, config: &RedisConfig, directory: &Path) -> Child {
    let path = directory.join(CONFIG);
    // Without compression a search in serialized values finds every text.
    let text = format!(
        "{listening}\nbind 127.0.0.1\nunixsocket {dir}/{SOCKET}\ndir {dir}\nlogfile {LOG}\nsave \"\"\nrdbcompression no\n{lines}",
        listening = listening(ports, config, directory),
        dir = directory.display(),
        lines = config.lines,
    );
    write(&path, &text);
    let spawned = Command::new("redis-server")
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    spawned.unwrap_or_else(|error| match error.kind() {
        ErrorKind::NotFound => {
            panic!("redis-server is missing: `apt-get install redis-server`, or let `cargo xtask test` bring it")
        }
        _ => panic!("redis-server can't be started: {error}"),
    })
}

/// Returns the lines that say where it listens, and writes the files they name.
fn listening(ports: Ports, config: &RedisConfig, directory: &Path) -> String {
    let Ports { clients, bus } = ports;
    let mut lines = if config.is_of_a_cluster { format!("cluster-port {bus}\n") } else { String::new() };
    let Some(certificate) = &config.certificate else { return format!("{lines}port {clients}") };
    write(&directory.join(CA_FILE), &certificate.authority);
    write(&directory.join("server.pem"), &certificate.chain);
    write(&directory.join("server.key"), &certificate.key);
    if config.is_of_a_cluster {
        lines += "tls-cluster yes\ncluster-announce-hostname localhost\ncluster-preferred-endpoint-type hostname\n";
    }
    format!(
        "{lines}port 0\ntls-port {clients}\ntls-auth-clients no\ntls-ca-cert-file {dir}/{CA_FILE}\n\
         tls-cert-file {dir}/server.pem\ntls-key-file {dir}/server.key",
        dir = directory.display(),
    )
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).expect("a temporary directory takes files");
}

const ATTEMPTS: usize = 5;
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);
const CA_FILE: &str = "ca.pem";
const CONFIG: &str = "redis.conf";
const LOG: &str = "redis.log";
const PATIENCE: Duration = Duration::from_secs(20);
const SOCKET: &str = "redis.sock";
