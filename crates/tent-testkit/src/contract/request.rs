//! Where a request goes, and its header.

use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderName, HeaderValue};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tent_flow::{Delivery, Request, TransportErrorKind};
use url::{Position, Url};

use super::server::{Reply, Server};
use super::{Driver, assert_fails, default_driver, send};

/// What was signed is what is sent: the target is, byte for byte, what the URL prints.
pub fn the_target_is_what_the_url_prints<D: Driver>() {
    const CASES: u32 = 128;
    let server = Server::start((0..CASES * 8).map(|_| Reply::ok("")));
    let driver = default_driver::<D>();
    let text = "[ -~]{0,30}|[ -~é€\u{1f409}]{0,20}|[%./;'\"<>`{}|\\^\\[\\]#?&=+~]{0,20}";
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let parts = (
        text,
        proptest::option::of(text),
        proptest::option::of("[ -~]{0,9}"),
    );
    let result = TestRunner::new(config).run(&parts, |(path, query, fragment)| {
        let mut url = server.url("/");
        url.set_path(&path);
        url.set_query(query.as_deref());
        url.set_fragment(fragment.as_deref());
        let target = url[Position::BeforePath..Position::AfterQuery].to_owned();
        let response = send(&driver, Request::get(url))
            .map_err(|error| TestCaseError::fail(format!("{target} was not sent: {error:?}")))?;
        prop_assert_eq!(response.status(), 200);
        let received = server.received();
        prop_assert_eq!(
            received.last().map(|last| last.target().to_owned()),
            Some(target)
        );
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// `Host` comes from the URL, and not from the header of the request.
pub fn host_is_what_the_url_says<D: Driver>() {
    let driver = default_driver::<D>();
    for host in ["127.0.0.1", "localhost"] {
        let server = Server::start([Reply::ok("")]);
        let request = Request::get(server.url_at(host, "/"))
            .with_header(HOST, HeaderValue::from_static("elsewhere.example"))
            .with_header(CONTENT_LENGTH, HeaderValue::from_static("77"));
        send(&driver, request).unwrap();
        let expected = format!("{host}:{}", server.address().port());
        assert_eq!(server.only_request().field("host"), Some(&*expected));
    }
}

/// Fields are sent in the order they were given, and several of one name stay several.
pub fn fields_keep_their_order<D: Driver>() {
    let server = Server::start([Reply::ok("")]);
    let mut request = Request::get(server.url("/"));
    let given = [
        ("accept", "application/json"),
        ("x-z", "1"),
        ("authorization", "MAC id=\"a\", mac=\"b=\""),
        ("x-a", "first"),
        ("x-a", "second, third"),
        ("x-m", ""),
        ("user-agent", "someone"),
    ];
    for (name, value) in given {
        let value = HeaderValue::from_static(value);
        request.headers.append(HeaderName::from_static(name), value);
    }
    send(&default_driver::<D>(), request).unwrap();
    let received = server.only_request();
    let mut fields: Vec<_> = received
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    fields.retain(|(name, _)| given.iter().any(|(given, _)| given == name));
    assert_eq!(fields, given);
}

/// Nothing is sent for a URL of another kind, one with a password in it, or one without measure.
pub fn what_is_no_http_url_is_not_sent<D: Driver>() {
    let server = Server::start([]);
    let driver = default_driver::<D>();
    for url in [
        "ftp://127.0.0.1/",
        "data:,x",
        "http://me@127.0.0.1/",
        "http://:pw@127.0.0.1/",
    ] {
        let mut url: Url = url.parse().unwrap();
        let _ = url.set_port(Some(server.address().port())); // but for `data:`
        let outcome = send(&driver, Request::get(url));
        assert_fails(outcome, TransportErrorKind::Unsupported, Delivery::NotSent);
    }
    let endless = server.url(&format!("/{}", "x".repeat(70_000)));
    let outcome = send(&driver, Request::get(endless));
    assert_fails(outcome, TransportErrorKind::Unsupported, Delivery::NotSent);
    assert_eq!(server.connections(), 0);
}
