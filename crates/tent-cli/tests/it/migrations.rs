//! A process that dies in the midst of a migration, and programs that are older than the database.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rusqlite::Connection;
use tempfile::TempDir;
use tent_testkit::postgres::Cluster;

use crate::server::{PASSPHRASE, Server};
use crate::tent::{Ran, Tent};

/// Other programs take ports of the usual address between one start and the next.
const ADDRESS: &str = "127.77.7.3:0";
/// What SQLite began with.
const FIRST: &str =
    include_str!("../../../tent-server/src/storage/sqlite/migrations/001_first.sql");
/// How many posts there were then: some ten MiB of them.
const POSTS: i64 = 5_000;

/// The program, with a folder for data and perhaps a database.
struct Ground {
    tent: Tent,
    folder: TempDir,
    database: Option<String>,
}

impl Ground {
    fn new(database: Option<String>) -> Self {
        Self {
            tent: Tent::new(),
            folder: tempfile::tempdir().unwrap(),
            database,
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.tent.command(arguments);
        command.env("TENT_DATA", self.folder.path());
        command.env("TENT_PASSPHRASE", PASSPHRASE);
        command.envs(self.database.iter().map(|named| ("TENT_DATABASE", named)));
        command
    }

    fn start(&self) -> Command {
        self.command(&["serve", "--listen", ADDRESS])
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.command(arguments).output().unwrap().into()
    }

    /// The file of SQLite.
    fn file(&self) -> PathBuf {
        self.folder.path().join("tent.db")
    }

    /// Tries to start, and checks what is said to that.
    fn is_refused(&self) {
        let mut command = self.start();
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let (mut child, mut first) = (piped.spawn().unwrap(), String::new());
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut first).unwrap();
        if !first.is_empty() {
            child.kill().unwrap();
            panic!("it starts: {first}");
        }
        let err = Ran::from(child.wait_with_output().unwrap()).fails_with(5);
        assert!(err.contains("version 99 of the schema"), "{err}");
        assert!(err.contains("use the program that wrote it"), "{err}");
    }
}

