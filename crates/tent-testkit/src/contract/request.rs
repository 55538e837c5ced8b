//! What is sent.

use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use http::header::{ACCEPT, CONTENT_LENGTH, HOST};
use http::{HeaderName, HeaderValue, Method};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tent_flow::sink::Memory;
use tent_flow::{
    Body, Delivery, Flow, Input, Moment, Request, Segment, Source, Step, TransportErrorKind,
};
use url::{Position, Url};

use super::server::{Reply, Server};
use super::{Driver, STUCK, assert_fails, default_driver, send};

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
