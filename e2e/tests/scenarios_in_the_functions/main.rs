//! The scenarios that the simulator shows, through the built functions: what it says is what they do.
//!
//! The functions' clock can't be moved, so a scenario is taken whose moments may as well come one after the other: they
//! are over before the shortest of lifetimes is, and the cache answers.
#![expect(clippy::unwrap_used, reason = "a world that can not be made fails its test")]

mod cloud;
mod threescale;

use std::fs;
use std::path::{Path, PathBuf};

use authz_core::gateway::{Ending, FunctionAnswer, Gateway, Outcome, Step};
use authz_core::settings::Settings;
use authz_core::time::UnixTime;
use serde_json::Value;
use wasm::scenario::{CacheSetup, Scenario};

use cloud::Cloud;

/// Shorter than a denial is believed.
const LONGEST_SECS: f64 = 9.0;

#[tokio::test]
async fn the_functions_do_what_the_simulator_says() {
    let (fitting, others): (Vec<_>, Vec<_>) = scenarios().into_iter().partition(|(_, scenario)| fits(scenario));
    let names = |scenarios: &[(PathBuf, Scenario)]| {
        let names = scenarios.iter().filter_map(|(path, _)| path.file_stem()?.to_str().map(str::to_owned));
        names.collect::<Vec<_>>().join(", ")
    };
    println!("through the functions: {}\nonly simulated, for their time or cache: {}", names(&fitting), names(&others));
    assert!(fitting.len() >= 12, "{}", names(&fitting));
    for (path, scenario) in fitting {
        println!("{}", path.display());
        goes_as_it_says(&path, &scenario).await;
    }
}

fn scenarios() -> Vec<(PathBuf, Scenario)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/scenarios");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let scenario = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        (path, scenario)
    };
    paths.into_iter().map(read).collect()
}

fn fits(scenario: &Scenario) -> bool {
    scenario.timeline.iter().all(|moment| moment.at <= LONGEST_SECS && moment.cache == CacheSetup::Up)
}

async fn goes_as_it_says(path: &Path, scenario: &Scenario) {
    let simulated: Value = serde_json::from_str(&wasm::evaluate(&fs::read_to_string(path).unwrap())).unwrap();
    let variables = scenario.variables();
    let settings = Settings::read(&variables).unwrap();
    let mut gateway = Gateway::new(scenario.api.api(&settings).unwrap()).unwrap();
    let mut cloud = Cloud::start(variables).await;
    for (moment, simulated) in scenario.timeline.iter().zip(simulated["moments"].as_array().unwrap()) {
        cloud.threescale.play(moment);
        let place = format!("{} at {} s", path.display(), moment.at);
        match &moment.call {
            Some(call) => {
                let (outcome, answer) = ask(&mut gateway, &cloud, call).await;
                assert_eq!(status(&outcome), simulated_status(simulated), "{place}");
                assert_eq!(
                    answer.as_deref().map(timeless),
                    simulated.get("answer").map(|a| timeless(&a.to_string())),
                    "{place}"
                );
            }
            None => assert_eq!(cloud.collect().await, simulated["outcome"].as_str().unwrap(), "{place}"),
        }
    }
    cloud.end().await;
}

/// Asks the built authorizer, unless API Gateway knows by itself. Returns what the authorizer answered, too.
async fn ask(gateway: &mut Gateway, cloud: &Cloud, call: &wasm::scenario::ClientCall) -> (Outcome, Option<String>) {
    match gateway.ask(call.call(), "request", NOW) {
        Step::Done(outcome) => (outcome, None),
        Step::Invoke(invocation) => match cloud.authorize(invocation.event()).await {
            Ok(answer) => {
                let outcome = invocation.answered(gateway, &FunctionAnswer::Returned(answer.clone()), NOW);
                (outcome, Some(answer))
            }
            Err(error) => (invocation.answered(gateway, &FunctionAnswer::Failed(error), NOW), None),
        },
    }
}

fn status(outcome: &Outcome) -> u64 {
    match &outcome.ending {
        Ending::Forward { .. } => 200,
        Ending::Answer { answer, .. } => answer.status.into(),
    }
}

fn simulated_status(moment: &Value) -> u64 {
    moment["outcome"].as_str().unwrap().split(' ').next().unwrap().parse().unwrap()
}

/// How long a limit lasts depends on the clock.
fn timeless(answer: &str) -> Value {
    let mut answer: Value = serde_json::from_str(answer).unwrap();
    if let Some(context) = answer["context"].as_object_mut() {
        context.remove("limitReset");
    }
    answer
}

const NOW: UnixTime = UnixTime::from_secs(1_784_543_415);
