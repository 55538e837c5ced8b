//! How long things may take. Limits are short here, and the peer never answers, so that a test is
//! over soon on any machine.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use http::Method;
use tent_flow::sink::Writer;
use tent_flow::{Body, Delivery, Request, TransportErrorKind};

use super::server::{Reply, Server};
use super::{Driver, SOON, Settings, assert_fails, send, send_into};

const SILENT: &str = "";
const HALF: &str = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";

fn times_out<D: Driver>(settings: &Settings, answer: &str, timeout: Option<Duration>) {
    let server = Server::start([Reply::raw(answer).then_stall()]);
    let mut request = Request::new(Method::POST, server.url("/")).with_body("hello");
    request.timeout = timeout;
    let outcome = send(&D::with(settings), request);
    assert_fails(outcome, TransportErrorKind::Timeout, Delivery::Possible);
    assert!(server.received().len() <= 1, "it was sent again");
}

/// Connecting, TLS included.
pub fn connecting_is_limited<D: Driver>() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap(); // it never accepts
    let driver = D::with(&Settings {
        connect_timeout: Some(SOON),
        read_timeout: None,
        ..Settings::default()
    });
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let outcome = send(&driver, Request::get(url.parse().unwrap()));
    assert_fails(outcome, TransportErrorKind::Timeout, Delivery::NotSent);
}

/// A peer that takes the request and says nothing.
pub fn silence_before_the_answer_is_limited<D: Driver>() {
    let settings = Settings {
        read_timeout: Some(SOON),
        ..Settings::default()
    };
    times_out::<D>(&settings, SILENT, None);
    // A body that is sent in pieces makes progress until it is over.
    let server = Server::start([Reply::raw(SILENT).then_stall()]);
    let body = Body::from(vec![b'x'; 300_000]);
    let request = Request::new(Method::POST, server.url("/")).with_body(body);
    let outcome = send(&D::with(&settings), request);
    assert_fails(outcome, TransportErrorKind::Timeout, Delivery::Possible);
}

/// A peer that stops in the middle of its answer.
pub fn silence_within_the_answer_is_limited<D: Driver>() {
    let settings = Settings {
        read_timeout: Some(SOON),
        ..Settings::default()
    };
    times_out::<D>(&settings, HALF, None);
    times_out::<D>(&settings, "HTTP/1.1 200 OK\r\nContent-", None);
    // Also while it is written elsewhere.
    let server = Server::start([Reply::raw(HALF).then_stall()]);
    let request = Request::get(server.url("/"));
    let outcome = send_into(&D::with(&settings), request, Writer::new(io::sink()));
    assert_fails(outcome, TransportErrorKind::Timeout, Delivery::Possible);
}

/// Everything together, when silence alone would be allowed.
pub fn a_whole_exchange_is_limited<D: Driver>() {
    let settings = Settings {
        read_timeout: None,
        total_timeout: Some(SOON),
        ..Settings::default()
    };
    times_out::<D>(&settings, SILENT, None);
    times_out::<D>(&settings, HALF, None);
}

/// The limit of a request goes before that of the driver.
pub fn a_request_has_its_own_limit<D: Driver>() {
    for total_timeout in [None, Some(Duration::from_secs(600))] {
        let settings = Settings {
            read_timeout: None,
            total_timeout,
            ..Settings::default()
        };
        times_out::<D>(&settings, SILENT, Some(SOON));
        times_out::<D>(&settings, HALF, Some(SOON));
    }
    let server = Server::start([Reply::ok("hello")]);
    let driver = D::with(&Settings {
        total_timeout: Some(Duration::ZERO),
        ..Settings::default()
    });
    let request = Request::get(server.url("/")).with_timeout(Duration::from_secs(600));
    assert_eq!(send(&driver, request).unwrap().body(), "hello");
}
