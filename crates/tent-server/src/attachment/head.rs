//! The heads of answers with files. Whatever is attached may be hostile (`docs/protocol.md` §10.7).

use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::range::Wanted;
use crate::error::ApiError;
use crate::storage::Digest;

/// What stands as it is in the value of an extended parameter (RFC 8187 §3.2.1).
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

pub(super) fn etag(digest: Digest) -> String {
    format!("\"{digest}\"")
}

/// Says what a file is, and keeps browsers from taking it for a page of the server's.
pub(super) fn describe(name: &str, media_type: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let fixed = HeaderValue::from_static;
    headers.insert(CACHE_CONTROL, fixed("max-age=0, private, must-revalidate"));
    headers.insert(VARY, fixed("Accept"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    let is_passive = is_passive(media_type);
    if !is_passive {
        let policy = fixed("default-src 'none'; sandbox");
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    insert(&mut headers, CONTENT_TYPE, media_type);
    insert(
        &mut headers,
        CONTENT_DISPOSITION,
        &disposition(name, is_passive),
    );
    headers
}

/// Says which file it is, and how much of it follows.
pub(super) fn measure(headers: &mut HeaderMap, etag: &str, wanted: Wanted, size: u64) {
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    insert(headers, ETAG, etag);
    let length = match wanted {
        Wanted::Part { start, length } => {
            let last = start + length - 1;
            insert(
                headers,
                CONTENT_RANGE,
                &format!("bytes {start}-{last}/{size}"),
            );
            length
        }
        _ => size,
    };
    headers.insert(CONTENT_LENGTH, length.into());
}

/// Refuses a part that there is not.
pub(super) fn beyond(size: u64) -> Response {
    let text = "the range lies behind the end of the file";
    let mut response = ApiError::new(StatusCode::RANGE_NOT_SATISFIABLE, text).into_response();
    let range = format!("bytes */{size}");
    insert(response.headers_mut(), CONTENT_RANGE, &range);
    response
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
}

/// Whether a browser that shows a file of this type runs nothing that is in it.
fn is_passive(media_type: &str) -> bool {
    match media_type.split_once('/') {
        Some(("image", kind)) => !kind.contains("svg") && !kind.contains("xml"),
        Some(("audio" | "video", _)) => true,
        _ => media_type == "text/plain",
    }
}

/// Whether to show the file or to save it, and under which name: one in ASCII for all, and the true
/// one (RFC 6266).
fn disposition(name: &str, is_passive: bool) -> String {
    let kind = if is_passive { "inline" } else { "attachment" };
    let is_plain = |one: char| matches!(one, ' '..='~') && !matches!(one, '"' | '\\' | '%' | '/');
    let plain: String = name
        .chars()
        .map(|one| if is_plain(one) { one } else { '_' })
        .collect();
    let mut text = format!("{kind}; filename=\"{plain}\"");
    if plain != name {
        text.push_str("; filename*=UTF-8''");
        text.extend(utf8_percent_encode(name, ATTR_CHAR));
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_given_as_every_browser_reads_it() {
        for (name, expected) in [
            ("quay.jpg", "inline; filename=\"quay.jpg\""),
            (
                "Kai über.jpg",
                "inline; filename=\"Kai _ber.jpg\"; filename*=UTF-8''Kai%20%C3%BCber.jpg",
            ),
            (
                "a\"; x=\\b",
                "inline; filename=\"a_; x=_b\"; filename*=UTF-8''a%22%3B%20x%3D%5Cb",
            ),
        ] {
            assert_eq!(disposition(name, true), expected);
        }
        assert!(disposition("a", false).starts_with("attachment;"));
    }

    #[test]
    fn what_may_run_is_not_passive() {
        for passive in ["image/png", "audio/ogg", "video/mp4", "text/plain"] {
            assert!(is_passive(passive), "{passive}");
        }
        for active in [
            "image/svg+xml",
            "image/svg",
            "text/html",
            "text/xml",
            "application/pdf",
            "application/octet-stream",
            "text/javascript",
            "x",
            "",
        ] {
            assert!(!is_passive(active), "{active}");
        }
    }

    proptest! {
        #[test]
        fn no_name_becomes_more_than_a_name(name in any::<String>()) {
            let text = disposition(&name, true);
            prop_assert!(HeaderValue::from_str(&text).is_ok());
            prop_assert_eq!(text.matches('"').count(), 2);
        }
    }
}
