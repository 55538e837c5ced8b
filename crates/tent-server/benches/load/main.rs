//! What the server adds to a bare handler that sends the same bytes from the same rows. The load comes
//! from this process, the servers are another.

mod client;
mod database;
mod peer;
mod plain;

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use tent_proto::mac::Stamp;
use tent_testkit::bench::{Table, Work};
use tokio::runtime::{Builder, Runtime};

use crate::client::{Load, Request};
use crate::database::credentials;

/// Connections that ask at the same time, and producers that write.
const CONNECTIONS: usize = 64;

fn main() {
    if let Some(folder) = std::env::var_os("TENT_BENCH_FOLDER") {
        return peer::serve(Path::new(&folder));
    }
    let in_full = std::env::args().any(|argument| argument == "--bench");
    let posts: u64 = if in_full { 200_000 } else { 2_000 };
    let folder = tempfile::tempdir().expect("there is a folder");
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("there is a runtime");
    let (port, anchor_port) = (free_port(), free_port());
    runtime.block_on(database::fill(folder.path(), port, posts));

    let peers = Peers::start(folder.path(), (port, anchor_port));
    println!(
        "\nmemory of the server at rest: {} MiB (under 40)",
        peers.memory() / 1024
    );
    let load = |port, per_connection| Load {
        address: SocketAddr::from(([127, 0, 0, 1], port)),
        per_connection,
    };
    let (ours, anchor) = (load(port, 8), load(anchor_port, 8));
    reads(&runtime, &ours, &anchor, posts);
    writes(&runtime, &load(port, 8), folder.path());
    println!("\nmemory of both after that: {} MiB", peers.memory() / 1024);
}

fn reads(runtime: &Runtime, ours: &Load, anchor: &Load, posts: u64) {
    let mut table = Table::start(&format!(
        "Signed reads of {posts} posts, {CONNECTIONS} connections, beside a bare axum handler"
    ));
    let middle = posts / 2;
    for (name, path, ratio) in [
        ("a page of 50", "/posts?limit=50".to_owned(), 0.75),
        ("one post", format!("/posts/p{middle}"), 0.70),
    ] {
        let run = |load: &Load| runtime.block_on(load.run(CONNECTIONS, |_| get(load, &path)));
        table.compare_pairs(
            Work::named(name).at_most(1.0 / ratio),
            || run(ours),
            || run(anchor),
        );
    }
    let deep = format!("/posts?limit=50&before_id=p{middle}");
    let run = |path: &str| runtime.block_on(ours.run(CONNECTIONS, |_| get(ours, path)));
    table.compare_pairs(
        Work::named(format!("a page {middle} deep, beside the first")).at_most(1.0 / 0.9),
        || run(&deep),
        || run("/posts?limit=50"),
    );
}

fn writes(runtime: &Runtime, ours: &Load, folder: &Path) {
    let mut table = Table::start(&format!(
        "Signed posts, {CONNECTIONS} writers, each answered when it is durable, beside plain rusqlite"
    ));
    let grouped = plain::Writer::start(&folder.join("plain.db"));
    let single = plain::open(&folder.join("single.db"));
    let count = CONNECTIONS * ours.per_connection;
    let run = || runtime.block_on(ours.run(CONNECTIONS, |_| post(ours)));
    table.compare_pairs(
        Work::named("with group commit").at_most(1.0 / 0.6),
        run,
        || grouped.write(CONNECTIONS, ours.per_connection),
    );
    table.compare_pairs(
        Work::named("one transaction each").at_most(1.0 / 3.0),
        run,
        || (0..count).for_each(|_| plain::insert_alone(&single)),
    );
}

fn get(load: &Load, path: &str) -> Request {
    signed(load, "GET", path, "")
}

fn post(load: &Load) -> Request {
    signed(load, "POST", "/posts", database::STATUS)
}

/// The bytes of a signed request, with a nonce of its own.
fn signed(load: &Load, method: &str, path: &str, body: &str) -> Request {
    static NONCE: AtomicU64 = AtomicU64::new(0);
    let nonce = format!("n{}", NONCE.fetch_add(1, Ordering::Relaxed));
    let url = format!("http://{}{path}", load.address);
    let url = url.parse().expect("it is a URL");
    let stamp = Stamp {
        timestamp: database::now(),
        nonce: &nonce,
    };
    let method = method.parse().expect("it is a method");
    let authorization = credentials().sign(&method, &url, stamp);
    let content = match body.is_empty() {
        true => String::new(),
        false => format!(
            "content-type: application/vnd.tent.v0+json\r\ncontent-length: {}\r\n",
            body.len()
        ),
    };
    Request::from(format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: {authorization}\r\n{content}\r\n{body}",
        load.address
    ))
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
    listener.local_addr().expect("it is bound").port()
}

/// The process with both servers.
struct Peers(Child);

impl Peers {
    fn start(folder: &Path, (port, anchor_port): (u16, u16)) -> Self {
        let program = std::env::current_exe().expect("this program has a file");
        let mut child = Command::new(program)
            .env("TENT_BENCH_FOLDER", folder)
            .env("TENT_BENCH_PORTS", format!("{port} {anchor_port}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts again");
        let output = child.stdout.take().expect("it is piped");
        let mut line = String::new();
        let read = BufReader::new(output).read_line(&mut line);
        assert!(read.is_ok() && line == "ready\n", "{line:?}");
        Self(child)
    }

    /// What it has in memory, in KiB.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let digits = line.and_then(|line| line.split_whitespace().next());
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        self.0.stdin = None; // which ends it
        let _ = self.0.wait();
    }
}
