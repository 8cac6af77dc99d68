//! What Lambda knows of a function, and what the function's process sees of it.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A function's configuration; [`Config::new`] has Lambda's defaults.
#[derive(Debug, Clone)]
pub struct Config {
    /// The `bootstrap` to run. Its folder is the working directory and `LAMBDA_TASK_ROOT`.
    pub program: PathBuf,
    /// The function's own environment variables; nothing of this process's environment is passed on.
    /// They replace `PATH`, `LANG` and `TZ`, but none of the variables Lambda reserves.
    pub env: Vec<(String, String)>,
    /// The function's name, as in its ARN.
    pub function_name: String,
    /// What the function is told it has, in MB. Nothing holds it to that.
    pub memory_mb: u32,
    /// How long one invocation may take, the function's work after its answer included.
    pub timeout: Duration,
    /// The region in the ARN and in `AWS_REGION`.
    pub region: String,
    /// The account in the ARN.
    pub account_id: String,
    /// Whether the process is stopped when nothing is left to do and continued for the next event.
    pub freeze: bool,
    /// Whether each line the function writes also goes to this process's standard error.
    pub echo_logs: bool,
}

impl Config {
    /// A function with Lambda's default memory (128 MB) and time limit (3 s), neither frozen nor echoed.
    pub fn new(program: impl Into<PathBuf>) -> Config {
        Config {
            program: program.into(),
            env: Vec::new(),
            function_name: "function".to_owned(),
            memory_mb: 128,
            timeout: Duration::from_secs(3),
            region: "us-east-1".to_owned(),
            account_id: "123456789012".to_owned(),
            freeze: false,
            echo_logs: false,
        }
    }

    /// The ARN the function is invoked by.
    pub fn function_arn(&self) -> String {
        format!("arn:aws:lambda:{}:{}:function:{}", self.region, self.account_id, self.function_name)
    }

    pub(crate) fn task_root(&self) -> &Path {
        self.program.parent().unwrap_or(Path::new("/"))
    }

    /// Every variable of the process, a later one of the same name winning.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>: a function's own
    /// variables may replace the unreserved ones only. `AWS_EXECUTION_ENV` is absent on OS-only runtimes.
    pub(crate) fn variables(&self, api: SocketAddr) -> Vec<(&str, String)> {
        let mut variables = UNRESERVED.map(|(name, value)| (name, value.to_owned())).to_vec();
        variables.extend(self.env.iter().map(|(name, value)| (name.as_str(), value.clone())));
        variables.extend([
            ("AWS_DEFAULT_REGION", self.region.clone()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", self.memory_mb.to_string()),
            ("AWS_LAMBDA_FUNCTION_NAME", self.function_name.clone()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", self.function_name)),
            ("AWS_LAMBDA_LOG_STREAM_NAME", LOG_STREAM.to_owned()),
            ("AWS_LAMBDA_RUNTIME_API", api.to_string()),
            ("AWS_REGION", self.region.clone()),
            ("LAMBDA_RUNTIME_DIR", "/var/runtime".to_owned()),
            ("LAMBDA_TASK_ROOT", lossy(self.task_root().as_os_str())),
            ("_HANDLER", self.program.file_name().map_or_else(String::new, lossy)),
        ]);
        variables
    }
}

fn lossy(text: &OsStr) -> String {
    text.to_string_lossy().into_owned()
}

const LOG_STREAM: &str = "1970/01/01/[$LATEST]00000000000000000000000000000000";

const UNRESERVED: [(&str, &str); 3] =
    [("LANG", "en_US.UTF-8"), ("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin"), ("TZ", ":UTC")];

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(config: &Config, name: &str) -> Option<String> {
        let variables = config.variables(SocketAddr::from(([127, 0, 0, 1], 9001)));
        variables.into_iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    fn with(name: &str, value: &str) -> Config {
        Config { env: vec![(name.to_owned(), value.to_owned())], ..Config::new("/var/task/bootstrap") }
    }

    #[test]
    fn the_runtime_is_told_where_the_api_is() {
        let config = Config::new("/var/task/bootstrap");
        assert_eq!(seen(&config, "AWS_LAMBDA_RUNTIME_API").as_deref(), Some("127.0.0.1:9001"));
        assert_eq!(seen(&config, "LAMBDA_TASK_ROOT").as_deref(), Some("/var/task"));
        assert_eq!(seen(&config, "_HANDLER").as_deref(), Some("bootstrap"));
    }

    #[test]
    fn a_function_replaces_an_unreserved_variable() {
        assert_eq!(seen(&with("TZ", "Europe/Madrid"), "TZ").as_deref(), Some("Europe/Madrid"));
    }

    #[test]
    fn a_function_does_not_replace_a_reserved_variable() {
        assert_eq!(seen(&with("AWS_REGION", "mars-1"), "AWS_REGION").as_deref(), Some("us-east-1"));
    }
}
