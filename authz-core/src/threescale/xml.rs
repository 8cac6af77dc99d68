//! The few facts we read from a body of 3scale.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// What a body says. Of an element that comes twice only the first counts: 3scale puts some texts in unescaped, so what
/// comes later may be a caller's.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Body {
    /// `<status><authorized>`.
    pub(super) authorized: Option<String>,
    /// `<status><plan>`.
    pub(super) plan: Option<String>,
    /// `<error code="..">`.
    pub(super) error_code: Option<String>,
}

/// Reads a whole document; `None` if it is cut off or its elements do not nest, or if 3scale never sends such a one (none
/// of its own root elements, or a DTD). Attributes of elements that do not matter are not looked at.
pub(super) fn read(text: &str) -> Option<Body> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut body = Body::default();
    let mut depth = 0_usize;
    let mut roots = 0;
    let mut open: Option<(Field, String)> = None;
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => {
                depth += 1;
                if depth == 1 {
                    roots += 1;
                    body.enter(&element)?;
                } else if depth == 2 {
                    open = Field::of(element.name().as_ref()).map(|field| (field, String::new()));
                }
            }
            Event::End(_) => {
                depth -= 1;
                if depth == 1
                    && let Some((field, text)) = open.take()
                {
                    body.slot(field).get_or_insert(text);
                }
            }
            Event::Text(part) if depth == 2 => push(&mut open, &part.xml10_content()),
            Event::CData(part) if depth == 2 => push(&mut open, &part.xml10_content()),
            Event::GeneralRef(part) if depth == 2 => push(&mut open, &entity(&part.into_inner())?),
            Event::DocType(_) => return None,
            Event::Eof => break,
            Event::Text(part) if depth == 0 && !part.trim().is_empty() => return None,
            _ => {}
        }
    }
    (depth == 0 && roots == 1).then_some(body)
}

#[derive(Clone, Copy)]
enum Field {
    Authorized,
    Plan,
}

impl Field {
    fn of(name: &str) -> Option<Self> {
        match name {
            "authorized" => Some(Self::Authorized),
            "plan" => Some(Self::Plan),
            _ => None,
        }
    }
}

impl Body {
    fn enter(&mut self, root: &BytesStart<'_>) -> Option<()> {
        match root.name().as_ref() {
            "status" => Some(()),
            "error" => {
                let code = root.try_get_attribute("code").ok()??;
                self.error_code = Some(code.value.into_owned());
                Some(())
            }
            _ => None,
        }
    }

    fn slot(&mut self, field: Field) -> &mut Option<String> {
        match field {
            Field::Authorized => &mut self.authorized,
            Field::Plan => &mut self.plan,
        }
    }
}

fn push(open: &mut Option<(Field, String)>, part: &str) {
    if let Some((_, text)) = open {
        text.push_str(part);
    }
}

/// The five entities of XML and character references; anything else is not well-formed without a DTD.
fn entity(name: &str) -> Option<String> {
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some(character.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authorized(text: &str) -> Option<String> {
        read(text).and_then(|body| body.authorized)
    }

    #[test]
    fn reads_a_status() {
        let text = r#"<?xml version="1.0" encoding="UTF-8"?><status><authorized>true</authorized><plan>Gold &amp; "Silver" &lt;x&gt; &#233;</plan><usage_reports><usage_report metric="hits" period="day"><max_value>4</max_value></usage_report></usage_reports></status>"#;
        let body = read(text).unwrap();
        assert_eq!(body.authorized.as_deref(), Some("true"));
        assert_eq!(body.plan.as_deref(), Some(r#"Gold & "Silver" <x> é"#));
    }

    #[test]
    fn reads_an_error() {
        let body = read(r#"<error code="user_key_invalid">user key "x" is invalid</error>"#).unwrap();
        assert_eq!(body.error_code.as_deref(), Some("user_key_invalid"));
    }

    #[test]
    fn only_the_first_of_two_counts() {
        let text = "<status><authorized>false</authorized><reason>x</reason><authorized>true</authorized></status>";
        assert_eq!(authorized(text).as_deref(), Some("false"));
    }

    #[test]
    fn only_children_of_the_root_count() {
        let text = "<status><reason><authorized>true</authorized></reason><plan/></status>";
        assert_eq!(read(text), Some(Body { plan: Some(String::new()), ..Body::default() }));
    }

    #[test]
    fn what_is_cut_off_or_foreign_is_not_read() {
        for text in [
            "",
            " ",
            "plain text",
            "<status><authorized>true</authorized>",
            "<status><authorized>true</status>",
            "<status/><status/>",
            "<status/>trailing",
            "<html><body>502</body></html>",
            "<error>no code</error>",
            "<!DOCTYPE x [<!ENTITY y 'z'>]><status/>",
            "<status><authorized>&y;</authorized></status>",
            &"<".repeat(3400),
            &"<a>".repeat(3400),
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
