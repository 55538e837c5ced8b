//! What the server adds to the least that the same work takes: to a bare handler that sends the same
//! bytes from the same rows, and to plain rusqlite, or tokio-postgres, that stores the same rows. The
//! load comes from this process, the servers are others.
//!
//! `sqlite`, `postgres` or `fan-out` as an argument asks for a part of it.

mod attachment;
mod bare;
mod client;
mod database;
mod peer;
mod plain;
mod postgres;

use std::path::Path;

use tent_testkit::bench::{Table, Work};
use tokio::runtime::{Builder, Runtime};

use crate::client::{Connection, Request, load};
use crate::peer::{Kind, Peer, free_port};

/// Connections that ask at the same time, and producers that write.
const CONNECTIONS: usize = 64;
/// How many requests each of them makes in a round.
const EACH: usize = 8;

fn main() {
    if peer::serve() {
        return;
    }
    let in_full = std::env::args().any(|argument| argument == "--bench");
    let asked_for = |name| {
        let mut arguments = std::env::args().skip(1);
        let others = ["sqlite", "postgres", "fan-out"];
        !arguments.any(|argument| argument != name && others.contains(&&*argument))
    };
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("there is a runtime");
    if asked_for("sqlite") {
        sqlite(&runtime, in_full);
    }
    if asked_for("postgres") {
        postgres::run(&runtime, in_full);
    }
    if asked_for("fan-out") {
        postgres::fan_out(&runtime, in_full);
    }
}

fn sqlite(runtime: &Runtime, in_full: bool) {
    let (posts, file) = if in_full { (200_000, 1024) } else { (2_000, 1) };
    let folder = tempfile::tempdir().expect("there is a folder");
    let folder = folder.path();
    let port = free_port();
    runtime.block_on(database::fill(folder, port, posts));
    for copy in ["grouped.db", "single.db"] {
        std::fs::copy(folder.join("tent.db"), folder.join(copy)).expect("there is room");
    }

    let server = Peer::start(Kind::Server, folder, port);
    reads(runtime, &server, folder, posts);
    writes(runtime, &server, folder);
    attachment::memory(runtime, &server, file);
}

fn reads(runtime: &Runtime, server: &Peer, folder: &Path, posts: u64) {
    let bare = Peer::start(Kind::Bare, folder, free_port());
    let mut table = Table::start(&format!(
        "Signed reads of {posts} posts, {CONNECTIONS} connections, beside a bare axum handler"
    ));
    let run = |request: &Request| runtime.block_on(load(CONNECTIONS, EACH, request));
    let middle = posts / 2;
    for (name, path, ratio) in [
        ("a page of 50", "/posts?limit=50".to_owned(), 0.75),
        ("one post", format!("/posts/p{middle}"), 0.70),
    ] {
        let ours = Request::get(server.address(), &path);
        let anchor = Request::get(bare.address(), &path);
        runtime.block_on(async {
            let (mut a, mut b) = (Connection::to(&ours).await, Connection::to(&anchor).await);
            assert!(
                a.send(&ours).await == b.send(&anchor).await,
                "the same bytes"
            );
        });
        let work = Work::named(name).at_most(1.0 / ratio);
        table.compare_pairs(work, || run(&ours), || run(&anchor));
    }
    let get = |path: &str| Request::get(server.address(), path);
    let deep = get(&format!("/posts?limit=50&before_id=p{middle}"));
    let first = get("/posts?limit=50");
    let work = Work::named(format!("a page {middle} deep, beside the first")).at_most(1.0 / 0.9);
    table.compare_pairs(work, || run(&deep), || run(&first));
}

fn writes(runtime: &Runtime, server: &Peer, folder: &Path) {
    let mut table = Table::start(&format!(
        "Signed posts, {CONNECTIONS} writers, each answered when it is durable, beside plain rusqlite"
    ));
    let post = Request::post(server.address(), database::MEDIA_TYPE, database::STATUS);
    let run = || runtime.block_on(load(CONNECTIONS, EACH, &post));
    let grouped = plain::Writer::start(&folder.join("grouped.db"));
    let work = Work::named("with group commit").at_most(1.0 / 0.6);
    table.compare_pairs(work, run, || grouped.write(CONNECTIONS, EACH));
    let single = plain::Table::open(&folder.join("single.db"));
    let work = Work::named("one transaction each").at_most(1.0 / 3.0);
    let each = || (0..CONNECTIONS * EACH).for_each(|_| single.insert()); // which commits
    table.compare_pairs(work, run, each);
}
