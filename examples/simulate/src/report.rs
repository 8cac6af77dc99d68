//! A result in words.

use std::fmt::Write as _;

use serde_json::Value;

/// Tells everything that is wrong with a scenario, or what happens in it.
pub(crate) fn of(result: &Value) -> String {
    let mut report = String::new();
    for problem in members(result, "problems") {
        let place = problem["line"].as_u64().map(|line| format!("{line}:{}: ", problem["column"])).unwrap_or_default();
        line(&mut report, &format!("{place}{}; {}", text(problem, "message"), text(problem, "help")));
    }
    for moment in members(result, "moments") {
        let verdict = match moment["expected"].as_bool() {
            Some(true) => "ok ",
            Some(false) => "NOT EXPECTED ",
            None => "",
        };
        line(&mut report, &format!("{}  {}", text(moment, "clock"), text(moment, "what")));
        for step in members(moment, "steps") {
            line(&mut report, &format!("    {:<14}{}", text(step, "code"), text(step, "text")));
        }
        for rule in members(moment, "rules") {
            line(&mut report, &format!("    {:<14}{}", "rule", rule.as_str().unwrap_or_default()));
        }
        line(&mut report, &format!("  {verdict}{}\n", text(moment, "outcome")));
    }
    for lint in members(result, "lints") {
        line(&mut report, &format!("{}: {}", text(lint, "code"), text(lint, "text")));
    }
    report
}

/// 2 for what is no scenario, 1 where something went otherwise than it expects.
pub(crate) fn exit_code(result: &Value) -> u8 {
    let differs = members(result, "moments").iter().any(|moment| moment["expected"] == false);
    match result["ok"].as_bool() {
        Some(true) => u8::from(differs),
        Some(false) | None => 2,
    }
}

fn members<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

fn line(report: &mut String, text: &str) {
    // Writing into a text does not fail.
    let _ = writeln!(report, "{text}");
}
