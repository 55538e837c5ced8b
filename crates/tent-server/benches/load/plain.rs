//! Plain rusqlite: many producers and one writer that commits in groups, or each by itself.

use std::path::Path;
use std::sync::mpsc::{self, Sender, SyncSender};
use std::thread;

use rusqlite::Connection;

use crate::database::STATUS;

/// A database as durable as the server's.
pub(crate) fn open(file: &Path) -> Connection {
    let db = Connection::open(file).expect("it opens");
    db.pragma_update(None, "journal_mode", "wal")
        .expect("it can");
    db.pragma_update(None, "synchronous", "full")
        .expect("it can");
    db.execute_batch(
        "CREATE TABLE posts (key INTEGER PRIMARY KEY, id TEXT, type TEXT, received_at INTEGER, members TEXT);
         CREATE INDEX received ON posts (received_at);",
    )
    .expect("it is SQL");
    db
}

fn insert(db: &Connection) {
    let row = ("p0Lk3Jh8Gf5Ds2Aq1Wz9Xc", "status", 1_356_998_400, STATUS);
    db.prepare_cached("INSERT INTO posts (id, type, received_at, members) VALUES (?1, ?2, ?3, ?4)")
        .and_then(|mut query| query.execute(row))
        .expect("it is stored");
}

/// One transaction for one row.
pub(crate) fn insert_alone(db: &Connection) {
    insert(db); // which commits
}

/// The thread that writes.
pub(crate) struct Writer(Sender<SyncSender<()>>);

impl Writer {
    pub(crate) fn start(file: &Path) -> Self {
        let db = open(file);
        let (sender, receiver) = mpsc::channel::<SyncSender<()>>();
        thread::spawn(move || {
            while let Ok(first) = receiver.recv() {
                db.execute_batch("BEGIN").expect("it can");
                insert(&db);
                let mut waiting = vec![first];
                while let Ok(more) = receiver.try_recv() {
                    insert(&db);
                    waiting.push(more);
                }
                db.execute_batch("COMMIT").expect("it is durable");
                for producer in waiting {
                    let _ = producer.send(());
                }
            }
        });
        Self(sender)
    }

    /// So many producers write so many rows each, and wait for each until it is durable.
    pub(crate) fn write(&self, producers: usize, each: usize) {
        thread::scope(|scope| {
            for _ in 0..producers {
                scope.spawn(|| {
                    let (sender, receiver) = mpsc::sync_channel(1);
                    for _ in 0..each {
                        self.0.send(sender.clone()).expect("it is there");
                        receiver.recv().expect("it answers");
                    }
                });
            }
        });
    }
}
