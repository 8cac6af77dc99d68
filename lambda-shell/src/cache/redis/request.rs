//! What is asked of a server.

use redis::aio::MultiplexedConnection;
use redis::{Cmd, ErrorKind, RedisResult, ServerErrorKind, Value};

/// A script of ours.
#[derive(Debug)]
pub(super) struct Script {
    text: &'static str,
    hash: String,
}

impl Script {
    pub(super) fn new(text: &'static str) -> Self {
        Self { text, hash: redis::Script::new(text).get_hash().to_owned() }
    }
}

/// A script, and what it is to run on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) script: &'a Script,
    pub(super) key: &'a str,
    pub(super) arguments: &'a [String],
}

/// A request, which is answered once.
#[derive(Clone, Copy, Debug)]
pub(super) enum Request<'a> {
    /// Run a script.
    Run(Call<'a>),
    /// Run a script on a key whose slot is only just moving there.
    RunAhead(Call<'a>),
    /// Tell who serves which slots of the cluster.
    Slots,
    /// Name some of the keys that have this pattern, and where to go on.
    Scan { cursor: u64, pattern: &'a str },
}

impl Request<'_> {
    /// Sends it, and waits for the answer.
    pub(super) async fn send(&self, connection: &mut MultiplexedConnection) -> RedisResult<Value> {
        match self {
            Self::Run(call) => call.run(connection).await,
            Self::RunAhead(call) => call.run_ahead(connection).await,
            Self::Slots => redis::cmd("CLUSTER").arg("SLOTS").query_async(connection).await,
            Self::Scan { cursor, pattern } => {
                let mut scan = redis::cmd("SCAN");
                scan.arg(cursor).arg("MATCH").arg(pattern).arg("COUNT").arg(AT_A_TIME);
                scan.query_async(connection).await
            }
        }
    }
}

impl Call<'_> {
    /// A server that does not know the script ran nothing, so it may be told the whole of it.
    async fn run(&self, connection: &mut MultiplexedConnection) -> RedisResult<Value> {
        match self.command("EVALSHA", &self.script.hash).query_async(connection).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.command("EVAL", self.script.text).query_async(connection).await
            }
            answer => answer,
        }
    }

    /// `ASKING` holds for the next command of a connection, so both go out as one.
    async fn run_ahead(&self, connection: &mut MultiplexedConnection) -> RedisResult<Value> {
        let mut both = redis::Pipeline::with_capacity(2);
        both.cmd("ASKING").add_command(self.command("EVAL", self.script.text));
        let answer = connection.send_packed_commands(&both, 1, 1).await?.pop();
        answer.unwrap_or(Value::Nil).extract_error()
    }

    fn command(&self, name: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(script).arg(1).arg(self.key).arg(self.arguments);
        command
    }
}

/// A server looks at so many names before others have their turn: for a millisecond or two.
const AT_A_TIME: u32 = 1000;
