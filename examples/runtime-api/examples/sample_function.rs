//! A function that does what its event says, with or without an internal extension.
//!
//! `{"do": "echo"}` answers the event itself; the other words are in [`handle`]. `SAMPLE_INIT` makes the
//! init phase fail; `SAMPLE_EXTENSION` registers an extension: a `worker` that works after each answer,
//! a `graceful` one that only brings SIGTERM, or one for a `shutdown` it may not have.

use lambda_extension::{Extension, NextEvent};
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use tokio::io::AsyncReadExt;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    match std::env::var("SAMPLE_INIT").as_deref() {
        Ok("error") => return report_init_error(),
        Ok("exit") => std::process::exit(3),
        _ => {}
    }
    let (done, work) = unbounded_channel();
    match std::env::var("SAMPLE_EXTENSION").as_deref() {
        Ok("worker") => work_after_answers(work).await?,
        Ok("graceful") => {
            lambda_runtime::spawn_graceful_shutdown_handler(|| async { println!("goodbye") }).await;
        }
        Ok("shutdown") => drop(Extension::new().with_extension_name("greedy").register().await?),
        _ => {}
    }
    lambda_runtime::run(service_fn(|event| handle(event, &done))).await
}

async fn handle(event: LambdaEvent<Value>, done: &UnboundedSender<Value>) -> Result<Value, Diagnostic> {
    let LambdaEvent { payload, context } = event;
    let answer = match payload["do"].as_str().unwrap_or_default() {
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
            payload.clone()
        }
    };
    // Without a worker there is nobody to tell.
    let _ = done.send(payload);
    Ok(answer)
}

/// Registers an extension that, once an event is handled, connects to the event's `gate` and works until
/// the other side closes it.
async fn work_after_answers(work: UnboundedReceiver<Value>) -> Result<(), Error> {
    let work = std::sync::Arc::new(Mutex::new(work));
    let extension = Extension::new().with_events(&["INVOKE"]).with_extension_name("worker").with_events_processor(
        service_fn(move |event: lambda_extension::LambdaEvent| {
            let work = std::sync::Arc::clone(&work);
            async move {
                if let NextEvent::Invoke(invoke) = event.next {
                    let payload = work.lock().await.recv().await.unwrap_or_default();
                    wait_at_gate(&payload).await?;
                    println!("worked after {}", invoke.request_id);
                }
                Ok::<(), Error>(())
            }
        }),
    );
    let extension = extension.register().await?;
    tokio::spawn(async move { extension.run().await.expect("the extension ended") });
    Ok(())
}

async fn wait_at_gate(payload: &Value) -> Result<(), Error> {
    if let Some(gate) = payload["gate"].as_str() {
        let mut gate = tokio::net::TcpStream::connect(gate).await?;
        gate.read_to_end(&mut Vec::new()).await?;
    }
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
