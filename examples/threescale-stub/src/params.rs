use crate::refusal::Refusal;

/// Parameters of a query or a form, nested as their names say: `usage[hits]=1`.
#[derive(Clone, Default)]
pub(crate) struct Params {
    entries: Vec<(String, Param)>,
    broken_text: bool,
}

/// One parameter.
#[derive(Clone)]
pub(crate) enum Param {
    /// A name without `=`.
    Missing,
    Text(String),
    /// `name[]=..`; nothing the API takes is a list, so its content is dropped.
    List,
    Map(Params),
}

/// Why a query or a form cannot be read.
pub(crate) enum Unreadable {
    TooLarge,
    TooMany(usize),
    PercentEncoding,
    Conflict,
}

impl Params {
    /// Reads URL-encoded parameters. Of the same name the last one counts.
    pub(crate) fn parse(encoded: &[u8]) -> Result<Params, Unreadable> {
        if encoded.len() > MAX_BYTES {
            return Err(Unreadable::TooLarge);
        }
        let count = encoded.split(|&byte| byte == b'&').count();
        if count > MAX_COUNT {
            return Err(Unreadable::TooMany(count));
        }
        let mut params = Params::default();
        for part in encoded.split(|&byte| byte == b'&').filter(|part| !part.is_empty()) {
            params.add(part)?;
        }
        Ok(params)
    }

    /// Adds the parameters of `other`, which win over those of the same name.
    pub(crate) fn overlaid_with(mut self, other: Params) -> Params {
        self.broken_text |= other.broken_text;
        for (name, param) in other.entries {
            self.set(&name, param);
        }
        self
    }

