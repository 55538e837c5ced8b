//! The type of a post, as the command line names it.

use tent_proto::TypeUri;

/// The types that Tent documents, which have names for short.
const NAMES: [&str; 10] = [
    "status",
    "essay",
    "photo",
    "album",
    "repost",
    "profile",
    "delete",
    "following",
    "follower",
    "group",
];

/// `status` and its like, or a URI.
pub(crate) fn parse_type(text: &str) -> Result<TypeUri, String> {
    if NAMES.contains(&text) {
        return Ok(format!("https://tent.io/types/post/{text}/v0.1.0").into());
    }
    if text.contains(':') {
        return Ok(text.into());
    }
    let names = NAMES.join(", ");
    Err(format!("it is neither a URI nor one of {names}"))
}

/// The same, or `all`.
pub(crate) fn parse_type_or_all(text: &str) -> Result<TypeUri, String> {
    match text {
        "all" => Ok(TypeUri::all()),
        text => parse_type(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tent_documents_has_a_name_and_all_else_a_uri() {
        assert_eq!(parse_type("essay").unwrap(), TypeUri::essay());
        assert_eq!(parse_type("group").unwrap(), TypeUri::group());
        let tides = "https://tides.example/types/tide/v1.0.0";
        assert_eq!(parse_type(tides).unwrap().as_str(), tides);
        for text in ["", "all", "essays", "Essay"] {
            assert!(parse_type(text).is_err(), "{text}");
        }
        assert_eq!(parse_type_or_all("all").unwrap(), TypeUri::all());
        assert_eq!(parse_type_or_all("photo").unwrap(), TypeUri::photo());
    }
}
