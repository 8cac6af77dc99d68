//! The function that tells 3scale of cached calls.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lambda_shell::lambda::run_authrep_async().await
}
