//! A scenario from its text to what is shown.

use std::time::Duration;

use authz_core::gateway::Gateway;
use authz_core::settings::{Settings, Variables};
use authz_core::time::UnixTime;

use crate::lint::lints;
use crate::problem::Problem;
use crate::scenario::{Moment, Scenario};
use crate::view::Evaluation;
use crate::world::World;

/// Longer timelines would take a browser longer than anybody waits.
const MOST_MOMENTS: usize = 1000;

/// A year: nothing that is simulated takes longer.
const LATEST_SECS: f64 = 31_536_000.0;

/// Simulates a scenario: JSON in, JSON out.
pub fn evaluate(scenario: &str) -> String {
    let evaluation = evaluated(scenario).unwrap_or_else(|problems| Evaluation {
        ok: false,
        version: crate::version(),
        problems,
        moments: Vec::new(),
        lints: Vec::new(),
    });
    // Maps with texts as keys can't fail to serialize.
    serde_json::to_string(&evaluation).unwrap_or_default()
}

fn evaluated(source: &str) -> Result<Evaluation, Vec<Problem>> {
    let scenario: Scenario = serde_json::from_str(source).map_err(|error| vec![Problem::of_json(&error)])?;
    let unknown = unknown_settings(&scenario, source);
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let settings = Settings::read(&scenario.variables()).map_err(|error| Problem::of_settings(&error, source))?;
    let gateway = scenario.api.api(&settings).and_then(|api| Gateway::new(api).map_err(|error| error.to_string()));
    let gateway = gateway.map_err(|message| {
        vec![Problem::at("api", message, "the documentation of the simulator lists what an API may be", "api", source)]
    })?;
    let problems: Vec<_> = wrong_moments(&scenario.timeline, source);
    if !problems.is_empty() {
        return Err(problems);
    }
    let lints = lints(&settings, gateway.api());
    let mut world = World::new(&settings, gateway);
    let begins = UnixTime::from_secs(scenario.begins);
    let moments = scenario.timeline.iter().map(|moment| world.live(moment, begins.after(span(moment)))).collect();
    Ok(Evaluation { ok: true, version: crate::version(), problems: Vec::new(), moments, lints })
}

/// The functions ignore what they don't know, because their environment holds more than settings; a scenario does not.
fn unknown_settings(scenario: &Scenario, source: &str) -> Vec<Problem> {
    let unknown = scenario.settings.keys().filter(|name| !Variables::has(name));
    let problem = |name: &String| {
        let help = "the table of settings lists them all";
        Problem::at("setting", format!("`{name}` is no setting"), help, name, source)
    };
    unknown.map(problem).collect()
}

fn wrong_moments(timeline: &[Moment], source: &str) -> Vec<Problem> {
    let wrong = |message: String| Problem::at("moment", message, "see the member `timeline`", "timeline", source);
    let mut problems = Vec::new();
    if timeline.len() > MOST_MOMENTS {
        problems.push(wrong(format!("there are more than {MOST_MOMENTS} moments")));
    }
    let mut last = 0.0;
    for (index, moment) in timeline.iter().enumerate() {
        let number = index + 1;
        let kinds = [moment.call.is_some(), moment.event.is_some(), moment.collect.is_some()];
        if kinds.iter().filter(|is_there| **is_there).count() != 1 {
            problems.push(wrong(format!("moment {number} must have exactly one of `call`, `event` and `collect`")));
        }
        if (last..=LATEST_SECS).contains(&moment.at) {
            last = moment.at;
        } else {
            problems.push(wrong(format!(
                "moment {number} is at {} s, which is before the moment above, or beyond a year",
                moment.at
            )));
        }
    }
    problems
}

/// The time of a moment, which was found to be within a year.
fn span(moment: &Moment) -> Duration {
    Duration::try_from_secs_f64(moment.at).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn result(scenario: &str) -> Value {
        serde_json::from_str(&evaluate(scenario)).unwrap()
    }

    fn problem(scenario: &str) -> Value {
        let result = result(scenario);
        assert_eq!(result["ok"], false, "{result}");
        result["problems"][0].clone()
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        let problem = problem("{\n  \"timeline\": [}\n}");
        assert_eq!(
            (&problem["code"], &problem["line"], &problem["column"]),
            (&"not_json".into(), &2.into(), &16.into())
        );
    }

    #[test]
    fn an_unknown_member_is_told() {
        let problem = problem(r#"{ "timelines": [] }"#);
        assert_eq!(problem["code"], "not_a_scenario");
        assert!(problem["message"].as_str().unwrap().starts_with("unknown field `timelines`"), "{problem}");
    }

    #[test]
    fn a_wrong_setting_is_told_as_the_functions_tell_it() {
        let problem = problem("{ \"settings\": {\n  \"FAIL_MODE\": \"ajar\" }, \"timeline\": [] }");
        assert_eq!(
            (&problem["field"], &problem["line"], &problem["column"]),
            (&"FAIL_MODE".into(), &2.into(), &3.into())
        );
        assert_eq!(problem["message"], "FAIL_MODE must be one of `closed`, `open`");
    }

    #[test]
    fn a_setting_that_nobody_reads_is_told() {
        let problem = problem(r#"{ "settings": { "FAIL_MOED": "open" }, "timeline": [] }"#);
        assert_eq!(
            (&problem["field"], &problem["message"]),
            (&"FAIL_MOED".into(), &"`FAIL_MOED` is no setting".into())
        );
    }

    #[test]
    fn a_moment_that_is_nothing_and_one_out_of_order_are_told() {
        let call = r#""call": { "path": "/dev/a" }"#;
        let result =
            result(&format!(r#"{{ "timeline": [{{ "at": 5, {call} }}, {{ "at": 4, {call} }}, {{ "at": 5 }}] }}"#));
        let told: Vec<_> =
            result["problems"].as_array().unwrap().iter().map(|p| p["message"].as_str().unwrap()).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("moment 2 is at 4 s") && told[1].starts_with("moment 3 must have exactly one"));
    }
}
