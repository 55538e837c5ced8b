//! Plain rusqlite, with as many posts in the same table and with the same indexes: many producers and
//! one writer that commits in groups, or each by itself.

use std::cell::Cell;
use std::path::Path;
use std::sync::mpsc::{self, Sender, SyncSender};
use std::thread;

use rusqlite::Connection;

use crate::database::MEMBERS;

/// A table of posts, as durable as the server's.
pub(crate) struct Table {
    db: Connection,
    count: Cell<u64>,
}

impl Table {
    pub(crate) fn open(file: &Path) -> Self {
        let db = Connection::open(file).expect("it opens");
        for (name, value) in [("journal_mode", "wal"), ("synchronous", "full")] {
            db.pragma_update(None, name, value).expect("it can");
        }
        let count = Cell::new(0);
        Self { db, count }
    }

    /// Stores a post, which nothing else is done with.
    pub(crate) fn insert(&self) {
        let count = self.count.get() + 1;
        self.count.set(count);
        // Scattered, as ids are.
        let id = format!(
            "{:022x}",
            u128::from(count.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        );
        let time = 1_400_000_000 + count.cast_signed();
        let insert = self.db.prepare_cached(
            "INSERT INTO posts (entity_id, publisher, id, own, public, type_base, type, published_at, received_at, updated_at,
                 version, members, entities)
             VALUES (1, 'http://127.0.0.1:65535', ?1, 1, 1, 'https://tent.io/types/post/status',
                 'https://tent.io/types/post/status/v0.1.0', ?2, ?2, ?2, 1, ?3, '{}')",
        );
        let stored = insert.and_then(|mut insert| insert.execute((id, time, MEMBERS)));
        stored.expect("it is stored");
    }

    fn execute(&self, sql: &str) {
        self.db.execute_batch(sql).expect("it can");
    }
}

/// The thread that writes.
pub(crate) struct Writer(Sender<SyncSender<()>>);

impl Writer {
    pub(crate) fn start(file: &Path) -> Self {
        let table = Table::open(file);
        let (sender, receiver) = mpsc::channel::<SyncSender<()>>();
        thread::spawn(move || {
            while let Ok(first) = receiver.recv() {
                table.execute("BEGIN");
                table.insert();
                let mut waiting = vec![first];
                while let Ok(more) = receiver.try_recv() {
                    table.insert();
                    waiting.push(more);
                }
                table.execute("COMMIT");
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
