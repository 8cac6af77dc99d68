//! Functions of Lambda.

use std::io::{Cursor, Write as _};

use reqwest::Method;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{Aws, Queue};

/// A function to be created.
#[derive(Clone, Debug)]
pub struct Function<'a> {
    /// What it is called.
    pub name: &'a str,
    /// `provided.al2023`, `python3.13`, ..
    pub runtime: &'a str,
    /// What the runtime calls, as far as it looks at that.
    pub handler: &'a str,
    /// Its code: a zip archive.
    pub package: Vec<u8>,
    /// Its environment, an object of texts.
    pub variables: Value,
}

impl Aws {
    /// Creates a function with a log of its own, and returns its ARN.
    ///
    /// # Panics
    ///
    /// If it is refused.
    pub async fn create_function(&self, function: Function<'_>) -> String {
        let Function { name, runtime, handler, package, variables } = function;
        self.operation("logs", "Logs_20140328.CreateLogGroup", &json!({ "logGroupName": log_group(name) })).await;
        let bucket = format!("code-of-{name}");
        self.keep(&format!("/{bucket}"), Vec::new()).await;
        self.keep(&format!("/{bucket}/{name}"), package).await;
        let function = json!({
            "FunctionName": name,
            "Runtime": runtime,
            "Handler": handler,
            "Role": "arn:aws:iam::000000000000:role/function",
            "Timeout": 20,
            "Code": { "S3Bucket": bucket, "S3Key": name },
            "Environment": { "Variables": variables },
        });
        let created = self.rest("lambda", Method::POST, "/2015-03-31/functions", &function).await;
        created["FunctionArn"].as_str().expect("an answer with an ARN").to_owned()
    }

    /// Lets a function empty a queue, in batches of which messages can fail one by one.
    ///
    /// # Panics
    ///
    /// If it is refused.
    pub async fn let_empty(&self, queue: &Queue, function: &str, batch_size: u32, window_secs: u32) {
        let mapping = json!({
            "EventSourceArn": queue.arn(),
            "FunctionName": function,
            "BatchSize": batch_size,
            "MaximumBatchingWindowInSeconds": window_secs,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        });
        self.rest("lambda", Method::POST, "/2015-03-31/event-source-mappings", &mapping).await;
    }

    /// Returns the log of a function, with the lines that Lambda adds.
    ///
    /// # Panics
    ///
    /// If it is refused.
    pub async fn log(&self, function: &str) -> Vec<String> {
        let question = json!({ "logGroupName": log_group(function) });
        let found = self.operation("logs", "Logs_20140328.FilterLogEvents", &question).await;
        let events = found["events"].as_array().expect("a list of events");
        events.iter().map(|event| event["message"].as_str().expect("an event with a text").to_owned()).collect()
    }
}

/// Packs one file that may be run.
///
/// # Panics
///
/// If it is too large.
pub fn zipped(name: &str, program: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).unix_permissions(0o755);
    archive.start_file(name, options).expect("a name that can be packed");
    archive.write_all(program).expect("memory takes everything");
    archive.finish().expect("memory takes everything").into_inner()
}

fn log_group(function: &str) -> String {
    format!("/aws/lambda/{function}")
}
