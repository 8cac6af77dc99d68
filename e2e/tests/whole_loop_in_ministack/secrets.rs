//! No secret shows where it is kept or written down.

use crate::account::CANARY;
use crate::cloud::Cloud;

/// Searches logs, messages and the cache for secrets. What it searches must be there.
pub(crate) async fn assert_none_shows(cloud: &Cloud, functions: &[&str], bodies: &[String]) {
    let mut places = vec![("messages".to_owned(), bodies.concat(), "\"correlation_id\":")];
    for function in functions {
        places.push((format!("log of {function}"), cloud.aws.log(function).await.join("\n"), "\"level\":"));
    }
    let dump = String::from_utf8_lossy(&cloud.probe.dump().await).into_owned();
    places.push(("dump of the cache".to_owned(), dump, "authz:1:"));
    for (place, text, sign) in places {
        assert!(text.contains(sign), "{place} is not what it should be: {text}");
        assert!(!text.contains(CANARY), "a secret shows in the {place}: {text}");
    }
}
