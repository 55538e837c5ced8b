//! What breaks, and whether the server can have seen the request.

use std::io::{self, Read};
use std::net::TcpListener;

use http::Method;
use tent_flow::{Body, Delivery, Request, Source, TransportErrorKind};

use super::server::{Reply, Server};
use super::{Driver, Settings, assert_fails, default_driver, send};

/// Nobody listens at the address.
pub fn nobody_listens<D: Driver>() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let outcome = send(&default_driver::<D>(), Request::get(url.parse().unwrap()));
    assert_fails(outcome, TransportErrorKind::Connect, Delivery::NotSent);
}

/// The name has no address (RFC 6761 says that no name below `invalid` has).
pub fn a_name_that_does_not_exist<D: Driver>() {
    let url = "http://nobody.invalid/".parse().unwrap();
    let outcome = send(&default_driver::<D>(), Request::get(url));
    assert_fails(outcome, TransportErrorKind::Connect, Delivery::NotSent);
}

/// A peer that speaks no TLS.
pub fn a_handshake_that_fails<D: Driver>() {
    let server = Server::start([]);
    let mut url = server.url("/");
    url.set_scheme("https").unwrap();
    let outcome = send(&default_driver::<D>(), Request::get(url));
    assert_fails(outcome, TransportErrorKind::Connect, Delivery::NotSent);
    assert_eq!(server.connections(), 1);
}

/// A connection that is closed after the request was read.
pub fn a_connection_that_closes_is_not_retried<D: Driver>() {
    let driver = default_driver::<D>();
    for method in [Method::GET, Method::POST] {
        let server = Server::start([Reply::raw("").then_close(), Reply::ok("again")]);
        let outcome = send(
            &driver,
            Request::new(method, server.url("/")).with_body("hello"),
        );
        assert_fails(outcome, TransportErrorKind::Broken, Delivery::Possible);
        server.only_request();
    }
}

/// A connection that was kept, and breaks when it is used again.
pub fn a_reset_of_a_kept_connection_is_not_retried<D: Driver>() {
    for method in [Method::GET, Method::POST] {
        let driver = default_driver::<D>();
        let server = Server::start([Reply::ok("first"), Reply::reset(), Reply::ok("again")]);
        assert_eq!(
            send(&driver, Request::get(server.url("/"))).unwrap().body(),
            "first"
        );
        let outcome = send(
            &driver,
            Request::new(method, server.url("/")).with_body("hello"),
        );
        assert_fails(outcome, TransportErrorKind::Broken, Delivery::Possible);
        assert_eq!(server.received().len(), 2);
        assert_eq!(server.connections(), 1);
    }
}

/// A body that is shorter than announced, by length or by chunks.
pub fn a_body_that_breaks_off<D: Driver>() {
    broken::<D>(&[
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello",
        "HTTP/1.1 500 Oops\r\nContent-Length: 10\r\n\r\n",
    ]);
}

/// Chunks that are none.
pub fn a_chunk_that_is_none<D: Driver>() {
    broken::<D>(&[
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello",
    ]);
}

/// Something else than HTTP.
pub fn an_answer_that_is_not_http<D: Driver>() {
    broken::<D>(&[
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "\0\0\0\0",
    ]);
}

fn broken<D: Driver>(answers: &[&str]) {
    let driver = default_driver::<D>();
    for answer in answers {
        let server = Server::start([Reply::raw(*answer).then_close(), Reply::ok("again")]);
        let outcome = send(&driver, Request::get(server.url("/")));
        match outcome {
            Err(error) => assert_eq!(
                (error.kind(), error.delivery()),
                (TransportErrorKind::Broken, Delivery::Possible),
                "{answer:?} {error:?}"
            ),
            Ok(response) => panic!("{answer:?} became {response:?}"),
        }
        server.only_request();
    }
}

/// A source that does not open, or fails on the way.
pub fn a_source_that_fails<D: Driver>() {
    source_fails::<D>(|| Faulty {
        announced: 5,
        holds: None,
    });
    source_fails::<D>(|| Faulty {
        announced: 5,
        holds: Some(b"abc!"),
    });
    source_fails::<D>(|| Faulty {
        announced: 500_000,
        holds: Some(b"abc!"),
    });
}

/// A source that holds fewer or more bytes than it announced. The server never has the whole.
pub fn a_source_that_is_not_as_long_as_it_says<D: Driver>() {
    source_fails::<D>(|| Faulty {
        announced: 5,
        holds: Some(b"abcd"),
    });
    source_fails::<D>(|| Faulty {
        announced: 5,
        holds: Some(b"abcdef"),
    });
    source_fails::<D>(|| Faulty {
        announced: 1,
        holds: Some(b""),
    });
}

fn source_fails<D: Driver>(source: impl Fn() -> Faulty) {
    let server = Server::start([Reply::ok("whole")]);
    let body = Body::from_source(source());
    let request = Request::new(Method::POST, server.url("/")).with_body(body);
    let outcome = send(&default_driver::<D>(), request);
    assert_fails(outcome, TransportErrorKind::Source, Delivery::Possible);
    assert!(
        server.received().is_empty(),
        "the server has a whole request"
    );
}

/// A source that holds something else than it announces. A `!` is an error.
struct Faulty {
    announced: u64,
    holds: Option<&'static [u8]>,
}

impl Source for Faulty {
    fn len(&self) -> u64 {
        self.announced
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        match self.holds {
            Some(bytes) => Ok(Box::new(Bytewise(bytes))),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

struct Bytewise(&'static [u8]);

impl Read for Bytewise {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0 {
            [b'!', ..] => Err(io::ErrorKind::PermissionDenied.into()),
            bytes => {
                let most = buffer.len().min(1).min(bytes.len());
                buffer[..most].copy_from_slice(&bytes[..most]);
                self.0 = &bytes[most..];
                Ok(most)
            }
        }
    }
}

/// A proxy that does not let the request through.
pub fn a_proxy_that_refuses<D: Driver>() {
    let proxy = Server::start([Reply::raw(
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    )]);
    let driver = D::with(&Settings {
        proxy: Some(proxy.url("/")),
        ..Settings::default()
    });
    let url = "https://alice.example/profile".parse().unwrap();
    let outcome = send(&driver, Request::get(url));
    assert_fails(outcome, TransportErrorKind::Connect, Delivery::NotSent);
    assert_eq!(
        proxy.only_request().line,
        "CONNECT alice.example:443 HTTP/1.1"
    );
}
