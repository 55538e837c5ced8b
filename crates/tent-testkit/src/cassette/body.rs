//! Bodies as they are shown.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::Json;

/// A body, in the form that shows it best and loses nothing but space between JSON's parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RecordedBody {
    /// JSON.
    Json(Json),
    /// Any other text.
    Text(String),
    /// Anything else, in base64.
    Base64(String),
}

impl RecordedBody {
    /// The form for these bytes; `None` when there are none.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return None;
        }
        let json = Json::read(bytes).filter(|json| json.compact().as_bytes() == compact(bytes));
        Some(match (json, std::str::from_utf8(bytes)) {
            (Some(json), _) => Self::Json(json),
            (None, Ok(text)) => Self::Text(text.to_owned()),
            (None, Err(_)) => Self::Base64(STANDARD.encode(bytes)),
        })
    }

    /// The bytes.
    pub fn bytes(&self) -> Bytes {
        match self {
            Self::Json(json) => json.compact().into(),
            Self::Text(text) => text.clone().into(),
            Self::Base64(text) => STANDARD.decode(text).unwrap_or_default().into(),
        }
    }

    /// It as JSON, if it is that.
    pub fn json(&self) -> Option<Json> {
        match self {
            Self::Json(json) => Some(json.clone()),
            Self::Text(text) => Json::read(text.as_bytes()),
            Self::Base64(_) => None,
        }
    }
}

impl fmt::Display for RecordedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(json) => f.write_str(&json.compact()),
            Self::Text(text) | Self::Base64(text) => f.write_str(text),
        }
    }
}

/// JSON without the space between its parts.
fn compact(json: &[u8]) -> Vec<u8> {
    let (mut is_string, mut is_escaped) = (false, false);
    let keep = |byte: &&u8| {
        let is_space = matches!(**byte, b' ' | b'\t' | b'\r' | b'\n');
        let keep = is_string || !is_space;
        if **byte == b'"' && !is_escaped {
            is_string = !is_string;
        }
        is_escaped = is_string && **byte == b'\\' && !is_escaped;
        keep
    };
    json.iter().filter(keep).copied().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_body_comes_back_as_it_was(bytes: Vec<u8>) {
            let body = RecordedBody::of(&bytes);
            prop_assert_eq!(body.map(|body| body.bytes()).unwrap_or_default(), bytes);
        }
    }

    #[test]
    fn json_is_shown_as_json_only_when_nothing_is_lost() {
        let json = r#"{ "b": [1, 2.5, "a \" b"], "a" : null }"#;
        let body = RecordedBody::of(json.as_bytes()).unwrap();
        assert_eq!(body.to_string(), r#"{"b":[1,2.5,"a \" b"],"a":null}"#);
        assert!(matches!(body, RecordedBody::Json(_)));
        for text in [r#"{"a":1.50}"#, r#"["\u00e9"]"#, "[1", "<html>"] {
            let body = RecordedBody::of(text.as_bytes()).unwrap();
            assert_eq!(body, RecordedBody::Text(text.to_owned()));
        }
    }
}
