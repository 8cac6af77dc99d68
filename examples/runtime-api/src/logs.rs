//! What a function writes to its standard output and error, line by line.

use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::watch;

/// The lines of all of a function's processes, in the order they were read.
#[derive(Debug, Clone)]
pub(crate) struct Logs {
    lines: Arc<watch::Sender<Vec<String>>>,
    echo: bool,
}

impl Logs {
    pub(crate) fn new(echo: bool) -> Logs {
        Logs { lines: Arc::default(), echo }
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.borrow().clone()
    }

    /// Waits for the first line that contains `text`.
    pub(crate) async fn containing(&self, text: &str) -> String {
        let found = |lines: &Vec<String>| lines.iter().find(|line| line.contains(text)).cloned();
        let mut changes = self.lines.subscribe();
        // `self` holds the sender, so there is always a next change to wait for.
        let lines = changes.wait_for(|lines| found(lines).is_some()).await;
        lines.ok().and_then(|lines| found(&lines)).unwrap_or_default()
    }

    /// Reads `from` to its end. What is not UTF-8 is replaced, not lost with its line.
    pub(crate) async fn read(self, from: impl AsyncRead + Unpin) {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while matches!(from.read_until(b'\n', &mut line).await, Ok(1..)) {
            let text = String::from_utf8_lossy(&line);
            let text = text.strip_suffix('\n').unwrap_or(&text).to_owned();
            if self.echo {
                eprintln!("{text}");
            }
            self.lines.send_modify(|lines| lines.push(text));
            line.clear();
        }
    }
}
