//! A function that does what its event says, and works after its answer.
//!
//! `{"do": "echo"}` answers the event itself; the other words are in [`handle`]. The work after the answer lasts until
//! the event's `gate` lets go of it. `SAMPLE_INIT` makes the init phase fail.

use lambda_runtime::tower::util::AndThenLayer;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, Runtime, service_fn};
use serde_json::{Value, json};
use std::cell::Cell;
use std::io::{Read, Write};
use std::net::TcpStream;
use tokio::io::AsyncReadExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    match std::env::var("SAMPLE_INIT").as_deref() {
        Ok("error") => return report_init_error(),
        Ok("exit") => std::process::exit(3),
        _ => {}
    }
    let last = Cell::new(None);
    let handler = service_fn(|event: LambdaEvent<Value>| {
        last.set(Some(event.clone()));
        handle(event)
    });
    let work = AndThenLayer::new(|()| work_after(last.take()));
    Runtime::new(handler).layer(work).run().await
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let LambdaEvent { payload, context } = event;
    Ok(match payload["do"].as_str().unwrap_or_default() {
        "context" => json!({
            "request_id": context.request_id,
            "arn": context.invoked_function_arn,
            "deadline": context.deadline,
            "trace_id": context.xray_trace_id,
            "variables": std::env::vars().map(|(name, _)| name).collect::<Vec<_>>(),
        }),
        "exit" => std::process::exit(7),
        "fail" => return Err(failure(payload["message"].as_str().unwrap_or_default())),
        "fill" => Value::String("x".repeat(7_000_000)),
        "hang" => std::future::pending().await,
        "panic" => panic!("out of paper"),
        "print" => {
            println!("to standard output");
            eprintln!("to standard error");
            Value::Null
        }
        _ => {
            println!("handling {payload}");
            payload
        }
    })
}

/// Connects to the event's `gate`, if it has one, and waits until the other side closes it.
async fn work_after(last: Option<LambdaEvent<Value>>) -> Result<(), Error> {
    let LambdaEvent { payload, context } = last.ok_or("no event was handled")?;
    if let Some(gate) = payload["gate"].as_str() {
        let mut gate = tokio::net::TcpStream::connect(gate).await?;
        gate.read_to_end(&mut Vec::new()).await?;
    }
    println!("worked after {}", context.request_id);
    Ok(())
}

fn failure(message: &str) -> Diagnostic {
    Diagnostic { error_type: "SampleError".to_owned(), error_message: message.to_owned() }
}

/// What a runtime does when it cannot start; `lambda_runtime` keeps its own way of doing so to itself.
fn report_init_error() -> Result<(), Error> {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API")?;
    let body = json!({ "errorType": "Sample.NoConfig", "errorMessage": "`TABLE` is missing" }).to_string();
    let mut connection = TcpStream::connect(&api)?;
    write!(
        connection,
        "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: {api}\r\nConnection: close\r\n\
         Lambda-Runtime-Function-Error-Type: Sample.NoConfig\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    )?;
    connection.read_to_end(&mut Vec::new())?;
    Ok(())
}
