//! Finds marks, whatever became of them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use crate::marks::{MARKS, PART_CHARS};

/// So much of a marked part is a find.
pub(crate) const WINDOW_CHARS: usize = 8;

/// Tells which marks are in a place: as they are or in other case, escaped or encoded in any way, whole or in part.
pub(crate) fn found(place: &[u8]) -> BTreeSet<&'static str> {
    let bare = without_escapes(place);
    let found = [place, &bare].into_iter().flat_map(|text| NEEDLES.automaton.find_iter(text));
    found.map(|found| NEEDLES.marks[found.pattern().as_usize()]).collect()
}

struct Needles {
    automaton: AhoCorasick,
    /// Whose mark each pattern is a form of.
    marks: Vec<&'static str>,
}

static NEEDLES: LazyLock<Needles> = LazyLock::new(|| {
    let mut needles: Vec<(&str, String)> = Vec::new();
    for mark in MARKS {
        for part in mark.parts() {
            for from in 0..=PART_CHARS - WINDOW_CHARS {
                let window = &part[from..from + WINDOW_CHARS];
                needles.extend(forms(window).into_iter().map(|form| (mark.name, form)));
            }
        }
    }
    let mut automaton = AhoCorasick::builder();
    let automaton = automaton.ascii_case_insensitive(true).build(needles.iter().map(|(_, form)| form));
    let automaton = automaton.expect("the patterns are few");
    Needles { automaton, marks: needles.into_iter().map(|(mark, _)| mark).collect() }
});

/// What stands in a text for some letters and digits. Case is none of it: texts are compared without.
fn forms(window: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::from([window.to_ascii_lowercase()]);
    for window in [window.to_owned(), window.to_ascii_lowercase(), window.to_ascii_uppercase()] {
        forms.insert(window.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat());
        for separator in [",", ", "] {
            forms.insert(window.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(separator));
        }
        for before in 0..3 {
            forms.insert(inner_base64(&STANDARD, window.as_bytes(), before));
            forms.insert(inner_base64(&URL_SAFE, window.as_bytes(), before));
        }
    }
    forms
}

/// The characters of base64 that some bytes decide alone, if so many bytes stand before them.
fn inner_base64(engine: &impl base64::Engine, bytes: &[u8], before: usize) -> String {
    let encoded = engine.encode([&vec![0; before], bytes].concat());
    let (first, end) = ((before * 8).div_ceil(6), (before + bytes.len()) * 8 / 6);
    encoded[first..end].to_owned()
}

/// Leaves out what announces a character by its number in URLs, JSON, XML and source texts, so that the numbers remain.
fn without_escapes(place: &[u8]) -> Vec<u8> {
    const ESCAPES: [&str; 7] = ["%25", "%", r"\u00", r"\x", "&#x", ";", " "];
    static AUTOMATON: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let mut automaton = AhoCorasick::builder();
        let automaton = automaton.ascii_case_insensitive(true).match_kind(MatchKind::LeftmostFirst);
        automaton.build(ESCAPES).expect("the patterns are few")
    });
    AUTOMATON.replace_all_bytes(place, &[""; ESCAPES.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_known_by_two_parts_that_no_other_has() {
        let parts: BTreeSet<_> = MARKS.iter().flat_map(|mark| mark.parts()).map(str::to_ascii_lowercase).collect();
        assert_eq!(parts.len(), 2 * MARKS.len());
        for mark in MARKS {
            assert_eq!(found(mark.secret.as_bytes()), BTreeSet::from([mark.name]));
        }
    }

    #[test]
    fn ordinary_texts_hold_none() {
        for text in
            [&b""[..], b"{\"level\":\"INFO\",\"credential\":\"cJ1fX3Pq0Vd2aK8mQk1x5w\"}", &[0, 255, 128], &[0; 999]]
        {
            assert_eq!(found(text), BTreeSet::new());
        }
    }
}
