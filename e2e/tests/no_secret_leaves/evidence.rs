//! What was collected, and whether it is clean.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::marks::{MARKS, PART_CHARS};
use crate::search::{WINDOW_CHARS, found};

/// All that was written, by the kind of place it was written to.
#[derive(Debug, Default)]
pub(crate) struct Evidence(BTreeMap<&'static str, Vec<u8>>);

impl Evidence {
    pub(crate) fn add(&mut self, place: &'static str, text: impl AsRef<[u8]>) {
        let place = self.0.entry(place).or_default();
        place.extend(text.as_ref());
        place.push(b'\n');
    }

    /// Asserts that something was written to each of these places and to no other, that none shows a secret, and that
    /// one would be found in each.
    pub(crate) fn is_clean(&self, places: &[&str]) {
        let mut expected = places.to_vec();
        expected.sort_unstable();
        assert_eq!(self.0.keys().copied().collect::<Vec<_>>(), expected, "places that something was written to");
        for (place, text) in &self.0 {
            assert!(text.len() > 1, "nothing was written: {place}");
            assert!(found(text).is_empty(), "{place} shows secrets:\n{}", lines_that_show(text));
            a_secret_would_be_found(place, text);
        }
    }
}

/// The lines that show a secret. Such as show it only together are shown all.
fn lines_that_show(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let lines: Vec<_> = text.lines().map(|line| (line, found(line.as_bytes()))).collect();
    let shown = lines.iter().filter(|(_, found)| !found.is_empty());
    let shown: Vec<_> = shown.map(|(line, found)| format!("{found:?} in {line}")).collect();
    if shown.is_empty() { text.into_owned() } else { shown.join("\n") }
}

/// Plants each secret in each form in the middle of what was written.
fn a_secret_would_be_found(place: &str, text: &[u8]) {
    let begin = text.len().saturating_sub(SURROUNDINGS) / 2;
    let (before, after) = text[begin..text.len().min(begin + SURROUNDINGS)].split_at(text.len().min(SURROUNDINGS) / 2);
    for mark in MARKS {
        for (form, write) in FORMS {
            let planted = [before, write(mark.secret).as_bytes(), after].concat();
            assert!(found(&planted).contains(mark.name), "{} {form} in {place} is not found", mark.name);
        }
    }
}

/// So much of a place is around what is planted.
const SURROUNDINGS: usize = 400;

/// What it is called, and how a secret is written in it.
type Form = (&'static str, fn(&str) -> String);

/// What a leak may look like.
const FORMS: [Form; 13] = [
    ("as it is", str::to_owned),
    ("in lower case", str::to_lowercase),
    ("in upper case", str::to_uppercase),
    ("in part", |secret| secret[PART_CHARS - WINDOW_CHARS..PART_CHARS].to_owned()),
    ("percent-encoded", |secret| form_urlencoded::byte_serialize(secret.as_bytes()).collect()),
    ("percent-encoded to the last letter", |secret| each(secret, |byte| format!("%{byte:02X}"))),
    ("percent-encoded twice", |secret| each(secret, |byte| format!("%25{byte:02X}"))),
    ("as JSON", |secret| serde_json::json!({ "key": secret }).to_string()),
    ("as JSON with numbers", |secret| each(secret, |byte| format!("\\u{byte:04x}"))),
    ("as bytes", |secret| format!("{:?}", secret.as_bytes())),
    ("in hexadecimal digits", |secret| each(secret, |byte| format!("{byte:02x}"))),
    ("in base64", |secret| STANDARD.encode(format!("app-id:{secret}"))),
    ("in base64 of URLs", |secret| {
        format!("{} {}", STANDARD_NO_PAD.encode(format!("{secret}:")), URL_SAFE_NO_PAD.encode(format!("::{secret}")))
    }),
];

fn each(secret: &str, write: impl Fn(u8) -> String) -> String {
    secret.bytes().map(write).collect::<Vec<_>>().concat()
}
