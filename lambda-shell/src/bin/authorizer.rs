//! The function that answers API Gateway.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda_shell::lambda::run_authorizer().await
}
