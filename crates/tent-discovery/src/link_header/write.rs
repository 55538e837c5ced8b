//! Links as text.

use std::fmt::{self, Display, Formatter, Write};

use super::{Link, Parameter};

/// A link to be written into a `Link` field.
///
/// Its text is a valid field value whatever the parts hold: bytes that cannot stand between angle
/// brackets are percent-encoded, quotes and backslashes of a relation are escaped, and its control
/// characters left out.
///
/// ```
/// use tent_discovery::link_header::LinkValue;
///
/// let link = LinkValue::new("/posts?before_id=zz", "next");
/// assert_eq!(link.to_string(), r#"</posts?before_id=zz>; rel="next""#);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkValue<'a> {
    target: &'a str,
    relation: &'a str,
}

impl<'a> LinkValue<'a> {
    /// A link to `target`, a URL or a relative reference, with this relation, or several with
    /// spaces between them.
    pub const fn new(target: &'a str, relation: &'a str) -> Self {
        Self { target, relation }
    }
}

impl Display for LinkValue<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_target(f, self.target)?;
        f.write_str("; rel=")?;
        write_quoted(f, self.relation)
    }
}

/// Writes the link as a valid link-value: one space after each semicolon, every value in quotes.
impl Display for Link<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_target(f, self.target())?;
        self.parameters()
            .try_for_each(|parameter| write!(f, "; {parameter}"))
    }
}

impl Display for Parameter<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self.value() {
            Some(value) => {
                f.write_char('=')?;
                write_quoted(f, &value)
            }
            None => Ok(()),
        }
    }
}

fn write_target(f: &mut Formatter<'_>, target: &str) -> fmt::Result {
    f.write_char('<')?;
    for byte in target.bytes() {
        match byte {
            b'<' | b'>' | b'"' | 0..=b' ' | 0x7f.. => write!(f, "%{byte:02X}")?,
            _ => f.write_char(byte.into())?,
        }
    }
    f.write_char('>')
}

fn write_quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for char in text
        .chars()
        .filter(|&char| char == '\t' || !char.is_control())
    {
        if matches!(char, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(char)?;
    }
    f.write_char('"')
}