/// What is answered to somebody who has no credential.
fn get(entity: &str, path: &str) -> String {
    let host = entity.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Makes a file of the first schema, with an entity and its posts.
fn make_first(file: &Path, entity: &str) {
    let db = Connection::open(file).unwrap();
    db.pragma_update(None, "journal_mode", "wal").unwrap();
    db.execute_batch(FIRST).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    let of = "INSERT INTO entities VALUES (1, ?1, 'none', 1)";
    db.execute(of, [entity]).unwrap();
    db.execute(
        r#"WITH RECURSIVE numbers AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)
        INSERT INTO posts
        SELECT n, 1, ?1, 'p' || n, 1, 1, 'https://x.example/note', n, n, n, 1,
            '"id":"p' || n || '","entity":"' || ?1 || '","type":"https://x.example/note/v1.2.0","version":1,'
                || '"published_at":' || n || ',"content":{"text":"' || hex(zeroblob(1000)) || '"}',
            '{}', NULL FROM numbers"#,
        (entity, POSTS),
    )
    .unwrap();
}

/// The version of the schema, and the columns of posts, as whoever opens it next finds them.
fn found(file: &Path) -> (i64, Vec<String>) {
    let copy = tempfile::tempdir().unwrap();
    let beside = file.parent().unwrap();
    for name in ["tent.db", "tent.db-wal"] {
        fs::copy(beside.join(name), copy.path().join(name)).unwrap();
    }
    let db = Connection::open(copy.path().join("tent.db")).unwrap();
    let version = db.query_row("PRAGMA user_version", [], |row| row.get(0));
    let mut columns = db
        .prepare("SELECT name FROM pragma_table_info('posts')")
        .unwrap();
    let columns = columns.query_map([], |row| row.get(0)).unwrap();
    (version.unwrap(), columns.map(Result::unwrap).collect())
}

#[test]
fn a_file_whose_migration_was_killed_half_way_is_whole_after_the_next_start() {
    let ground = Ground::new(None);
    let address = TcpListener::bind(ADDRESS).unwrap().local_addr().unwrap();
    let entity = format!("http://{address}");
    make_first(&ground.file(), &entity);
    // The kernel kills it when the log of the migration grows beyond these bytes.
    let inner = ground.start();
    let mut killed = Command::new("/bin/sh");
    killed.args(["-c", "ulimit -f 2048; exec \"$0\" \"$@\""]);
    killed.arg(inner.get_program()).args(inner.get_args());
    killed.envs(
        inner
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let status = killed.stdout(Stdio::null()).status().unwrap();
    assert_eq!(status.signal(), Some(25), "SIGXFSZ: {status}");
    let log = fs::metadata(ground.folder.path().join("tent.db-wal")).unwrap();
    assert!(log.len() > 500_000, "{}", log.len());
    let (version, columns) = found(&ground.file());
    assert_eq!(version, 1);
    assert!(!columns.contains(&"type".to_owned()), "{columns:?}");

    let server = Server::spawn(ground.start());
    assert_eq!(server.entity, entity);
    let answer = get(&entity, "/posts/count");
    assert!(answer.ends_with(&format!("\r\n\r\n{POSTS}")), "{answer}");
    let newest = get(&entity, &format!("/posts/p{POSTS}"));
    assert!(newest.contains("https://x.example/note/v1.2.0"), "{newest}");
    assert_eq!(ground.run(&["admin", "check"]).ok(), "no damage\n");
}

#[test]
fn a_database_in_postgresql_whose_migration_was_killed_half_way_is_whole_after_the_next_start() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let config = cluster.create_database();
    let (_, name) = config.rsplit_once('=').unwrap();
    let ground = Ground::new(Some(config.clone()));
    let entity = Server::spawn(ground.start()).entity.clone();
    // As the second version found it.
    cluster.query(
        name,
        "DROP TABLE entity_count, entity_changes, limit_buckets, attempts, processes;
         CREATE INDEX deliveries_leased ON deliveries (leased_until);
         CREATE INDEX deliveries_by_entity ON deliveries (entity_id);
         ALTER TABLE deliveries ADD FOREIGN KEY (entity_id) REFERENCES entities;
         UPDATE schema_version SET version = 1",
    );

    // The last table but one of the migration waits for one of the same name.
    let held = cluster.hold(name, "CREATE TABLE attempts (x INT)");
    let mut killed = ground.start().stdout(Stdio::null()).spawn().unwrap();
    while !cluster.is_waited_for(name) {
        assert_eq!(killed.try_wait().unwrap(), None, "it has not waited");
    }
    killed.kill().unwrap();
    assert_eq!(killed.wait().unwrap().signal(), Some(9));
    let found = "SELECT version, to_regclass('entity_count') IS NULL FROM schema_version";
    assert_eq!(cluster.query(name, found), "1|t", "it leaves nothing");
    drop(held);

    let server = Server::spawn(ground.start());
    assert_eq!(server.entity, entity);
    assert!(get(&entity, "/profile").starts_with("HTTP/1.1 200 "));
    assert_eq!(cluster.query(name, found), "3|f");
    let last = "SELECT to_regclass('processes') IS NOT NULL";
    assert_eq!(cluster.query(name, last), "t");
    assert_eq!(ground.run(&["admin", "check"]).ok(), "no damage\n");
}

#[test]
fn a_file_of_a_newer_program_is_refused_and_left_as_it_is() {
    let ground = Ground::new(None);
    drop(Server::spawn(ground.start()));
    let db = Connection::open(ground.file()).unwrap();
    let version = |db: &Connection| -> i64 {
        db.query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap()
    };
    let known = version(&db);
    db.pragma_update(None, "user_version", 99).unwrap();
    ground.is_refused();
    assert_eq!(version(&db), 99);
    db.pragma_update(None, "user_version", known).unwrap();
    Server::spawn(ground.start());
}

#[test]
fn a_database_in_postgresql_of_a_newer_program_is_refused_and_left_as_it_is() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let config = cluster.create_database();
    let (_, name) = config.rsplit_once('=').unwrap();
    let ground = Ground::new(Some(config.clone()));
    drop(Server::spawn(ground.start()));
    let version = "SELECT version FROM schema_version";
    let known = cluster.query(name, version);
    cluster.query(name, "UPDATE schema_version SET version = 99");
    ground.is_refused();
    for order in [&["backup", "copy"], &["entities", "list"]] {
        let err = ground.run(&[&["admin"][..], order].concat()).fails_with(5);
        assert!(err.contains("use the program that wrote it"), "{err}");
    }
    assert_eq!(cluster.query(name, version), "99");
    cluster.query(
        name,
        &format!("UPDATE schema_version SET version = {known}"),
    );
    Server::spawn(ground.start());
}
