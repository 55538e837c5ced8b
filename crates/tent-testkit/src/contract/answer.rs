//! What becomes of an answer.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::mpsc;

use bytes::Bytes;
use http::response::Parts;
use tent_flow::sink::{Memory, Writer};
use tent_flow::{Delivery, Request, Sink, TransportErrorKind};

use super::server::{Reply, Server};
use super::{Driver, STUCK, assert_fails, default_driver, send, send_into};

/// No status is an error, and each answer keeps its body and header.
pub fn every_status_is_an_answer<D: Driver>() {
    let driver = default_driver::<D>();
    for status in [
        200, 201, 206, 300, 400, 401, 404, 410, 429, 500, 501, 503, 599,
    ] {
        let server = Server::start([Reply::raw(format!(
            "HTTP/1.1 {status} Whatever\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\nsorry"
        ))]);
        let response = send(&driver, Request::get(server.url("/"))).unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["retry-after"], "7");
        assert_eq!(response.body(), "sorry");
        server.only_request();
    }
}

/// A redirect is an answer like any other.
pub fn no_redirect_is_followed<D: Driver>() {
    let driver = default_driver::<D>();
    for status in [301, 302, 303, 307, 308] {
        for request in [Request::get, Request::head] {
            let server = Server::start([
                Reply::raw(format!(
                    "HTTP/1.1 {status} Moved\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"
                )),
                Reply::ok("followed"),
            ]);
            let response = send(&driver, request(server.url("/here"))).unwrap();
            assert_eq!(response.status(), status);
            assert_eq!(response.headers()["location"], "/there");
            server.only_request();
        }
    }
}

/// The answer to `HEAD` has no body, whatever length it announces.
pub fn head_has_no_body<D: Driver>() {
    let server = Server::start([
        Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
        Reply::ok("hello"),
    ]);
    let driver = default_driver::<D>();
    let response = send(&driver, Request::head(server.url("/"))).unwrap();
    assert_eq!(response.headers()["content-length"], "5");
    assert_eq!(response.body(), "");
    let response = send(&driver, Request::get(server.url("/"))).unwrap();
    assert_eq!(response.body(), "hello");
    assert_eq!(server.connections(), 1, "the connection should be kept");
}

/// `204` and `304` have no body, and the connection goes on after them.
pub fn some_statuses_have_no_body<D: Driver>() {
    let server = Server::start([
        Reply::raw("HTTP/1.1 204 No Content\r\n\r\n"),
        Reply::raw("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
        Reply::ok("hello"),
    ]);
    let driver = default_driver::<D>();
    for (status, body) in [(204, ""), (304, ""), (200, "hello")] {
        let response = send(&driver, Request::get(server.url("/"))).unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.body()[..]),
            (status, body.as_bytes())
        );
    }
}

