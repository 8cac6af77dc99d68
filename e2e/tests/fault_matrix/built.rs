//! The built authorizer, as Lambda runs it.

use std::time::{Duration, Instant};

use e2e::binary;
use futures_util::future::join_all;
use runtime_api::{Config, Function};
use serde_json::json;

use crate::bed::{Bed, LIMIT, SOMEBODY};
use crate::caller::METHOD_ARN;
use crate::fault::{Fault, Redis, Sns, Threescale};
use crate::key::{FailMode, Key, Kind};
use crate::row::Outcome;
use crate::told::{Spent, Told};

/// The faults under which it is run: those that somebody waits for, and one of each kind.
pub(crate) const FAULTS: [Fault; 6] = [
    Fault::Redis(Redis::Refuses),
    Fault::Redis(Redis::IsSilent),
    Fault::Threescale(Threescale::IsSilent),
    Fault::Threescale(Threescale::AnswersWithAPage),
    Fault::Sns(Sns::IsSilent),
    Fault::Sns(Sns::Denies),
];

/// Causes a fault anew, and calls built authorizers, which must do what was done in this process.
pub(crate) async fn assert_agrees(fault: Fault, outcomes: &[Outcome]) {
    let mut bed = Bed::start(fault).await;
    let keys = [Kind::Unknown, Kind::Fresh].map(|kind| Key { kind, fail_mode: FailMode::Closed });
    let authorizers = join_all(keys.map(|key| BuiltAuthorizer::start(&bed, key))).await;
    fault.begin(&mut bed).await;
    let told = join_all(authorizers.iter().map(BuiltAuthorizer::call)).await;
    fault.end(&mut bed).await;
    for (key, told) in keys.into_iter().zip(told) {
        let outcome = outcomes.iter().find(|outcome| outcome.key == key).unwrap();
        assert_eq!(told, outcome.told, "{fault:?}");
    }
}

struct BuiltAuthorizer {
    function: Function,
    key: Key,
}

impl BuiltAuthorizer {
    /// Starts one that has served a call, and lets the key become what it is to be.
    async fn start(bed: &Bed, key: Key) -> Self {
        let env = bed.variables(key).into_iter().collect();
        let config = Config { env, timeout: LIMIT * 6, ..Config::new(binary("authorizer")) };
        let authorizer = Self { function: Function::start(config).await.unwrap(), key };
        let known = if key.kind == Kind::Unknown { SOMEBODY.to_owned() } else { key.name() };
        let told = authorizer.answered(&known).await;
        assert!(told.is_well(), "{told:?}");
        authorizer
    }

    /// Calls with the key.
    async fn call(&self) -> Told {
        self.answered(&self.key.name()).await
    }

    async fn answered(&self, user_key: &str) -> Told {
        let event = json!({ "type": "TOKEN", "authorizationToken": user_key, "methodArn": METHOD_ARN });
        let logged = self.function.logs().len();
        let begun = Instant::now();
        let policy = self.function.invoke(&event.to_string()).await.unwrap().answer.unwrap();
        let answered = Instant::now();
        self.function.settled().await;
        let spent = Spent { before: answered.duration_since(begun), after: answered.elapsed() };
        Told::read(&policy, &self.lines_since(logged).await, spent)
    }

    /// Waits until the log has come through its pipe.
    async fn lines_since(&self, number: usize) -> Vec<String> {
        loop {
            let lines = self.function.logs().split_off(number);
            if lines.iter().any(|line| line.contains(r#""message":"authorization""#)) {
                return lines;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }
}

const BETWEEN_LOOKS: Duration = Duration::from_millis(5);