    /// Returns whether some name or value is not UTF-8.
    pub(crate) fn has_broken_text(&self) -> bool {
        self.broken_text
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Param> {
        self.entries.iter().rev().find(|(known, _)| known == name).map(|(_, param)| param)
    }

    /// Returns the parameter if it is a plain text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.find(name)? {
            Param::Text(text) => Some(text),
            Param::Missing | Param::List | Param::Map(_) => None,
        }
    }

    /// Returns whether the parameter is there with a value of any shape.
    pub(crate) fn is_given(&self, name: &str) -> bool {
        !matches!(self.find(name), None | Some(Param::Missing))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Param)> {
        self.entries.iter().map(|(name, param)| (name.as_str(), param))
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    fn add(&mut self, part: &[u8]) -> Result<(), Unreadable> {
        let mut sides = part.splitn(2, |&byte| byte == b'=');
        let name = self.decode(sides.next().unwrap_or_default())?;
        let value = match sides.next() {
            Some(value) => Param::Text(self.decode(value)?),
            None => Param::Missing,
        };
        // The first character belongs to the name even if it is a bracket.
        let after_first = name.chars().next().map_or(0, char::len_utf8);
        match name.get(after_first..).and_then(|rest| rest.find('[')) {
            Some(bracket) => {
                let (key, path) = name.split_at(after_first + bracket);
                self.put(key, path, value, 0)
            }
            None => self.put(&name, "", value, 0),
        }
    }

    /// Stores a value under `key` and the bracketed `path` below it.
    fn put(&mut self, key: &str, path: &str, value: Param, depth: usize) -> Result<(), Unreadable> {
        if depth >= MAX_DEPTH {
            return Err(Unreadable::Conflict);
        }
        if key.is_empty() {
            return Ok(());
        }
        if path.is_empty() {
            self.set(key, value);
            return Ok(());
        }
        if path == "[" {
            self.set(&format!("{key}["), value);
            return Ok(());
        }
        if path.starts_with("[]") {
            return match self.entry(key, Param::List) {
                Param::List => Ok(()),
                Param::Missing | Param::Text(_) | Param::Map(_) => Err(Unreadable::Conflict),
            };
        }
        let (child, rest) = first_step(path);
        match self.entry(key, Param::Map(Params::default())) {
            Param::Map(children) => children.put(child, rest, value, depth + 1),
            Param::Missing | Param::Text(_) | Param::List => Err(Unreadable::Conflict),
        }
    }

    fn set(&mut self, name: &str, param: Param) {
        *self.entry(name, Param::Missing) = param;
    }

    /// Returns the entry of that name, made from `fresh` if there is none or a nil one.
    fn entry(&mut self, name: &str, fresh: Param) -> &mut Param {
        let index = self.entries.iter().rposition(|(known, _)| known == name).unwrap_or_else(|| {
            self.entries.push((name.to_owned(), Param::Missing));
            self.entries.len() - 1
        });
        let param = &mut self.entries[index].1;
        if matches!(param, Param::Missing) {
            *param = fresh;
        }
        param
    }

    fn decode(&mut self, encoded: &[u8]) -> Result<String, Unreadable> {
        let bytes = percent_decoded(encoded).ok_or(Unreadable::PercentEncoding)?;
        self.broken_text |= std::str::from_utf8(&bytes).is_err();
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Unreadable {
    pub(crate) fn refusal(&self) -> Refusal {
        match self {
            Unreadable::TooLarge => Refusal::bad_request(format!("total query size exceeds limit ({MAX_BYTES})")),
            Unreadable::TooMany(count) => {
                Refusal::bad_request(format!("total number of query parameters ({count}) exceeds limit ({MAX_COUNT})"))
            }
            Unreadable::PercentEncoding => Refusal::bad_request("Invalid query parameters: invalid %-encoding"),
            Unreadable::Conflict => {
                Refusal::bad_request("request contains syntax errors, should not be repeated without modification")
            }
        }
    }
}

/// Splits `[a][b]` into `a` and `[b]`; a path without a closing bracket is a name as it stands.
fn first_step(path: &str) -> (&str, &str) {
    let inner = path.strip_prefix('[').unwrap_or(path);
    match inner.split_once(']') {
        Some((child, rest)) if path.starts_with('[') => (child, rest),
        _ => (path, ""),
    }
}

fn percent_decoded(encoded: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.iter();
    while let Some(&byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex_digit(*bytes.next()?)? * 16 + hex_digit(*bytes.next()?)?,
            b'+' => b' ',
            plain => plain,
        });
    }
    Some(decoded)
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

const MAX_BYTES: usize = 4 * 1024 * 1024;
const MAX_COUNT: usize = 4_096;
const MAX_DEPTH: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(query: &str) -> Params {
        Params::parse(query.as_bytes()).ok().expect("readable parameters")
    }

    fn shown(params: &Params) -> String {
        let one = |(name, param): (&str, &Param)| match param {
            Param::Missing => format!("{name}:nil"),
            Param::Text(text) => format!("{name}:{text:?}"),
            Param::List => format!("{name}:list"),
            Param::Map(children) => format!("{name}:{}", shown(children)),
        };
        format!("{{{}}}", params.iter().map(one).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn names_nest_by_brackets() {
        for (query, tree) in [
            ("", "{}"),
            ("a=1&b=2&a=3", r#"{a:"3" b:"2"}"#),
            ("usage%5Bhits%5D=1&usage[list]=2", r#"{usage:{hits:"1" list:"2"}}"#),
            ("t[0][usage][a.b]=1", r#"{t:{0:{usage:{a.b:"1"}}}}"#),
            ("usage[]=5&usage[][x]=6", "{usage:list}"),
            ("t[0]", "{t:{0:nil}}"),
            ("a=b=c&=x&&d+e=%26", r#"{a:"b=c" d e:"&"}"#),
            ("u[+hits+]=+3+", r#"{u:{ hits :" 3 "}}"#),
            ("[a]=1&b[=2&c[d=3", r#"{[a]:"1" b[:"2" c:{[d:"3"}}"#),
        ] {
            assert_eq!(shown(&parsed(query)), tree, "{query}");
        }
    }

    #[test]
    fn conflicting_shapes_and_bad_encodings_are_refused() {
        for query in ["u[]=1&u[a]=1", "u[a]=1&u[]=1", "u=1&u[a]=1", &format!("a{}=1", "[x]".repeat(40))] {
            assert!(matches!(Params::parse(query.as_bytes()), Err(Unreadable::Conflict)), "{query}");
        }
        for query in ["a=%zz", "a=%4", "%=1", "a=%+1"] {
            assert!(matches!(Params::parse(query.as_bytes()), Err(Unreadable::PercentEncoding)), "{query}");
        }
    }

    #[test]
    fn broken_text_is_noticed_anywhere() {
        assert!(parsed("a=%ff").has_broken_text());
        assert!(parsed("u[%ff]=1").has_broken_text());
        assert!(!parsed("u=%C3%A9").has_broken_text());
    }

    #[test]
    fn a_query_has_at_most_4096_parameters_and_4_mib() {
        let many = |count: usize| vec!["a=1"; count].join("&");
        assert!(Params::parse(many(4_096).as_bytes()).is_ok());
        assert!(matches!(Params::parse(many(4_097).as_bytes()), Err(Unreadable::TooMany(4_097))));
        let long = vec![b'a'; MAX_BYTES + 1];
        assert!(matches!(Params::parse(&long), Err(Unreadable::TooLarge)));
    }
}
