//! The pattern of a mapping rule.

use std::collections::BTreeSet;
use std::fmt;
use std::iter;

use thiserror::Error;

use super::path::{push_canonical, push_encoded, width};
use super::{CanonicalPath, Miss, Wanted};

/// What a rule asks of path and query, as the table of [`crate::mapping`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    head: String,
    variables: Vec<Variable>,
    ends: bool,
    parameters: Vec<Parameter>,
}

/// A variable and what follows it up to the next one, in canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Variable {
    name: String,
    then: String,
}

/// A parameter of the query and the value it must have, `None` if any will do.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Parameter {
    name: String,
    value: Option<String>,
}

impl Pattern {
    /// 3scale allows 255 characters, and writes up to 256 of a backend's path before them.
    pub const MAX_CHARS: usize = 511;

    /// Reads a pattern. What this refuses, 3scale's admin portal refuses too, or it could never match.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.chars().filter(|c| *c != '\\').count() > Self::MAX_CHARS {
            return Err(PatternError::TooLong);
        }
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let (path, ends) = path.strip_suffix('$').map_or((path, false), |path| (path, true));
        if !path.starts_with('/') {
            return Err(PatternError::NoSlash);
        }
        let mut parts = path.split('{');
        let head = literal(parts.next().unwrap_or_default())?;
        let variables = parts.map(Variable::parse).collect::<Result<Vec<_>, _>>()?;
        let query = unescaped(query)?;
        if let Some(odd) = query.chars().find(|c| c.is_control()) {
            return Err(PatternError::Control(odd));
        }
        let pieces = query.split('&').filter(|piece| !piece.is_empty());
        let parameters = pieces.map(Parameter::parse).collect::<Result<Vec<_>, _>>()?;
        let pattern = Self { text: text.to_owned(), head, variables, ends, parameters };
        pattern.names_differ()?;
        pattern.can_match()?;
        Ok(pattern)
    }

    /// Compares a path from its beginning.
    ///
    /// Each variable stands for as little as it can: the first place where the text after it fits is taken, and never
    /// taken back. That finds a match if there is one: a text with a `/` fits at one place at most, since the variable
    /// holds none; and what a later place would leave of the segment, the next variable reaches from the first place
    /// too. Only before a `$` the text must stand at the very end, so it is looked for there first. As no two variables
    /// pass the same part of the path, comparing takes at most the length of the path times that of the pattern.
    pub(super) fn check_path<'a>(&'a self, path: &'a CanonicalPath) -> Result<(), Miss<'a>> {
        let path = path.as_str();
        let mut rest = path.strip_prefix(self.head.as_str()).ok_or_else(|| differs(path, path, &self.head))?;
        let mut variables = self.variables.iter();
        while let Some(variable) = variables.next() {
            let then = variable.then.as_str();
            let is_last = variables.as_slice().is_empty();
            if is_last && self.ends && after_variable(rest, |tail| (tail == then).then_some("")).is_some() {
                return Ok(());
            }
            rest = after_variable(rest, |tail| tail.strip_prefix(then)).ok_or_else(|| variable.miss(path, rest))?;
        }
        if self.ends && !rest.is_empty() {
            return Err(miss(path, rest, Wanted::End));
        }
        Ok(())
    }

    /// Looks for each parameter; the last of a name counts.
    pub(super) fn check_query<'a>(&'a self, query: Option<&[(String, String)]>) -> Result<(), Miss<'a>> {
        if !self.looks_at_query() {
            return Ok(());
        }
        let query = query.ok_or(Miss::QueryUnknown)?;
        for Parameter { name, value: wanted } in &self.parameters {
            let last = query.iter().rev().find(|(found, _)| found == name);
            let (_, value) = last.ok_or(Miss::ParameterMissing(name))?;
            if wanted.as_ref().is_some_and(|wanted| wanted != value) {
                return Err(Miss::ParameterDiffers(name));
            }
        }
        Ok(())
    }

    pub(super) fn looks_at_query(&self) -> bool {
        !self.parameters.is_empty()
    }

    fn names_differ(&self) -> Result<(), PatternError> {
        let variables = self.variables.iter().map(|variable| &variable.name);
        let parameters = self.parameters.iter().map(|parameter| &parameter.name);
        let mut seen = BTreeSet::new();
        match variables.chain(parameters).find(|name| !seen.insert(*name)) {
            Some(name) => Err(PatternError::Repeated(name.clone())),
            None => Ok(()),
        }
    }

    /// Dot segments are resolved before a path is compared.
    fn can_match(&self) -> Result<(), PatternError> {
        let literals = || iter::once(&self.head).chain(self.variables.iter().map(|variable| &variable.then));
        let within = literals().any(|text| text.contains("/./") || text.contains("/../"));
        let at_end = self.ends && literals().last().is_some_and(|text| text.ends_with("/.") || text.ends_with("/.."));
        if within || at_end { Err(PatternError::DotSegment) } else { Ok(()) }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Why a text is no pattern. The sentence goes on from the word `pattern`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PatternError {
    /// It is longer than [`Pattern::MAX_CHARS`].
    #[error("has more than {} characters", Pattern::MAX_CHARS)]
    TooLong,
    /// It does not begin with a path.
    #[error("must begin with `/`")]
    NoSlash,
    /// Braces hold no name.
    #[error("has braces that are no variable: in them is a name of letters, digits and `_`, such as `{{id}}`")]
    Variable,
    /// A name is there twice.
    #[error("has the name `{0}` twice: variables and parameters have names of their own")]
    Repeated(String),
    /// A character can't be in a path, or has another meaning in a pattern.
    #[error("has `{}` in its path, which must be written as `{}`", .0.escape_debug(), percent_encoded(*.0))]
    Character(char),
    /// A control character can't be in a query.
    #[error("has `{}` in its query, which must be written as `{}`", .0.escape_debug(), percent_encoded(*.0))]
    Control(char),
    /// A `\` is not one that 3scale's export writes.
    #[error("has a `\\` that is not before one of `. ( ) * + [ ] | $ ?`: one that is meant is written as `%5C`")]
    Backslash,
    /// It asks for what no call has.
    #[error("has a segment `.` or `..`, which no path has left when it is compared: write where it leads")]
    DotSegment,
    /// A parameter is not understood.
    #[error("has `{0}` in its query, where parameters have the form `name=value` or `name={{variable}}`")]
    Parameter(String),
}

impl Variable {
    /// Reads what follows a `{`.
    fn parse(text: &str) -> Result<Self, PatternError> {
        let (name, then) = text.split_once('}').ok_or(PatternError::Variable)?;
        if !is_name(name) {
            return Err(PatternError::Variable);
        }
        Ok(Self { name: name.to_owned(), then: literal(then)? })
    }

    /// Says what is missing, if this variable can't stand for the beginning of `rest`.
    fn miss<'a>(&'a self, path: &'a str, rest: &'a str) -> Miss<'a> {
        let segment_end = rest.find('/').unwrap_or(rest.len());
        if segment_end == 0 {
            miss(path, rest, Wanted::Variable(&self.name))
        } else if self.then.starts_with('/') {
            differs(path, rest.get(segment_end..).unwrap_or_default(), &self.then)
        } else {
            miss(path, rest, Wanted::Later(&self.then))
        }
    }
}

