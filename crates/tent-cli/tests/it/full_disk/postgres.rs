//! The disk of the database, below PostgreSQL.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use tent_proto::call::{CreateGroup, DeletePost, GetAttachment};
use tent_testkit::postgres::Cluster;

use super::{Ground, LONG, assert_full, until_refused};
use crate::server::{PASSPHRASE, Server};
use crate::tent::Tent;

/// How large the disk is, in MiB. An empty database takes eight.
const DISK: u32 = 16;
/// Other programs take ports of the usual address between one start and the next.
const ADDRESS: &str = "127.77.7.2:0";

fn serve(tent: &Tent, data: &Path, database: &str) -> Server {
    let mut command = tent.command(&["serve", "--listen", ADDRESS, "--proxy", "127.0.0.1"]);
    command.env("TENT_DATA", data);
    command.env("TENT_PASSPHRASE", PASSPHRASE);
    command.env("TENT_DATABASE", database);
    Server::spawn(command)
}

/// The status that somebody at another address gets, who has no credential.
fn status_for(ground: &Ground, stranger: usize, path: &str) -> String {
    let host = ground.server.entity.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-For: 192.0.2.{stranger}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.get(9..12).unwrap_or_default().to_owned()
}

#[test]
fn writes_are_refused_while_the_disk_of_postgresql_is_full_and_reads_go_on() {
    // Room that writes which failed have left comes back when the test makes some, and not before. Files
    // of posts and the log of PostgreSQL are elsewhere.
    let arguments = ["-c", "fsync=off", "-c", "autovacuum=off"];
    let Some(cluster) = Cluster::with_a_disk(DISK, &arguments) else {
        return;
    };
    let (tent, folder) = (Tent::new(), tempfile::tempdir().unwrap());
    let (data, database) = (folder.path().to_owned(), cluster.create_database_on_disk());
    let server = serve(&tent, &data, &database);
    let mut ground = Ground::of(server, cluster.disk(), &tent, folder);
    let kept = ground.attach(LONG).unwrap().id.unwrap();
    let mut ids = vec![kept.clone()];
    ground.fill();

    // What tables have reserved already is used first.
    ids = ground.post_until_refused(&"x".repeat(LONG), ids);
    ids = ground.post_until_refused("short", ids);
    assert_full(until_refused(|| {
        ground.run(ground.session.call(CreateGroup::new("friends")))
    }));

    // A start is none of them.
    let (status, err) = ground.server.stop("TERM");
    assert_eq!(status.code(), Some(0), "{err}");
    assert!(err.contains("there is no room left"), "{err}");
    ground.server = serve(&tent, &data, &database);

    assert_eq!(ground.ids(), ids);
    let file = GetAttachment::new(kept.clone(), "file", "a/a");
    let content = ground.run(ground.session.call(file)).unwrap();
    assert_eq!(content, vec![7; LONG]);
    ground.run(ground.session.get_profile()).unwrap();
    assert_eq!(status_for(&ground, 0, "/readyz"), "200");
    // More than there is room to count the requests of.
    for stranger in 0..=255 {
        let status = status_for(&ground, stranger, "/profile");
        assert_eq!(status, "200", "for {stranger}");
    }

    ground.clear();
    ids.insert(0, ground.post("short").unwrap().id.unwrap());
    ids.insert(0, ground.attach(LONG).unwrap().id.unwrap());
    assert_eq!(ground.ids(), ids);
    ground
        .run(ground.session.call(DeletePost::new(kept)))
        .unwrap();
}
