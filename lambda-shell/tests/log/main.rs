//! What is said of the log is so: the published schema, the book's tables, and the metrics.
#![expect(clippy::unwrap_used, reason = "a page that is not there fails its test")]

mod book;
mod schema;