impl Parameter {
    fn parse(text: &str) -> Result<Self, PatternError> {
        let wrong = || PatternError::Parameter(text.to_owned());
        let (raw_name, raw_value) = text.split_once('=').ok_or_else(wrong)?;
        let is_variable = raw_value.strip_prefix('{').and_then(|value| value.strip_suffix('}')).is_some_and(is_name);
        if raw_name.is_empty() || raw_name.contains(['{', '}']) || (raw_value.contains(['{', '}']) && !is_variable) {
            return Err(wrong());
        }
        let (name, value) = form_urlencoded::parse(text.as_bytes()).next().ok_or_else(wrong)?;
        Ok(Self { name: name.into_owned(), value: (!is_variable).then(|| value.into_owned()) })
    }
}

/// Reads text that stands for itself, slashes among it, into the form that paths have.
fn literal(text: &str) -> Result<String, PatternError> {
    let text = unescaped(text)?;
    if let Some(odd) = text.chars().find(|c| c.is_whitespace() || c.is_control() || "$#}".contains(*c)) {
        return Err(PatternError::Character(odd));
    }
    let mut canonical = String::with_capacity(text.len());
    for (index, segment) in text.split('/').enumerate() {
        if index > 0 && !canonical.ends_with('/') {
            canonical.push('/');
        }
        push_canonical(&mut canonical, segment);
    }
    Ok(canonical)
}

/// Drops the `\` that 3scale's export writes before what would be more than a character in a regular expression.
fn unescaped(text: &str) -> Result<String, PatternError> {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let c = match c {
            '\\' => chars.next().filter(|c| ".()*+[]|$?".contains(*c)).ok_or(PatternError::Backslash)?,
            c => c,
        };
        plain.push(c);
    }
    Ok(plain)
}

/// Passes at least one character, and no slash, up to the first place where `follow` finds something to go on with.
fn after_variable<'p>(path: &'p str, follow: impl Fn(&'p str) -> Option<&'p str>) -> Option<&'p str> {
    let mut tail = path;
    loop {
        let first = tail.bytes().next().filter(|first| *first != b'/')?;
        tail = tail.get(width(first)..)?;
        if let Some(rest) = follow(tail) {
            return Some(rest);
        }
    }
}

/// The miss of a text that should stand at `rest`, from where the two part.
fn differs<'a>(path: &'a str, rest: &'a str, text: &'a str) -> Miss<'a> {
    let common = rest.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count();
    let encoding = rest.get(..common).and_then(|fits| fits.rfind('%')).filter(|at| common - at < width(b'%'));
    let parting = encoding.unwrap_or(common);
    let wanted = Wanted::Text(text.get(parting..).unwrap_or_default());
    miss(path, rest.get(parting..).unwrap_or_default(), wanted)
}

fn miss<'a>(path: &'a str, rest: &'a str, wanted: Wanted<'a>) -> Miss<'a> {
    Miss::Path { at: path.len() - rest.len(), rest, wanted }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn percent_encoded(c: char) -> String {
    let mut encoded = String::new();
    c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| push_encoded(&mut encoded, byte));
    encoded
}
