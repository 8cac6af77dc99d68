//! The table in the book.

use std::{env, fs};

use crate::fault::{Chapter, Fault};
use crate::key::{FailMode, Key, Kind};
use crate::row::Outcome;
use crate::told::Told;

/// Writes the table of a chapter, and prints what was measured. What all of its faults have in common is said once.
pub(crate) fn chapter(chapter: &Chapter, outcomes: &[Vec<Outcome>]) -> String {
    let mut table = format!("\n| {} | {HEADS}", chapter.name);
    let rows: Vec<Vec<Row>> = outcomes.iter().map(|outcomes| rows(outcomes)).collect();
    let is_common = |row: &Row| rows.len() > 1 && rows.iter().all(|rows| rows.contains(row));
    let (common, _) = split(rows.first().unwrap(), is_common);
    table.push_str(&lines("any of these", common));
    for ((fault, rows), outcomes) in chapter.faults.iter().zip(&rows).zip(outcomes) {
        print(*fault, outcomes);
        let (_, own) = split(rows, is_common);
        table.push_str(&lines(&fault.name(), own));
    }
    table
}

fn split(rows: &[Row], is_common: impl Fn(&Row) -> bool) -> (Vec<Row>, Vec<Row>) {
    rows.iter().cloned().partition(is_common)
}

/// Compares the page with these tables, or puts them into it.
pub(crate) fn assert_shows(tables: &str) {
    let page = fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the tables begin");
    let (_, after) = rest.split_once(END).expect("the tables end");
    let now = format!("{before}{BEGIN}{tables}\n{END}{after}");
    if env::var_os("UPDATE_FAULT_MATRIX").is_some() {
        fs::write(PAGE, &now).unwrap();
    }
    assert_eq!(fs::read_to_string(PAGE).unwrap(), now, "run this test with UPDATE_FAULT_MATRIX=1");
}

/// How one kind of key fares.
#[derive(Clone, PartialEq, Eq)]
struct Row {
    kind: &'static str,
    columns: String,
}

fn rows(outcomes: &[Outcome]) -> Vec<Row> {
    let row = |(kind, name)| {
        let of = |fail_mode| outcomes.iter().find(|outcome| outcome.key == Key { kind, fail_mode }).unwrap();
        let (closed, open) = (columns(of(FailMode::Closed)), columns(of(FailMode::Open)));
        let column = |(closed, open): (&String, &String)| {
            if closed == open { closed.clone() } else { format!("{closed}; `open`: {open}") }
        };
        Row { kind: name, columns: closed.iter().zip(&open).map(column).collect::<Vec<_>>().join(" | ") }
    };
    KINDS.into_iter().map(row).collect()
}

fn columns(outcome: &Outcome) -> [String; 5] {
    let Told { decision, reason, fault, cache, .. } = &outcome.told;
    let fault = fault.as_ref().map(|fault| format!(": {fault}")).unwrap_or_default();
    let waits = outcome.told.waits();
    let waits = if waits.is_empty() { "nobody".to_owned() } else { waits.join(" + ") };
    [decision.clone(), format!("`{reason}`{fault}"), format!("`{cache}`"), waits, outcome.uses.to_owned()]
}

/// One line for all kinds of keys that fare alike.
fn lines(fault: &str, rows: Vec<Row>) -> String {
    let mut lines: Vec<(Vec<&str>, String)> = Vec::new();
    for Row { kind, columns } in rows {
        match lines.iter_mut().find(|(_, known)| *known == columns) {
            Some((kinds, _)) => kinds.push(kind),
            None => lines.push((vec![kind], columns)),
        }
    }
    let line = |(kinds, columns): (Vec<&str>, String)| {
        let kinds = if kinds.len() == KINDS.len() { "any".to_owned() } else { kinds.join(", ") };
        format!("| {fault} | {kinds} | {columns} |\n")
    };
    lines.into_iter().map(line).collect()
}

fn print(fault: Fault, outcomes: &[Outcome]) {
    for Outcome { key, told, .. } in outcomes {
        let (before, after) = (told.spent.before.as_millis(), told.spent.after.as_millis());
        println!("{before:>6} ms, after the answer {after:>6} ms: {}, {}", fault.name(), key.name());
    }
}

const KINDS: [(Kind, &str); 3] = [(Kind::Unknown, "unknown"), (Kind::Fresh, "fresh"), (Kind::Stale, "stale")];
const HEADS: &str =
    "grant | answer | `reason`, `fault` | `cache` | waits for | the use is |\n|---|---|---|---|---|---|---|\n";
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/fail-modes.md");
const BEGIN: &str = "<!-- faults:begin -->\n";
const END: &str = "<!-- faults:end -->";
