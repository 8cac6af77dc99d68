//! Paths, written in one way.

use std::fmt::{self, Write as _};

/// The path of a call in the one form in which paths are compared.
///
/// It begins with `/` and holds no `//`. What may stand for itself in a path does, the rest is percent-encoded, and no
/// `%` is anything but the beginning of an encoding. A `%` that begins none in the path of the call is read as itself.
///
/// Dot segments are resolved, as the gateway of 3scale does, also `%2E`: a backend may resolve them, and a call of
/// `/cheap/../expensive` is not to be metered as a cheap one. Nothing is above the root. `%2F` is not a `/` but a
/// character of its segment: who encodes it means it so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CanonicalPath(String);

impl CanonicalPath {
    /// Takes a path as it came, without stage and query.
    pub fn of(path: &str) -> Self {
        let mut canonical = String::with_capacity(path.len() + 1);
        let mut ends_with_slash = false;
        for segment in path.split('/') {
            let start = canonical.len();
            canonical.push('/');
            push_canonical(&mut canonical, segment);
            ends_with_slash = match canonical.get(start + 1..) {
                Some("" | ".") => {
                    canonical.truncate(start);
                    true
                }
                Some("..") => {
                    canonical.truncate(start);
                    canonical.truncate(canonical.rfind('/').unwrap_or(0));
                    true
                }
                _ => false,
            };
        }
        if ends_with_slash {
            canonical.push('/');
        }
        Self(canonical)
    }

    /// Returns it as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CanonicalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Appends what is within one segment.
pub(super) fn push_canonical(canonical: &mut String, segment: &str) {
    let mut rest = segment.as_bytes();
    while let Some((byte, after)) = decoded(rest) {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte) {
            canonical.push(char::from(byte));
        } else {
            push_encoded(canonical, byte);
        }
        rest = after;
    }
}

/// Appends the percent-encoding of a byte.
pub(super) fn push_encoded(text: &mut String, byte: u8) {
    // Writing to a string can't fail.
    let _ = write!(text, "%{byte:02X}");
}

/// Returns how many bytes the character takes that a canonical text begins with.
pub(super) fn width(first: u8) -> usize {
    if first == b'%' { 3 } else { 1 }
}

fn decoded(text: &[u8]) -> Option<(u8, &[u8])> {
    if let [b'%', high, low, after @ ..] = text
        && let (Some(high), Some(low)) = (char::from(*high).to_digit(16), char::from(*low).to_digit(16))
        && let Ok(byte) = u8::try_from(high * 16 + low)
    {
        return Some((byte, after));
    }
    text.split_first().map(|(first, after)| (*first, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, &str)]) {
        for (path, canonical) in cases {
            assert_eq!(CanonicalPath::of(path).as_str(), *canonical, "{path}");
            assert_eq!(CanonicalPath::of(canonical).as_str(), *canonical, "once is enough: {path}");
        }
    }

    #[test]
    fn characters_that_may_stand_for_themselves_do() {
        check(&[
            ("/a%62c%7E", "/abc~"),
            ("/-._~!$&'()*+,;=:@", "/-._~!$&'()*+,;=:@"),
            ("/%2D%2e%5F%21%24%26%27%28%29%2a%2b%2c%3b%3d%3a%40", "/-._!$&'()*+,;=:@"),
        ]);
    }

    #[test]
    fn the_others_are_encoded_in_capitals() {
        check(&[
            ("/a b", "/a%20b"),
            ("/\u{e9}", "/%C3%A9"),
            ("/%c3%a9", "/%C3%A9"),
            ("/[|]{}\"<>\\^`#?", "/%5B%7C%5D%7B%7D%22%3C%3E%5C%5E%60%23%3F"),
            ("/%00%ff", "/%00%FF"),
        ]);
    }

    #[test]
    fn a_percent_sign_that_begins_no_encoding_is_itself() {
        check(&[("/a%b", "/a%25b"), ("/%", "/%25"), ("/%4", "/%254"), ("/%+1", "/%25+1"), ("/%%41", "/%25A")]);
        check(&[("/%2541", "/%2541"), ("/%\u{e9}1", "/%25%C3%A91")]);
    }

    #[test]
    fn an_encoded_slash_belongs_to_its_segment() {
        check(&[("/a%2fb", "/a%2Fb"), ("/a/..%2F../b", "/a/..%2F../b")]);
    }

    #[test]
    fn slashes_in_a_row_are_one() {
        check(&[("//a///b//", "/a/b/"), ("///", "/"), ("", "/"), ("a", "/a")]);
    }

    #[test]
    fn dot_segments_are_resolved() {
        check(&[
            ("/cheap/../expensive", "/expensive"),
            ("/cheap/%2e%2E/expensive", "/expensive"),
            ("/a/./b", "/a/b"),
            ("/a/.", "/a/"),
            ("/a/b/..", "/a/"),
            ("/a//../b", "/b"),
            ("/../../a", "/a"),
            ("/..", "/"),
            ("/.../.a/..b", "/.../.a/..b"),
        ]);
    }
}
