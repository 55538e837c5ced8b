//! Redirect URIs: which may be registered, which of them a request may name, and how an answer is
//! put into one.
//!
//! Source: RFC 6749 §3.1.2 and RFC 8252 §7.3; `docs/protocol.md` §4.4.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Host, Url};

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Schemes of URLs that run or read something in the browser.
const UNSAFE: [&str; 7] = [
    "javascript",
    "data",
    "vbscript",
    "file",
    "blob",
    "about",
    "view-source",
];

/// Whether a URI can be sent back to: an absolute one, as it stands in a header, without a fragment.
pub(crate) fn may_be_registered(uri: &str) -> bool {
    let is_plain = uri
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'#');
    is_plain
        && Url::parse(uri)
            .is_ok_and(|url| !UNSAFE.contains(&url.scheme()) && url.username().is_empty())
}

/// Whether a request may name this URI: character for character a registered one. A registered
/// loopback URI allows any port, since programs get theirs when they start.
pub(crate) fn is_registered(registered: &[String], requested: &str) -> bool {
    may_be_registered(requested)
        && registered
            .iter()
            .any(|uri| uri == requested || is_same_loopback(uri, requested))
}

fn is_same_loopback(registered: &str, requested: &str) -> bool {
    let (Ok(registered), Ok(requested)) = (Url::parse(registered), Url::parse(requested)) else {
        return false;
    };
    is_loopback(&registered)
        && registered.scheme() == requested.scheme()
        && registered.host() == requested.host()
        && registered.path() == requested.path()
        && registered.query() == requested.query()
        && requested.password().is_none()
}

/// Whether the URI leads to a program on the owner's own device.
pub(crate) fn is_loopback(uri: &Url) -> bool {
    uri.scheme() == "http"
        && match uri.host() {
            Some(Host::Ipv4(address)) => address == std::net::Ipv4Addr::LOCALHOST,
            Some(Host::Ipv6(address)) => address == std::net::Ipv6Addr::LOCALHOST,
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
}

/// The URI with these pairs added to its query.
pub(crate) fn with_pairs(uri: &str, pairs: &[(&str, &str)]) -> String {
    let mut text = uri.to_owned();
    let mut separator = match uri.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    for (name, value) in pairs {
        text.push_str(separator);
        text.push_str(name);
        text.push('=');
        text.extend(utf8_percent_encode(value, RESERVED));
        separator = "&";
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_browsers_run_or_what_no_header_carries_is_refused() {
        for uri in [
            "https://app.example/cb",
            "https://app.example/cb?x=1",
            "http://127.0.0.1/cb",
            "harbour:/cb",
        ] {
            assert!(may_be_registered(uri), "{uri}");
        }
        for uri in [
            "",
            "/cb",
            "app.example",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "https://app.example/#x",
            "https://app.example/a b",
            "https://app.example/\r\nx",
            "https://me@app.example/",
            "https://bücher.example/",
        ] {
            assert!(!may_be_registered(uri), "{uri}");
        }
    }

    #[test]
    fn uris_match_exactly_but_for_the_port_of_a_loopback_one() {
        let matches =
            |registered: &str, requested| is_registered(&[registered.to_owned()], requested);
        assert!(matches("https://app.example/cb", "https://app.example/cb"));
        assert!(matches("http://127.0.0.1/cb", "http://127.0.0.1:40123/cb"));
        assert!(matches(
            "http://127.0.0.1:9/cb?a=1",
            "http://127.0.0.1:40123/cb?a=1"
        ));
        assert!(matches("http://[::1]/cb", "http://[::1]:40123/cb"));
        assert!(matches("http://localhost/cb", "http://localhost:40123/cb"));
        for (registered, requested) in [
            ("https://app.example/cb", "https://app.example/cb/"),
            ("https://app.example/cb", "https://app.example/cb?x"),
            ("https://app.example/cb", "https://app.example:444/cb"),
            ("https://app.example/cb", "https://APP.example/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1/other"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1/cb?x"),
            ("http://127.0.0.1/cb", "http://localhost:1/cb"),
            ("http://127.0.0.1/cb", "https://127.0.0.1:1/cb"),
            ("http://127.0.0.1/cb", "http://:x@127.0.0.1:1/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1@evil.example/cb"),
            (
                "http://127.0.0.1.evil.example/cb",
                "http://127.0.0.1.evil.example:1/cb",
            ),
        ] {
            assert!(!matches(registered, requested), "{registered} {requested}");
        }
    }

    #[test]
    fn pairs_join_the_query_that_is_there() {
        for (uri, expected) in [
            ("https://a.example/", "https://a.example/?code=x"),
            ("https://a.example/?", "https://a.example/?code=x"),
            ("https://a.example/?b=1", "https://a.example/?b=1&code=x"),
            ("https://a.example/?b=1&", "https://a.example/?b=1&code=x"),
        ] {
            assert_eq!(with_pairs(uri, &[("code", "x")]), expected);
        }
    }

    proptest! {
        #[test]
        fn values_come_back_as_they_were(state in ".{0,40}") {
            let uri = with_pairs("https://a.example/cb?x=1", &[("code", "c"), ("state", &state)]);
            prop_assert!(uri.is_ascii());
            let url = Url::parse(&uri).unwrap();
            let pairs: Vec<_> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(&pairs[2], &("state".to_owned(), state));
            prop_assert_eq!(pairs.len(), 3);
        }
    }
}
