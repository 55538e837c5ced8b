//! Attachments from end to end: what is sent, what arrives, and how far it is.

use std::io::{self, Write};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue, Method, Response};
use tent_flow::script::{Answer, Script};
use tent_flow::{Progress, Seed, Source};
use tent_proto::call::{Call, CreatePost, GetAttachment, Receive, Received, Replay};
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::multipart::{Event, Reader};
use tent_proto::{CallError, Post, Session, Upload};

const FILE: &str = "https://a.example/posts/p1/attachments/a.png";
const FILE_AT_OTHER: &str = "https://b.example/posts/p1/attachments/a.png";

/// An entity with two servers.
fn session() -> Session {
    Session::new(
        "https://alice.example".parse().unwrap(),
        vec![
            "https://a.example".parse().unwrap(),
            "https://b.example".parse().unwrap(),
        ],
        Credentials::new("u:1", "k", Algorithm::HmacSha256).unwrap(),
        Seed::new([7; 32]),
    )
}

type Told = (u64, Option<u64>);

/// Something to tell, and what it was told.
fn told() -> (impl Fn(Progress) + Send + Sync + 'static, Receiver<Told>) {
    let (tell, told) = mpsc::channel();
    let tell = move |progress: Progress| tell.send((progress.bytes, progress.total)).unwrap();
    (tell, told)
}

