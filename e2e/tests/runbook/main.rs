//! The runbook does what it says: each of its examples is run, as it stands on the page.
#![expect(clippy::unwrap_used, reason = "what can not be started fails its test")]

mod page;
mod query;
mod session;
mod shown;

use std::sync::Arc;

use page::{Example, Section, sections};
use session::Session;
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, LocalSet};

/// Each is a gateway and a few calls, most of whose time is waiting.
const AT_A_TIME: usize = 6;

#[tokio::test]
async fn each_example_does_what_the_page_shows() {
    let played = LocalSet::new().run_until(async { all_examples().join_all().await }).await;
    assert!(played.len() > 30, "{} examples", played.len());
    let failed: Vec<_> = played.into_iter().filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{}", failed.concat());
}

/// What can be shown on one machine must not be told only.
#[test]
fn these_happen_only_on_aws() {
    let told: Vec<_> = sections().into_iter().filter(Section::is_only_on_aws).map(|section| section.heading).collect();
    assert_eq!(told, ["A denial with an empty message", "500, and no line at all", "3scale shows calls late"]);
}

#[test]
fn each_symptom_has_a_cause_a_place_to_look_at_a_remedy_and_an_example() {
    for section in sections().into_iter().filter(Section::is_symptom) {
        let parts = ["**Cause.** ", "**Look at.**", "**Remedy.** "];
        let places = parts.map(|part| section.text.find(part).unwrap_or_else(|| panic!("{}: {part}", section.heading)));
        assert!(places.is_sorted(), "{}", section.heading);
        let has_example = section.text.contains("**See it happen**") || section.text.contains("**See it happen.**");
        assert_eq!(has_example, !section.examples.is_empty(), "{}", section.heading);
        assert_ne!(has_example, section.is_only_on_aws(), "{}", section.heading);
    }
}

#[test]
fn each_symptom_is_in_the_index() {
    let sections = sections();
    let [index, symptoms @ ..] = &sections[..] else { panic!("an empty page") };
    let symptoms: Vec<_> = symptoms.iter().filter(|section| section.is_symptom()).collect();
    assert!(symptoms.len() > 25, "{} symptoms", symptoms.len());
    for symptom in symptoms {
        assert!(index.text.contains(&format!("](#{})", symptom.anchor())), "{}", symptom.heading);
    }
}

/// Plays all of them, some at a time.
fn all_examples() -> JoinSet<Result<(), String>> {
    let places = Arc::new(Semaphore::new(AT_A_TIME));
    let mut playing = JoinSet::new();
    for Section { heading, queries, examples, .. } in sections() {
        for (number, example) in examples.into_iter().enumerate() {
            let (places, heading, queries) = (Arc::clone(&places), heading.clone(), queries.clone());
            playing.spawn_local(async move {
                let _place = places.acquire().await.unwrap();
                let played = play(&example, &queries).await;
                played.map_err(|why| format!("\n## {heading}, example {}\n{why}\n", number + 1))
            });
        }
    }
    playing
}

/// A limit of so much a minute begins anew with each, perhaps in the midst of an example: then it is played again.
async fn play(example: &Example, queries: &[String]) -> Result<(), String> {
    let begun = minute();
    match Session::play(example, queries).await {
        Err(_) if minute() != begun => Session::play(example, queries).await,
        played => played,
    }
}

fn minute() -> u64 {
    threescale_stub::Clock::system().now_ms() / 60_000
}
