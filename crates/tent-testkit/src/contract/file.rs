//! Files that are sent and received whole.

use std::fs::{self, File, FileTimes};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;
use std::{env, mem};

use http::Method;
use tempfile::TempDir;
use tent_flow::sink::{Watched, Writer};
use tent_flow::{
    Body, Delivery, OnProgress, Progress, Request, Segment, SourceChanged, TransportErrorKind,
};

use super::server::{Reply, Server};
use super::{Driver, assert_fails, default_driver, send, send_into};
use crate::transfer::{MIB, Memory, Peer};

/// A file of 300,000 bytes, and the folder it is in.
fn some_file() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, some_bytes()).unwrap();
    (folder, path)
}

fn some_bytes() -> Vec<u8> {
    (0..300_000_u32).map(|n| (n % 251) as u8).collect()
}

fn form<D: Driver>(driver: &D, path: &Path) -> Body {
    Body::from_segments(vec![
        Segment::Bytes("before".into()),
        Segment::Source(driver.file(path).unwrap()),
        Segment::Bytes("after".into()),
    ])
}

/// A file comes over as it is, as often as it is sent, and its first bytes are known before.
pub fn a_file_is_sent_as_it_is<D: Driver>() {
    let driver = default_driver::<D>();
    let (_folder, path) = some_file();
    let source = driver.file(&path).unwrap();
    assert_eq!(source.len(), 300_000);
    assert!(source.start().len() >= 16 && some_bytes().starts_with(source.start()));
    let server = Server::start([Reply::ok(""), Reply::ok("")]);
    let body = form(&driver, &path);
    for _ in 0..2 {
        let request = Request::new(Method::POST, server.url("/")).with_body(body.clone());
        send(&driver, request).unwrap();
    }
    let expected = [b"before", &some_bytes()[..], b"after"].concat();
    for request in server.received() {
        assert!(request.body == expected);
    }
}

/// A folder is no file, and neither is nothing.
pub fn what_is_no_file_is_refused<D: Driver>() {
    let driver = default_driver::<D>();
    let (folder, path) = some_file();
    assert!(driver.file(folder.path()).is_err());
    fs::remove_file(&path).unwrap();
    let error = driver.file(&path).err().unwrap();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

type Change = fn(&Path);

/// A file that changed after it had been measured is not sent: the server has no whole request.
pub fn a_file_that_changed_is_not_sent<D: Driver>() {
    let driver = default_driver::<D>();
    let changes: [(Change, Option<SourceChanged>); 6] = [
        (shrink, Some(SourceChanged::Shorter { missing: 1 })),
        (empty, Some(SourceChanged::Shorter { missing: 300_000 })),
        (grow, Some(SourceChanged::Longer)),
        (replace, Some(SourceChanged::Replaced)),
        (rewrite, Some(SourceChanged::Replaced)),
        (remove, None),
    ];
    for (change, expected) in changes {
        let (_folder, path) = some_file();
        let server = Server::start([Reply::ok("whole")]);
        let request = Request::new(Method::POST, server.url("/")).with_body(form(&driver, &path));
        change(&path);
        let outcome = send(&driver, request);
        let changed = outcome
            .as_ref()
            .err()
            .and_then(|error| SourceChanged::cause_of(error));
        assert_eq!(changed, expected);
        assert_fails(outcome, TransportErrorKind::Source, Delivery::Possible);
        assert!(
            server.received().is_empty(),
            "the server has a whole request"
        );
    }
}

/// A file that changes while it is on its way fails the request, which the server has only a part of.
pub fn a_file_that_changes_while_it_is_sent_fails_the_request<D: Driver>() {
    const SIZE: u64 = 48 * MIB;
    let driver = default_driver::<D>();
    // How much is missing depends on how much was on its way.
    let changes: [(Change, SourceChanged); 5] = [
        (empty, SourceChanged::Shorter { missing: 0 }),
        (grow, SourceChanged::Longer),
        (replace, SourceChanged::Replaced),
        (rewrite, SourceChanged::Replaced),
        (remove, SourceChanged::Replaced),
    ];
    for (change, expected) in changes {
        let (_folder, path) = some_file();
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(SIZE)
            .unwrap();
        let body = form(&driver, &path);
        let came = Arc::new(AtomicU64::new(0));
        let (counted, announced) = (Arc::clone(&came), body.len());
        let server = Server::start([Reply::raw("").then_stream(move |connection| {
            let mut piece = vec![0; 64 * 1024];
            // Some of the file has come, so it is open; and it is larger than what can be on its way.
            connection.read_exact(&mut piece)?;
            counted.fetch_add(piece.len() as u64, Ordering::SeqCst);
            change(&path);
            loop {
                match connection.read(&mut piece)? {
                    0 => return Ok(()),
                    more => counted.fetch_add(more as u64, Ordering::SeqCst),
                };
            }
        })]);
        let request = Request::new(Method::POST, server.url("/")).with_body(body);
        let outcome = send(&driver, request);
        let changed = outcome
            .as_ref()
            .err()
            .and_then(|error| SourceChanged::cause_of(error));
        assert_eq!(
            changed.map(|changed| mem::discriminant(&changed)),
            Some(mem::discriminant(&expected)),
            "{changed:?}"
        );
        assert_fails(outcome, TransportErrorKind::Source, Delivery::Possible);
        let received = server.only_request();
        assert_eq!(
            received.field("content-length"),
            Some(&*announced.to_string())
        );
        assert!(came.load(Ordering::SeqCst) < announced);
    }
}

fn shrink(path: &Path) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_len(file.metadata().unwrap().len() - 1).unwrap();
}