/// A source that knows its first bytes.
struct Scan(&'static [u8]);

impl Source for Scan {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn open(&self) -> io::Result<Box<dyn io::Read + Send>> {
        Ok(Box::new(self.0))
    }

    fn start(&self) -> &[u8] {
        self.0
    }
}

#[test]
fn a_media_type_is_the_callers_word_then_the_names_then_the_contents() {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
    let of = |upload: Upload| upload.media_type().to_owned();
    for (name, expected) in [
        ("scan", "image/png"),
        ("scan.unheard-of", "image/png"),
        ("scan.gif", "image/gif"),
    ] {
        assert_eq!(of(Upload::bytes("photos", name, PNG)), expected);
        assert_eq!(of(Upload::source("photos", name, Scan(PNG))), expected);
        let said = Upload::source("photos", name, Scan(PNG)).with_media_type("image/x-scan");
        assert_eq!(of(said), "image/x-scan");
    }
    for unknown in [&b""[..], b"tide at six"] {
        let upload = Upload::source("files", "notes", Scan(unknown));
        assert_eq!(of(upload), "application/octet-stream");
    }
}

#[test]
fn an_attempt_that_is_made_again_starts_at_zero() {
    let mut script = Script::new()
        .on(
            "POST",
            "https://a.example/posts",
            Answer::refuses_connection(),
        )
        .on("POST", "https://b.example/posts", Answer::json("{}"));
    let (tell, told) = told();
    let call = CreatePost::new(&Post::status("x"))
        .attaching(
            [Upload::source("files", "notes", Scan(b"tide"))],
            Seed::new([8; 32]),
        )
        .on_progress(tell);
    script.run(session().call(call)).unwrap();
    let length = script.seen()[1].body.len() as u64;
    let told: Vec<_> = told.try_iter().collect();
    assert!(told.iter().all(|(_, total)| *total == Some(length)));
    let starts = told.iter().filter(|(bytes, _)| *bytes == 0).count();
    assert_eq!((starts, told.last().unwrap().0), (2, length));

    // A post alone is sent in one piece, and that is told, too.
    let (tell, told) = self::told();
    let mut script = Script::new().on("POST", "https://a.example/posts", Answer::json("{}"));
    script
        .run(session().call(CreatePost::new(&Post::status("x")).on_progress(tell)))
        .unwrap();
    assert!(told.try_iter().count() >= 2);
}

#[test]
fn what_is_sent_is_read_by_a_server() {
    let uploads = [
        Upload::bytes("photos", "pier.png", "one"),
        Upload::source("photos", "gull.png", Scan(b"two")),
        Upload::bytes("files", "übersicht", "three"),
    ];
    let mut script = Script::new().on("POST", "https://a.example/posts", Answer::json("{}"));
    let call = CreatePost::new(&Post::status("x")).attaching(uploads, Seed::new([8; 32]));
    script.run(session().call(call)).unwrap();
    let seen = &script.seen()[0];
    let mut reader = Reader::new(seen.header("content-type")).unwrap();
    let (mut body, mut parts) = (seen.body.clone(), Vec::new());
    while let Some(event) = reader.next(&mut body).unwrap() {
        match event {
            Event::Part(part) => parts.push((part, Bytes::new())),
            Event::Bytes(bytes) => parts.last_mut().unwrap().1 = bytes,
            _ => {}
        }
    }
    reader.finish().unwrap();
    let post: Post = serde_json::from_slice(&parts[0].1).unwrap();
    assert_eq!(post, Post::status("x"));
    let read: Vec<_> = parts
        .iter()
        .map(|(part, _)| {
            (
                part.name().unwrap(),
                part.file_name().unwrap(),
                part.media_type().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        read,
        [
            ("post", "post.json", "application/vnd.tent.v0+json"),
            ("photos[0]", "pier.png", "image/png"),
            ("photos[1]", "gull.png", "image/png"),
            ("files", "übersicht", "application/octet-stream"),
        ]
    );
    assert_eq!(parts[2].1, "two");
}

#[test]
fn progress_of_a_download_is_that_of_the_file_alone() {
    let (tell, told) = told();
    let mut script = Script::new()
        .on("GET", FILE, Answer::status(503).body("busy, busy"))
        .on(
            "GET",
            FILE_AT_OTHER,
            Answer::status(200)
                .header("content-length", "3")
                .body("PNG"),
        );
    let call = GetAttachment::new("p1", "a.png", "image/png").on_progress(tell);
    assert_eq!(script.run(session().call(call)).unwrap(), "PNG");
    let told: Vec<_> = told.try_iter().collect();
    assert!(told.iter().all(|(_, total)| *total == Some(3)));
    let (first, last) = (told.first().unwrap().0, told.last().unwrap().0);
    assert_eq!((first, last), (0, 3));
    assert!(told.is_sorted());
}

/// A file in memory that can be looked at.
#[derive(Clone, Default)]
struct File(Arc<Mutex<Vec<u8>>>);

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_file_comes_into_memory_or_into_a_writer() {
    let url = "https://a.example/posts/https%3A%2F%2Fbob.example/p1/attachments/a%20b.png";
    let whole = || Answer::status(200).body("PNG...");
    let call = || {
        let call = GetAttachment::new("p1", "a b.png", "image/png");
        call.of("https://bob.example".parse().unwrap())
    };
    let mut script = Script::new().on("GET", url, whole());
    let bytes = script.run(session().call(call())).unwrap();
    assert_eq!(bytes, "PNG...");
    // The one type that was asked for, or the reference server finds nothing.
    assert_eq!(script.seen()[0].header("accept"), "image/png");

    let mut script = Script::new().on("GET", url, whole());
    let error = script
        .run(session().call(call().with_limit(5)))
        .unwrap_err();
    assert!(matches!(error, CallError::NoAnswer { .. }), "{error:?}");
    script.finish();

    let file = File::default();
    let mut script = Script::new().on("GET", url, whole());
    script
        .run(session().call(call().into_writer(file.clone())))
        .unwrap();
    assert_eq!(*file.0.lock().unwrap(), b"PNG...");
}

#[test]
fn an_error_is_never_taken_for_the_file() {
    let call = GetAttachment::new("p1", "a.png", "image/png");
    let file = File::default();
    let missing = Answer::status(404).body(r#"{"error":"Not Found"}"#);
    let mut script = Script::new().on("GET", FILE, missing);
    let error = script
        .run(session().call(call.into_writer(file.clone())))
        .unwrap_err();
    assert_eq!(error.refusal().unwrap().text().unwrap(), "Not Found");
    assert!(file.0.lock().unwrap().is_empty());
}

#[test]
fn a_download_turns_to_the_next_server_until_something_is_written() {
    let call = || GetAttachment::new("p1", "a.png", "image/png");
    let whole = || Answer::status(200).body("PNG");
    for nothing in [
        Answer::times_out(),
        Answer::refuses_connection(),
        Answer::status(503).body("busy"),
    ] {
        let file = File::default();
        let mut script = Script::new()
            .on("GET", FILE, nothing)
            .on("GET", FILE_AT_OTHER, whole());
        script
            .run(session().call(call().into_writer(file.clone())))
            .unwrap();
        assert_eq!(*file.0.lock().unwrap(), b"PNG");
        script.finish();
    }
    // Once some of it is there, another attempt would write it twice.
    let download = call().into_writer(Vec::new());
    for (status, replay) in [(503, Replay::Always), (200, Replay::OnlyIfUnsent)] {
        let mut answer = Response::new(());
        *answer.status_mut() = status.try_into().unwrap();
        let mut sink = download.sink();
        sink.begin(&answer.into_parts().0);
        let _ = sink.chunk(b"P").unwrap();
        assert_eq!(download.replay(), replay);
    }
}

#[test]
fn a_server_reads_which_file_is_asked_for() {
    let none = Bytes::new();
    for (path, accept, expected) in [
        (
            "/posts/p1/attachments/a%20b.png",
            Some("image/png;q=0.5, */*"),
            GetAttachment::new("p1", "a b.png", "image/png"),
        ),
        (
            "/posts/https%3A%2F%2Fbob.example/p1/attachments/a.png",
            Some("image/png"),
            GetAttachment::new("p1", "a.png", "image/png")
                .of("https://bob.example".parse().unwrap()),
        ),
        (
            "/posts/p1/attachments/a.png",
            None,
            GetAttachment::new("p1", "a.png", ""),
        ),
    ] {
        let accept = accept.map(|accept| (ACCEPT, HeaderValue::from_static(accept)));
        let headers = HeaderMap::from_iter(accept);
        let received = Received::new(&Method::GET, path, None, &headers, &none).unwrap();
        assert_eq!(GetAttachment::receive(&received).unwrap(), expected);
        // What is built from it is what was received.
        let again = expected
            .request(&"https://a.example".parse().unwrap())
            .unwrap();
        assert_eq!(again.url.path(), path);
    }
}
