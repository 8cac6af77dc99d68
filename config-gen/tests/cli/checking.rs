//! `--check` and `--diff`.

use std::fs;
use std::process::Command;

use crate::project::{Project, dev};

/// The command that a failed check names, run by a shell.
fn mend(project: &Project, err: &str) -> Option<i32> {
    let command = err.lines().find_map(|line| line.strip_prefix("to mend it, run: ")).unwrap();
    project.run_command(Command::new("sh").args(["-c", command])).code
}

#[test]
fn one_byte_is_drift_and_the_named_command_mends_it() {
    let project = Project::good();
    let check = || project.run(&["--stage", "dev", "--check"]);
    assert_eq!(check().code, Some(1));
    assert_eq!(mend(&project, &check().err), Some(0));
    assert_eq!((check().code, check().out), (Some(0), String::new()));

    let text = project.read("out/dev/env.dev.json");
    project.write("out/dev/env.dev.json", &text.replace("eu-west-1\"", "eu-west-2\""));
    let run = check();
    assert_eq!(run.code, Some(1));
    assert!(run.out.contains("-  \"SERVERLESS_REGION\": \"eu-west-2\""), "{}", run.out);
    assert!(run.out.contains("+  \"SERVERLESS_REGION\": \"eu-west-1\""), "{}", run.out);
    assert!(run.err.contains("out/dev/env.dev.json is not as it should be"), "{}", run.err);
    assert_eq!(mend(&project, &run.err), Some(0));
    assert_eq!(check().code, Some(0));
    assert_eq!(project.read("out/dev/env.dev.json"), text);
}

#[test]
fn a_file_that_nothing_renders_any_more_is_found_and_removed() {
    let project = Project::good();
    assert_eq!(project.run(&["--stage", "dev"]).code, Some(0));
    let mut uncached = dev();
    uncached["settings"].as_object_mut().unwrap().remove("ELASTICACHE_ENDPOINT");
    project.stage("dev", &uncached);
    let run = project.run(&["--stage", "dev", "--check"]);
    assert!(run.err.contains("nothing renders out/dev/authrep-async/s-function.json any more"), "{}", run.err);
    assert_eq!((run.code, mend(&project, &run.err)), (Some(1), Some(0)));
    assert_eq!(project.run(&["--stage", "dev", "--check"]).code, Some(0));
}

#[test]
fn a_dry_run_shows_what_would_change_and_writes_nothing() {
    let project = Project::good();
    assert_eq!(project.run(&["--stage", "dev"]).code, Some(0));
    let before = project.read("out/dev/dev.env");
    let run = project.run(&["--stage", "dev", "--diff", "--set", "CACHE_GRANT_TTL_SECS=120"]);
    assert_eq!(run.code, Some(0));
    assert!(run.out.contains("+CACHE_GRANT_TTL_SECS='120'"), "{}", run.out);
    assert!(run.err.contains("7 files would change"), "{}", run.err);
    assert_eq!(project.read("out/dev/dev.env"), before);
}

#[test]
fn what_can_not_be_written_is_an_error_of_its_own() {
    let project = Project::good();
    project.write("out", "a file where a folder should be");
    let run = project.run(&["--stage", "dev"]);
    assert_eq!(run.code, Some(3));
    assert!(run.err.starts_with("error[io]: out/dev/"), "{}", run.err);
    assert_eq!(fs::read_dir(project.folder()).unwrap().count(), 2);
}
