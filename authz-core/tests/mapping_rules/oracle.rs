//! Patterns and paths made of pieces, and a matcher that tries everything.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Character(&'static str),
    Variable,
}

/// Few, so that patterns and paths often meet; the digits of the encoding are characters of their own as well.
const CHARACTERS: [&str; 6] = ["a", "b", "C", "2", "%C2", "/"];

pub(crate) fn path() -> impl Strategy<Value = Vec<&'static str>> {
    vec(select(CHARACTERS.to_vec()), 0..12).prop_map(|rest| {
        let mut path = vec!["/"];
        path.extend(rest);
        path.dedup_by(|next, last| *next == "/" && *last == "/");
        path
    })
}

pub(crate) fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let piece = prop_oneof![2 => select(CHARACTERS.to_vec()).prop_map(Piece::Character), 1 => Just(Piece::Variable)];
    vec(piece, 0..8).prop_map(|rest| {
        let slash = Piece::Character("/");
        let mut pieces = vec![slash.clone()];
        pieces.extend(rest);
        pieces.dedup_by(|next, last| *next == slash && *last == slash);
        pieces
    })
}

/// Writes the pattern.
pub(crate) fn text(pieces: &[Piece], ends: bool) -> String {
    let written = pieces.iter().enumerate().map(|(index, piece)| match piece {
        Piece::Character(character) => (*character).to_owned(),
        Piece::Variable => format!("{{v{index}}}"),
    });
    let text = written.collect::<Vec<_>>().concat();
    if ends { text + "$" } else { text }
}

/// Tries every length of every variable.
pub(crate) fn matches(pieces: &[Piece], ends: bool, path: &[&str]) -> bool {
    match pieces.split_first() {
        None => !ends || path.is_empty(),
        Some((Piece::Character(character), pieces)) => {
            path.first() == Some(character) && matches(pieces, ends, &path[1..])
        }
        Some((Piece::Variable, pieces)) => {
            let most = path.iter().take_while(|character| **character != "/").count();
            (1..=most).any(|length| matches(pieces, ends, &path[length..]))
        }
    }
}
