//! Text as PostgreSQL keeps it, which is any but with a NUL. U+0001 and a digit stand for that, and for
//! U+0001 itself.

use std::borrow::Cow;
use std::error::Error;

use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type};

const ESCAPE: char = '\u{1}';

fn is_special(byte: &u8) -> bool {
    *byte <= 1
}

pub(in crate::storage) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| is_special(&byte)) {
        return text.into();
    }
    text.replace(ESCAPE, "\u{1}1")
        .replace('\0', "\u{1}0")
        .into()
}

pub(in crate::storage) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains(ESCAPE) {
        return text.into();
    }
    let text = text.replace("\u{1}0", "\0").replace("\u{1}1", "\u{1}");
    text.into()
}

/// A value of a statement, escaped if it is text. The elements of an array have to be so already.
#[derive(Debug)]
pub(super) struct Escaped<'a>(pub(super) &'a (dyn ToSql + Sync));

impl ToSql for Escaped<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let start = out.len();
        let is_null = self.0.to_sql_checked(kind, out)?;
        if *kind == Type::TEXT && out.iter().skip(start).any(is_special) {
            let text = out.split_off(start);
            let text = std::str::from_utf8(&text)?;
            out.extend_from_slice(escaped(text).as_bytes());
        }
        Ok(is_null)
    }

    fn accepts(_: &Type) -> bool {
        true // or else the value itself says so
    }

    fn to_sql_checked(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.to_sql(kind, out)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_text_comes_back_and_none_has_a_nul(text in "[\0\u{1}01a]*") {
            let kept = escaped(&text);
            prop_assert!(!kept.contains('\0'));
            prop_assert_eq!(unescaped(&kept).into_owned(), text);
        }
    }
}
