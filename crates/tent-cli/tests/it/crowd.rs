//! A thousand who want nothing.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use tent_testkit::say;
use url::Url;

use crate::server::{Browser, Server};
use crate::tent::Tent;

/// How many connections there are: more than have a place, if the system lets this process and the
/// server have so many, and leaves some for other tests.
fn crowd() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let soft = line.unwrap().split_whitespace().nth(3).unwrap();
    let soft: usize = soft.parse().unwrap_or(usize::MAX);
    let crowd = 1_100.min(soft.saturating_sub(400));
    if crowd < 1_100 {
        say(&format!(
            "ONLY {crowd} CONNECTIONS: no more files may be open (ulimit -n)"
        ));
    }
    crowd
}

#[test]
fn idle_connections_do_no_harm() {
    let (tent, folder) = (Tent::new(), tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    let arguments = ["--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()];
    let server = Server::start(&tent, &arguments);
    let profile: Url = format!("{}/profile", server.entity).parse().unwrap();
    let ask = || Browser::default().send(&profile, None);
    assert!(ask().starts_with("HTTP/1.1 200 "));
    let address = profile.socket_addrs(|| None).unwrap()[0];
    let before = server.most_memory();
    // Half of them have begun with something.
    let idle: Vec<_> = (0..crowd())
        .map(|number| {
            let mut stream = TcpStream::connect(address).unwrap();
            if number % 2 == 0 {
                let _ = write!(stream, "GET /profile HTTP/1.1\r\nHost: {address}\r\nX: ");
            }
            stream
        })
        .collect();
    for _ in 0..20 {
        assert!(ask().starts_with("HTTP/1.1 200 "));
    }
    // The oldest have made room for them, and no others.
    let mut silent = &idle[2 * (idle.len() / 4) + 1];
    write!(silent, "GET /profile HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
    let mut answer = [0; 12];
    silent.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    let more = server.most_memory() - before;
    assert!(
        more < 40 * 1024,
        "{more} KiB for {} connections",
        idle.len()
    );
}
