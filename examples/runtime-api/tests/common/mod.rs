//! The function under test: `examples/sample_function.rs`, which cargo builds before it runs the tests.

use runtime_api::{Config, Function, FunctionError};
use std::time::Duration;

/// A configuration with a time limit that only a hanging function reaches.
pub(crate) fn sample(variables: &[(&str, &str)]) -> Config {
    let test = std::env::current_exe().expect("the path of this test");
    let profile = test.ancestors().nth(2).expect("tests are in a folder of the target directory");
    let program = profile.join("examples").join("sample_function");
    assert!(program.exists(), "`cargo build --examples` makes {}", program.display());
    Config {
        env: variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        function_name: "sample".to_owned(),
        timeout: Duration::from_mins(1),
        ..Config::new(program)
    }
}

pub(crate) async fn answer(function: &Function, event: &str) -> Result<String, FunctionError> {
    function.invoke(event).await.expect("a process").answer
}