/// Answers of the 1xx kind come before the answer.
pub fn interim_answers_are_skipped<D: Driver>() {
    let server = Server::start([Reply::raw(
        "HTTP/1.1 100 Continue\r\n\r\n\
         HTTP/1.1 103 Early Hints\r\nLink: </early>; rel=preload\r\n\r\n\
         HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    )]);
    let response = send(&default_driver::<D>(), Request::get(server.url("/"))).unwrap();
    assert_eq!(response.status(), 200);
    assert!(!response.headers().contains_key("link"));
    assert_eq!(response.body(), "hello");
}

/// Several fields of one name stay several, in order.
pub fn fields_of_one_name_stay_apart<D: Driver>() {
    let server = Server::start([Reply::raw(
        "HTTP/1.1 200 OK\r\nLink: </a>; rel=\"x\", </b>; rel=y\r\nServer: s\r\n\
         link: </c>; rel=z\r\nContent-Length: 0\r\n\r\n",
    )]);
    let response = send(&default_driver::<D>(), Request::get(server.url("/"))).unwrap();
    let links: Vec<_> = response.headers().get_all("link").iter().collect();
    assert_eq!(links, ["</a>; rel=\"x\", </b>; rel=y", "</c>; rel=z"]);
}

/// By length, in chunks, or to the end of the connection.
pub fn any_framing_is_read<D: Driver>() {
    let driver = default_driver::<D>();
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                   3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
    for reply in [
        Reply::ok("hello"),
        Reply::raw(chunked),
        Reply::raw("HTTP/1.1 200 OK\r\n\r\nhello").then_close(),
        Reply::raw("HTTP/1.0 200 OK\r\n\r\nhello").then_close(),
    ] {
        let server = Server::start([reply]);
        let response = send(&driver, Request::get(server.url("/"))).unwrap();
        assert_eq!(response.body(), "hello");
    }
}

/// What is encoded stays as it is, and nobody asked for it.
pub fn nothing_is_decompressed<D: Driver>() {
    let server = Server::start([Reply::raw(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
    )]);
    let response = send(&default_driver::<D>(), Request::get(server.url("/"))).unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert_eq!(response.body(), "hello");
    assert_eq!(server.only_request().field("accept-encoding"), None);
}

/// A body that says it is too large is not read.
pub fn an_announced_length_beyond_the_limit_is_refused<D: Driver>() {
    let reply = Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx");
    let server = Server::start([reply.then_stall()]);
    let request = Request::get(server.url("/"));
    let outcome = send_into(&default_driver::<D>(), request, Memory::with_limit(1024));
    assert_fails(outcome, TransportErrorKind::TooLarge, Delivery::Possible);
}

/// A body that does not end is read up to the limit.
pub fn an_unannounced_length_is_limited_too<D: Driver>() {
    let server = Server::start([endless()]);
    let request = Request::get(server.url("/"));
    let outcome = send_into(&default_driver::<D>(), request, Memory::with_limit(100_000));
    assert_fails(outcome, TransportErrorKind::TooLarge, Delivery::Possible);
}

/// A sink that has enough makes the answer whole, also when it is written elsewhere.
pub fn a_sink_may_stop_early<D: Driver>() {
    let driver = default_driver::<D>();
    for blocks in [false, true] {
        let server = Server::start([endless()]);
        let sink = Few { blocks, taken: 0 };
        let response = send_into(&driver, Request::get(server.url("/")), sink).unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.body(), "enough");
    }
}

/// Takes some thousand bytes and then no more.
struct Few {
    blocks: bool,
    taken: usize,
}

impl Sink for Few {
    fn begin(&mut self, head: &Parts) {
        assert_eq!(head.status, 200);
    }

    fn chunk(&mut self, bytes: &[u8]) -> io::Result<ControlFlow<()>> {
        assert!(self.taken < 50_000, "it wanted no more");
        self.taken += bytes.len();
        Ok(if self.taken < 50_000 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        })
    }

    fn finish(&mut self) -> io::Result<Bytes> {
        Ok(Bytes::from_static(b"enough"))
    }

    fn blocks(&self) -> bool {
        self.blocks
    }
}

/// A sink that cannot take the body, or not keep it, is told apart from the network.
pub fn a_sink_may_fail<D: Driver>() {
    let driver = default_driver::<D>();
    for room in [0, 3, 5] {
        let server = Server::start([Reply::ok("hello")]);
        let outcome = send_into(
            &driver,
            Request::get(server.url("/")),
            Writer::new(Disk { room }),
        );
        assert_fails(outcome, TransportErrorKind::Sink, Delivery::Possible);
    }
}

/// Has some room, and fails when it is flushed.
struct Disk {
    room: usize,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let most = self.room.min(bytes.len());
        self.room -= most;
        Ok(most)
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::StorageFull.into())
    }
}

/// A large answer is handed on while it arrives, never gathered: when nobody takes it, the server
/// soon cannot send more.
pub fn a_large_answer_takes_little_memory<D: Driver>() {
    const SIZE: u64 = 48 * 1024 * 1024;
    let driver = default_driver::<D>();
    for blocks in [false, true] {
        let (stuck, sent) = mpsc::channel();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n");
        let server = Server::start([Reply::raw(head).then_stream(move |connection| {
            connection.set_write_timeout(Some(STUCK))?;
            let (piece, mut sent) = ([b'x'; 64 * 1024], 0);
            while sent < SIZE {
                let most = (SIZE - sent).min(piece.len() as u64) as usize;
                match connection.write(&piece[..most]) {
                    Ok(written) => sent += written as u64,
                    Err(_) => {
                        let _ = stuck.send(sent);
                        connection.set_write_timeout(None)?;
                    }
                }
            }
            let _ = stuck.send(sent);
            Ok(())
        })]);
        let sink = Patient {
            sent,
            blocks,
            taken: 0,
        };
        let response = send_into(&driver, Request::get(server.url("/")), sink).unwrap();
        assert_eq!(response.body(), &SIZE.to_string());
    }
}

/// Takes nothing until the server is stuck, and then all.
struct Patient {
    sent: mpsc::Receiver<u64>,
    blocks: bool,
    taken: u64,
}

impl Sink for Patient {
    fn begin(&mut self, _head: &Parts) {}

    fn chunk(&mut self, bytes: &[u8]) -> io::Result<ControlFlow<()>> {
        if self.taken == 0 {
            let sent = self.sent.recv().unwrap();
            assert!(
                sent < 24 * 1024 * 1024,
                "{sent} bytes were on their way at once"
            );
        }
        self.taken += bytes.len() as u64;
        Ok(ControlFlow::Continue(()))
    }

    fn finish(&mut self) -> io::Result<Bytes> {
        Ok(self.taken.to_string().into())
    }

    fn blocks(&self) -> bool {
        self.blocks
    }
}

/// A `200` that never ends, until the client goes.
fn endless() -> Reply {
    Reply::raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").then_stream(|connection| {
        loop {
            connection.write_all(b"a\r\n0123456789\r\n")?;
        }
    })
}
