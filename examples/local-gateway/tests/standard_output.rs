//! Programs read standard output, people read standard error.

use std::process::Stdio;

use lambda_shell::{http_client, tls};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

#[tokio::test]
async fn each_line_of_standard_output_is_json() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local-gateway"));
    command.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut gateway = command.spawn().unwrap();
    let mut said = BufReader::new(gateway.stderr.take().unwrap()).lines();
    let mut written = BufReader::new(gateway.stdout.take().unwrap()).lines();
    let greeting = said.next_line().await.unwrap().unwrap();
    let url = greeting.strip_prefix("listening on ").unwrap();
    let client = http_client(&tls(None).unwrap()).unwrap();
    client.get(format!("{url}/dev/greetings")).header("apikey", "demo-key").send().await.unwrap();
    let lines = [written.next_line().await.unwrap().unwrap(), written.next_line().await.unwrap().unwrap()];
    let [decision, access] = lines.map(|line| serde_json::from_str::<Value>(&line).unwrap());
    assert_eq!((&decision["message"], &decision["reason"]), (&"authorization".into(), &"granted".into()));
    assert_eq!(access["status"], 200);
}
