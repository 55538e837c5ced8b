//! Reading JSON, and saying where it is wrong.

use serde::de::{Deserialize, DeserializeOwned, Error as _};

/// A body is not what the protocol promises.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// It is empty.
    #[error("the body is empty")]
    Empty,
    /// It is not JSON at all.
    #[error("the body is not JSON; it begins with {beginning:?}")]
    NotJson {
        /// Its first characters.
        beginning: String,
        /// What the parser says.
        #[source]
        cause: serde_json::Error,
    },
    /// It is JSON, or begins like it, and something in it is wrong.
    #[error("at {path} in the body")]
    Json {
        /// Where, as in `$[3].permissions.public`.
        path: String,
        /// What the parser says.
        #[source]
        cause: serde_json::Error,
    },
    /// A header field is missing or wrong.
    #[error("the {0} header is missing or not what it should be")]
    Header(&'static str),
    /// The body lacks something that is always there.
    #[error("the body has no {0}")]
    Missing(&'static str),
    /// The body names what cannot be used.
    #[error("the {0} in the body cannot be used")]
    Unusable(
        &'static str,
        #[source] Box<dyn std::error::Error + Send + Sync>,
    ),
}

/// Reads a body as JSON, whatever its content type says (`docs/protocol.md` §9.1).
///
/// # Errors
///
/// [`DecodeError`] names the place.
pub fn decode<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T, DecodeError> {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    let Some(first) = first else {
        return Err(DecodeError::Empty);
    };
    // Whole text is checked faster than one string after the other, and where nobody looks, too.
    let text = std::str::from_utf8(body);
    let read = match text {
        Ok(text) => serde_json::from_str(text),
        Err(error) => Err(not_utf8(body, error.valid_up_to())),
    };
    read.map_err(|cause| {
        let is_json_like = matches!(first, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9');
        if is_json_like || (text.is_ok() && !cause.is_syntax()) {
            let path = path_to(body, &cause);
            DecodeError::Json { path, cause }
        } else {
            let text = String::from_utf8_lossy(body.get(..200).unwrap_or(body));
            let beginning = text.trim_start().chars().take(60).collect();
            DecodeError::NotJson { beginning, cause }
        }
    })
}

/// Reads a body that may hold keys. An error names the place, and nothing of what stands there.
///
/// # Errors
///
/// As [`decode`].
pub(crate) fn decode_secret<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    decode(body).map_err(|error| match error {
        DecodeError::NotJson { cause, .. } => {
            let beginning = "…".to_owned();
            DecodeError::NotJson { beginning, cause }
        }
        // What serde says of a value that does not fit quotes the value.
        DecodeError::Json { path, cause } if cause.is_data() => {
            let (line, column) = (cause.line(), cause.column());
            let plain =
                format!("the value is not what it should be at line {line} column {column}");
            let cause = serde_json::Error::custom(plain);
            DecodeError::Json { path, cause }
        }
        error => error,
    })
}

/// The error for a body that is text for so many bytes only.
fn not_utf8(body: &[u8], valid: usize) -> serde_json::Error {
    let text = body.get(..valid).unwrap_or(body);
    let before = text.rsplit(|byte| *byte == b'\n').next();
    let line = 1 + text.iter().filter(|byte| **byte == b'\n').count();
    let column = 1 + before.unwrap_or(text).len();
    // serde_json takes the place from the end of the text.
    serde_json::Error::custom(format!("not UTF-8 at line {line} column {column}"))
}

/// The path to what an error is about, for people to read.
fn path_to(body: &[u8], error: &serde_json::Error) -> String {
    let mut path = Path::default();
    if error.is_eof() {
        path.walk(body, body.len());
        return path.to_string();
    }
    // Line and column count from 1.
    let lines = body.split_inclusive(|byte| *byte == b'\n');
    let start: usize = lines
        .take(error.line().saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    let end = (start + error.column()).min(body.len());
    // The last byte may be where the error was seen: it belongs to the container it stands in. But a
    // comma that was read is behind the value that was right.
    let is_read = error.is_data() && body.get(..end).is_some_and(|text| text.ends_with(b","));
    let ended = if is_read { end } else { end.saturating_sub(1) };
    path.walk(body.get(..end).unwrap_or(body), ended);
    path.to_string()
}

/// The containers that are open at some place.
#[derive(Default)]
struct Path(Vec<Open>);

enum Open {
    Array(usize),
    Object { key: Option<String> },
}

impl Path {
    /// Scans text that was valid up to its end. Containers and members end before `end` alone.
    fn walk(&mut self, text: &[u8], end: usize) {
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            at += 1;
            match byte {
                b'{' => self.0.push(Open::Object { key: None }),
                b'[' => self.0.push(Open::Array(0)),
                b'}' | b']' if at <= end => drop(self.0.pop()),
                b',' => match self.0.last_mut() {
                    Some(Open::Array(index)) if at <= end => *index += 1,
                    Some(Open::Object { key }) if at <= end => *key = None,
                    _ => {}
                },
                b'"' => {
                    let start = at;
                    while let Some(byte) = text.get(at) {
                        at += if *byte == b'\\' { 2 } else { 1 };
                        if *byte == b'"' {
                            break;
                        }
                    }
                    if let Some(Open::Object { key: key @ None }) = self.0.last_mut() {
                        let name = text.get(start..at.saturating_sub(1)).unwrap_or_default();
                        *key = Some(String::from_utf8_lossy(name).into_owned());
                    }
                }
                _ => {}
            }
        }
    }
}

/// How many containers deep a place is named. Deeper ones help nobody.
const NAMED: usize = 32;

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("$")?;
        for open in self.0.iter().take(NAMED) {
            match open {
                Open::Array(index) => write!(f, "[{index}]")?,
                Open::Object { key: None } => {}
                Open::Object { key: Some(key) } if is_name(key) => write!(f, ".{key}")?,
                Open::Object { key: Some(key) } => write!(f, "[{key:?}]")?,
            }
        }
        if self.0.len() > NAMED {
            f.write_str("…")?;
        }
        Ok(())
    }
}

