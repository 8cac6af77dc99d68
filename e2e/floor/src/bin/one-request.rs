//! A function that does nothing but send one request to Redis: what Lambda's runtime and one round trip cost together.
//!
//! `REDIS_URL` says where, `REDIS_REQUEST` has the words of the request. It waits for the answer in the plainest way, on a
//! blocking socket.

use std::env;
use std::sync::{Mutex, PoisonError};

use lambda_runtime::{Error, LambdaEvent, service_fn};
use redis::{Client, Cmd, Value};
use serde_json::value::RawValue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let server = Mutex::new(Client::open(env::var("REDIS_URL")?)?.get_connection()?);
    let mut request = Cmd::new();
    for word in env::var("REDIS_REQUEST")?.split(' ') {
        request.arg(word);
    }
    let handler = service_fn(|_: LambdaEvent<Box<RawValue>>| async {
        let mut server = server.lock().unwrap_or_else(PoisonError::into_inner);
        let _: Value = request.query(&mut server)?;
        Ok::<_, Error>(())
    });
    lambda_runtime::run(handler).await
}
