//! The body that is sent.

use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use http::header::ACCEPT;
use http::{HeaderValue, Method};
use tent_flow::sink::Memory;
use tent_flow::{Body, Flow, Input, Moment, Request, Segment, Source, Step};
use url::Url;

use super::server::{Reply, Server};
use super::{Driver, STUCK, default_driver, send};

/// A body is sent with its length, whatever the method is.
pub fn any_method_may_have_a_body<D: Driver>() {
    let driver = default_driver::<D>();
    for method in [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "REPORT",
    ] {
        let server = Server::start([Reply::raw("HTTP/1.1 204 No Content\r\n\r\n")]);
        let method: Method = method.parse().unwrap();
        let request = Request::new(method.clone(), server.url("/")).with_body("hello");
        assert_eq!(send(&driver, request).unwrap().status(), 204);
        let received = server.only_request();
        assert_eq!(received.line, format!("{method} / HTTP/1.1"));
        assert_eq!(received.field("content-length"), Some("5"), "{method}");
        assert_eq!(received.field("transfer-encoding"), None, "{method}");
        assert_eq!(received.body, b"hello", "{method}");
    }
}

/// `POST` and `PUT` say that there is no body; others need not.
pub fn an_absent_body_is_said_where_one_is_expected<D: Driver>() {
    let driver = default_driver::<D>();
    for (method, length) in [
        (Method::GET, None),
        (Method::HEAD, None),
        (Method::DELETE, None),
        (Method::POST, Some("0")),
        (Method::PUT, Some("0")),
        (Method::PATCH, Some("0")),
    ] {
        for body in [
            Body::empty(),
            Body::from(""),
            Body::from_segments(Vec::new()),
        ] {
            let server = Server::start([Reply::raw("HTTP/1.1 204 No Content\r\n\r\n")]);
            let request = Request::new(method.clone(), server.url("/")).with_body(body);
            send(&driver, request).unwrap();
            let received = server.only_request();
            assert_eq!(received.field("content-length"), length, "{method}");
            assert_eq!(received.field("transfer-encoding"), None, "{method}");
        }
    }
}

/// Bytes and sources go out one after the other, under one length.
pub fn segments_are_sent_in_order_with_their_length<D: Driver>() {
    let driver = default_driver::<D>();
    let bytes = |size: usize| -> Segment { Segment::Bytes(vec![b'b'; size].into()) };
    let source = |size| -> Segment { Segment::Source(Arc::new(Repeated::new(size))) };
    for segments in [
        vec![bytes(3), source(4), bytes(2)],
        vec![source(0), bytes(0), source(300_000), bytes(200_000)],
        vec![bytes(200_000), bytes(5), bytes(0), bytes(70_000)],
        vec![bytes(500_000)],
        vec![source(5)],
    ] {
        let server = Server::start([Reply::ok("")]);
        let body = Body::from_segments(segments);
        let (length, mut whole) = (body.len().to_string(), Vec::new());
        body.reader().read_to_end(&mut whole).unwrap();
        let request = Request::new(Method::POST, server.url("/")).with_body(body);
        send(&driver, request).unwrap();
        let received = server.only_request();
        assert_eq!(received.field("content-length"), Some(&*length));
        assert_eq!(received.field("transfer-encoding"), None);
        assert!(
            received.body == whole,
            "the body of {length} bytes is another"
        );
    }
}

/// A second attempt sends a source from its beginning.
pub fn a_source_is_opened_for_each_attempt<D: Driver>() {
    let server = Server::start([
        Reply::raw("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"),
        Reply::ok(""),
    ]);
    let source = Arc::new(Repeated::new(100_000));
    default_driver::<D>().run(Twice {
        url: server.url("/"),
        body: Body::from_segments(vec![Segment::Source(source.clone())]),
    });
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert!(
        received
            .iter()
            .all(|request| request.body == vec![b's'; 100_000])
    );
    assert_eq!(source.opened.load(Ordering::SeqCst), 2);
}

/// Posts the same body until that is accepted.
struct Twice {
    url: Url,
    body: Body,
}

impl Flow for Twice {
    type Output = ();

    fn step(&mut self, _now: Moment, input: Input) -> Step<()> {
        match input {
            Input::Response(response) if response.status() == 200 => Step::Done(()),
            Input::Failed(error) => panic!("{error:?}"),
            _ => Step::send(
                Request::new(Method::POST, self.url.clone())
                    .with_header(ACCEPT, HeaderValue::from_static("*/*"))
                    .with_body(self.body.clone()),
                Memory::with_limit(0),
            ),
        }
    }
}

/// A large source is read no further than the server takes it: when it takes nothing, reading stops.
pub fn a_large_body_takes_little_memory<D: Driver>() {
    const SIZE: u64 = 48 * 1024 * 1024;
    let (source, given) = Repeated::watched(SIZE);
    let server = Server::start([Reply::raw("").then_stream(move |connection| {
        // Takes nothing until the source has not been read for a while, and then all.
        let mut read = 0;
        while let Ok(more) = given.recv_timeout(STUCK) {
            read += more;
        }
        let verdict = if read < SIZE / 2 { 204 } else { 500 };
        let mut piece = vec![0; 64 * 1024];
        let mut taken = 0;
        while taken < SIZE - 64 * 1024 {
            // What the server's own reader holds already is not counted: it is far less.
            match connection.read(&mut piece)? {
                0 => break,
                more => taken += more as u64,
            }
        }
        write!(
            connection,
            "HTTP/1.1 {verdict} Verdict\r\nX-Read: {read}\r\n\r\n"
        )
    })]);
    let request = Request::new(Method::PUT, server.url("/")).with_body(Body::from_source(source));
    let response = send(&default_driver::<D>(), request).unwrap();
    assert_eq!(response.status(), 204, "{:?}", response.headers());
}

/// A source of so many bytes, all the same.
struct Repeated {
    size: u64,
    opened: AtomicUsize,
    given: Option<mpsc::Sender<u64>>,
}

impl Repeated {
    const fn new(size: u64) -> Self {
        Self {
            size,
            opened: AtomicUsize::new(0),
            given: None,
        }
    }

    /// One that tells how many bytes each read gave.
    fn watched(size: u64) -> (Self, mpsc::Receiver<u64>) {
        let (given, received) = mpsc::channel();
        let source = Self {
            given: Some(given),
            ..Self::new(size)
        };
        (source, received)
    }
}

impl Source for Repeated {
    fn len(&self) -> u64 {
        self.size
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(Given(
            io::repeat(b's').take(self.size),
            self.given.clone(),
        )))
    }
}

struct Given(io::Take<io::Repeat>, Option<mpsc::Sender<u64>>);

impl Read for Given {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        if let Some(given) = &self.1 {
            let _ = given.send(read as u64);
        }
        Ok(read)
    }
}
