//! JSON as the document prints it.

use serde::de::DeserializeOwned;

use crate::json::{DecodeError, decode};

/// Reads JSON as the document prints it, where one example has a comma before a closing brace: where
/// JSON is invalid, such commas are left out.
///
/// This is for fixtures and archives. What a server answers is never read like this.
///
/// Source: `docs/protocol.md` §8.5.
///
/// # Errors
///
/// When it is not JSON without those commas either.
///
/// ```
/// use tent_proto::draft::model::TypeReference;
/// use tent_proto::draft::read_printed;
///
/// let repost: TypeReference = read_printed(
///     r#"{
///         "url": "https://tent.io/types/posts/repost",
///         "version": "0.1.0",
///     }"#,
/// )?;
/// assert_eq!(repost.version.as_deref(), Some("0.1.0"));
/// # Ok::<(), tent_proto::json::DecodeError>(())
/// ```
pub fn read_printed<T: DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    decode(text.as_bytes()).or_else(|_| decode(without_last_commas(text).as_bytes()))
}

/// Leaves out each comma between a value and a closing bracket.
fn without_last_commas(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let (mut in_string, mut is_escaped) = (false, false);
    // The last character that is no white space, and where a comma is that follows a value.
    let (mut last, mut comma) = (' ', None);
    for char in text.chars() {
        match char {
            ']' | '}' if !in_string => {
                if let Some(at) = comma.take() {
                    plain.remove(at);
                }
            }
            ',' if !in_string => {
                comma = (!matches!(last, '[' | '{' | ',' | ':')).then_some(plain.len());
            }
            _ if char.is_whitespace() => {}
            _ => comma = None,
        }
        if char == '"' && !is_escaped {
            in_string = !in_string;
        }
        is_escaped = in_string && char == '\\' && !is_escaped;
        if !char.is_whitespace() {
            last = char;
        }
        plain.push(char);
    }
    plain
}
