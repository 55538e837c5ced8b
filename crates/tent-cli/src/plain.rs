//! What peers send, made fit for a terminal.

use std::borrow::Cow;

/// Takes out control characters, which a terminal would obey, and marks that turn the direction of
/// writing, which make a text look like another.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if text.contains(is_unfit) {
        Cow::Owned(text.replace(is_unfit, ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// The same, line by line.
pub(crate) fn plain_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(plain).collect();
    lines.join("\n")
}

fn is_unfit(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// JSON on one line, as it came but for the white space between its parts. Control characters that
/// JSON allows in strings are written as escapes.
pub(crate) fn json_line(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if c.is_ascii_whitespace() {
            continue;
        } else {
            in_string = c == '"';
        }
        if is_unfit(c) {
            line.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            line.push(c);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn terminals_get_nothing_to_obey() {
        assert_eq!(
            plain("Hello\u{1b}[31m \u{9b}2J\r\n\u{7f}wörld 🌍"),
            "Hello[31m 2Jwörld 🌍"
        );
        assert_eq!(plain("evil\u{202e}txt.exe"), "eviltxt.exe");
        assert_eq!(plain_lines("a\u{7}\nb\r\n\nc"), "a\nb\n\nc");
    }

    #[test]
    fn json_keeps_its_text_on_one_line() {
        let json = "{ \"a\" : [ 1.50, 1e3 ],\n\t\"b \\\"c\\\\\" : \"x\\ny  z\u{9b}\" }";
        let line = "{\"a\":[1.50,1e3],\"b \\\"c\\\\\":\"x\\ny  z\\u009b\"}";
        assert_eq!(json_line(json), line);
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            "(?s).{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("(?s).{0,6}", inner, 0..4)
                    .prop_map(Value::from_iter),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_line_says_the_same(value in json()) {
            let line = json_line(&serde_json::to_string_pretty(&value).unwrap());
            prop_assert!(!line.contains(char::is_control), "{line:?}");
            prop_assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), value);
        }

        #[test]
        fn plain_text_has_no_control_characters(text in "(?s).{0,40}") {
            prop_assert!(!plain(&text).contains(char::is_control));
        }
    }
}