fn is_name(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    use super::*;

    type Shape = Vec<BTreeMap<String, Vec<bool>>>;

    fn path(text: &str) -> String {
        match decode::<Shape>(text.as_bytes()).unwrap_err() {
            DecodeError::Json { path, .. } => path,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_path_leads_to_what_is_wrong() {
        assert_eq!(path(r#"[{"a":[true]},{"b":[true,3]}]"#), "$[1].b[1]");
        assert_eq!(
            path("[{\"a\":[true]},\n {\"https://x/y\": [\n 1]}]"),
            "$[1][\"https://x/y\"][0]"
        );
        assert_eq!(path(r#"[{"a":true}]"#), "$[0].a");
        assert_eq!(path(r#"[{"a":{"b":1}}]"#), "$[0].a");
        assert_eq!(path(r#"[{"a":[true]},[3]]"#), "$[1]");
        assert_eq!(path(r#"[{"a":[tru"#), "$[0].a[0]");
        assert_eq!(path(r#"[{"a\"b":[1]}]"#), r#"$[0]["a\\\"b"][0]"#);
        assert_eq!(path(r#"[{"a":[true]},,]"#), "$[1]");
        assert_eq!(path(r#"[{"a":[true]}],"#), "$");
        assert_eq!(path(r#"[{"a":[true]}"#), "$[0]");
        assert_eq!(path(r#"[{"a":[true]},"#), "$[1]");
        assert_eq!(path("3"), "$");
    }

    #[test]
    fn pages_and_nothing_are_not_json() {
        let error = decode::<Shape>(b"  <html>busy</html>").unwrap_err();
        assert!(error.to_string().contains("<html>busy"), "{error}");
        assert!(matches!(decode::<Shape>(b" \n"), Err(DecodeError::Empty)));
    }

    #[test]
    fn what_is_not_text_is_refused_even_where_nobody_looks() {
        let error =
            decode::<BTreeMap<String, IgnoredAny>>(b"{\n\"a\":1,\"b\":[\"\xff\"]}").unwrap_err();
        assert_eq!(error.to_string(), "at $.b[0] in the body");
        let cause = std::error::Error::source(&error).unwrap();
        assert_eq!(cause.to_string(), "not UTF-8 at line 2 column 13");
        let error = decode::<Shape>(b"<html>b\xfcsy</html>").unwrap_err();
        assert!(error.to_string().contains("<html>b\u{fffd}sy"), "{error}");
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = decode::<Shape>(&body);
        }

        #[test]
        fn no_broken_json_panics(text in "[\\[\\]{}\",:a1\\\\\n ]{0,40}") {
            let _ = decode::<Shape>(text.as_bytes());
        }
    }
}
