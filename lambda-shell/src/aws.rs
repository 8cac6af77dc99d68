//! What of AWS the functions use themselves: Amazon SNS, and the stores of secrets.
//!
//! Everything goes through the process's one HTTP client, and by credentials that Lambda puts in the environment.
//! Nothing here reads a configuration file or asks a metadata service.

mod connector;
mod environment;
mod refusal;
mod secrets;
mod sns;

pub use environment::Environment;
pub use refusal::AwsRefusal;
pub use secrets::{SecretFailure, SecretsError, Unresolved, refers_to_secrets, resolve_secrets};
pub use sns::{PublishError, Sns};

/// Holds a secret of 64 KiB, the most that Secrets Manager keeps, however it is escaped in JSON.
const MAX_BODY_BYTES: usize = 512 * 1024;