fn empty(path: &Path) {
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_len(0)
        .unwrap();
}

fn grow(path: &Path) {
    let mut file = File::options().append(true).open(path).unwrap();
    file.write_all(b"!").unwrap();
}

/// Puts another file of the same length in its place.
fn replace(path: &Path) {
    let (other, length) = (
        path.with_extension("new"),
        fs::metadata(path).unwrap().len(),
    );
    let times = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
    let file = File::create(&other).unwrap();
    file.set_len(length).unwrap();
    file.set_times(times).unwrap();
    fs::rename(other, path).unwrap();
}

/// Writes something else of the same length into it.
fn rewrite(path: &Path) {
    let mut file = File::options().write(true).open(path).unwrap();
    file.write_all(b"!").unwrap();
    // As time would do it.
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
}

fn remove(path: &Path) {
    fs::remove_file(path).unwrap();
}

/// Progress goes from nothing to everything, in both directions, and starts anew with each attempt.
pub fn progress_is_told<D: Driver>() {
    const SIZE: u64 = 2 * MIB;
    let driver = default_driver::<D>();
    let peer = Peer::start(SIZE);
    let (_folder, path) = some_file();
    let told = || {
        let (tell, told) = std::sync::mpsc::channel();
        (
            OnProgress::new(move |progress| tell.send(progress).unwrap()),
            told,
        )
    };
    let is_whole = |told: &[Progress], total: u64| {
        assert!(told.iter().all(|progress| progress.total == Some(total)));
        assert!(told.is_sorted_by_key(|progress| progress.bytes));
        assert_eq!(
            told.iter().filter(|progress| progress.bytes == 0).count(),
            1
        );
        assert_eq!(told.last().map(|progress| progress.bytes), Some(total));
        assert!(told.len() > 3, "it is told as it goes");
    };
    for body in [form(&driver, &path), vec![b'x'; 300_000].into()] {
        let (progress, told) = told();
        let body = body.with_progress(progress);
        for _ in 0..2 {
            let request = Request::new(Method::POST, peer.url()).with_body(body.clone());
            assert_eq!(send(&driver, request).unwrap().status(), 200);
            is_whole(&told.try_iter().collect::<Vec<_>>(), body.len());
        }
    }
    let (progress, told) = told();
    let sink = Watched::new(Writer::new(io::sink()), progress);
    send_into(&driver, Request::get(peer.url()), sink).unwrap();
    is_whole(&told.try_iter().collect::<Vec<_>>(), SIZE);
}

/// 256 MiB, up and then down, take less than 32 MiB of memory over the idle client. They are measured
/// in a process of their own, which runs this test by its name.
pub fn a_large_file_takes_little_memory<D: Driver>(path_of_test: &str) {
    const MEASURED: &str = "TENT_TESTKIT_MEASURED";
    if env::var_os(MEASURED).is_some() {
        return send_and_receive::<D>(256 * MIB, 32 * MIB);
    }
    let (_crate, test) = path_of_test.split_once("::").unwrap();
    let child = Command::new(env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(MEASURED, "")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && told.contains("1 passed"),
        "{told}{}",
        String::from_utf8_lossy(&child.stderr)
    );
}

fn send_and_receive<D: Driver>(size: u64, at_most: u64) {
    let driver = default_driver::<D>();
    let (_folder, path) = some_file();
    let peer = Peer::start(size);
    // Idle: whatever a client sets up with its first request is there.
    send(&driver, Request::new(Method::POST, peer.url())).unwrap();
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(size)
        .unwrap();
    let Some(memory) = Memory::watch() else {
        return; // not on every system
    };
    let request = Request::new(Method::POST, peer.url()).with_body(form(&driver, &path));
    assert_eq!(send(&driver, request).unwrap().status(), 200);
    let up = memory.peak();
    let came = Arc::new(AtomicU64::new(0));
    let sink = Writer::new(Counting(Arc::clone(&came)));
    send_into(&driver, Request::get(peer.url()), sink).unwrap();
    assert_eq!(came.load(Ordering::SeqCst), size);
    println!("{up} bytes while it was sent, {} in all", memory.peak());
    assert!(
        memory.peak() < at_most,
        "{up} and then {} bytes",
        memory.peak()
    );
}

struct Counting(Arc<AtomicU64>);

impl Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.fetch_add(bytes.len() as u64, Ordering::SeqCst);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
