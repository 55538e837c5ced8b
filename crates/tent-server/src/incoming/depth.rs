//! How deep a body may be nested. What is stored is read again, by clients too, whose parsers may have
//! limits or none.

use http::StatusCode;

use crate::error::ApiError;

/// How many arrays and objects may be within one another. Parsers of many languages stop at 100 or
/// more.
const MOST: usize = 64;

/// # Errors
///
/// When a text of JSON is nested deeper than that.
pub(super) fn check(json: &[u8]) -> Result<(), ApiError> {
    if is_within(json, MOST) {
        return Ok(());
    }
    let text = format!("the body is nested deeper than {MOST} levels");
    Err(ApiError::new(StatusCode::BAD_REQUEST, text))
}

fn is_within(json: &[u8], most: usize) -> bool {
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            _ if is_text => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > most {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn depth(json: &Value) -> usize {
        match json {
            Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
            Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
            _ => 0,
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            "[\\[\\]{}\"\\\\a]{0,6}".prop_map(Value::from)
        ];
        leaf.prop_recursive(6, 24, 3, |inner| {
            let keys = "[\\[{\"\\\\]{0,3}";
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::hash_map(keys, inner, 0..3)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_is_that_of_the_parsed_text(json in json()) {
            let (text, depth) = (json.to_string(), depth(&json));
            prop_assert!(is_within(text.as_bytes(), depth));
            prop_assert!(depth == 0 || !is_within(text.as_bytes(), depth - 1));
        }
    }
}
