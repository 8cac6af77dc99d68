//! As much of HTTP/1.1 as a Runtime API needs, and no more: it must cost less than what it measures.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A connection of a client that keeps it alive.
pub(crate) struct Connection(BufReader<TcpStream>);

/// A request.
pub(crate) struct Request {
    /// As in `GET /path`.
    pub(crate) what: String,
    pub(crate) body: String,
}

/// An answer.
pub(crate) struct Response<'a> {
    /// As in `200 OK`.
    pub(crate) status: &'a str,
    /// Lines with their ends.
    pub(crate) headers: String,
    pub(crate) body: &'a str,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        stream.set_nodelay(true).expect("a socket that is open");
        Self(BufReader::new(stream))
    }

    /// Reads the next request; `None` if there is none any more.
    pub(crate) async fn read(&mut self) -> Option<Request> {
        let first = self.line().await?;
        let what = first.rsplit_once(' ')?.0.to_owned();
        let mut length = 0;
        loop {
            let line = self.line().await?.to_ascii_lowercase();
            match line.split_once(':') {
                None => break,
                Some(("content-length", number)) => length = number.trim().parse().ok()?,
                Some(("transfer-encoding", _)) => panic!("the length of a body is told before it"),
                Some(_) => {}
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.ok()?;
        Some(Request { what, body: String::from_utf8(body).ok()? })
    }

    pub(crate) async fn write(&mut self, response: Response<'_>) -> Option<()> {
        let Response { status, headers, body } = response;
        let length = body.len();
        let text = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}");
        self.0.write_all(text.as_bytes()).await.ok()
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        self.0.read_line(&mut line).await.ok().filter(|length| *length > 0)?;
        line.truncate(line.trim_end().len());
        Some(line)
    }
}
