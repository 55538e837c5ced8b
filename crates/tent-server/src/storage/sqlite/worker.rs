//! The threads that hold the connections: one writer, which commits in groups, and a few readers.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::{io, iter, thread};

use rusqlite::Connection;

use super::changes::Changes;
use crate::storage::DatabaseError;

/// How many writes share a commit at most.
const GROUP: usize = 512;

/// Work on a connection of a reader.
pub(super) type Read = Box<dyn FnOnce(&Connection) + Send>;

/// Work within the writer's transaction, or, without a connection, what is left of it when there is
/// no such transaction. It says whether its changes stand, or why not, and leaves an answer to be given
/// once the outcome of the commit is known.
pub(super) type Write =
    Box<dyn FnOnce(Option<&Connection>) -> (Result<(), DatabaseError>, Answer) + Send>;
pub(super) type Answer = Box<dyn FnOnce(Result<(), DatabaseError>) + Send>;

/// A queue and the threads that work it off. Dropping it lets them finish what is queued, and waits.
pub(super) struct Workers<J> {
    queue: Option<Sender<J>>,
    threads: Vec<JoinHandle<()>>,
}

impl<J: Send + 'static> Workers<J> {
    /// Queues a job. When the threads are gone the job is dropped, and whoever waits for it notices.
    pub(super) fn queue(&self, job: J) {
        if let Some(queue) = &self.queue {
            let _ = queue.send(job);
        }
    }

    fn spawn(
        name: &str,
        connections: Vec<Connection>,
        work: impl Fn(Connection, &Mutex<Receiver<J>>) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let work = Arc::new(work);
        let (queue, jobs) = mpsc::channel();
        let jobs = Arc::new(Mutex::new(jobs));
        let spawn = |connection| {
            let (jobs, work) = (Arc::clone(&jobs), Arc::clone(&work));
            let thread = thread::Builder::new().name(name.to_owned());
            thread.spawn(move || work(connection, &jobs))
        };
        let threads = connections
            .into_iter()
            .map(spawn)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            queue: Some(queue),
            threads,
        })
    }
}

impl<J> Drop for Workers<J> {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Workers<Read> {
    pub(super) fn readers(connections: Vec<Connection>) -> io::Result<Self> {
        Self::spawn("tent-reader", connections, |connection, jobs| {
            while let Some(job) = next(jobs) {
                job(&connection);
            }
        })
    }
}

impl Workers<Write> {
    pub(super) fn writer(connection: Connection, changes: Changes) -> io::Result<Self> {
        Self::spawn("tent-writer", vec![connection], move |connection, jobs| {
            while let Some(first) = next(jobs) {
                // What arrives while the group is worked on still joins it.
                let more = iter::from_fn(|| {
                    jobs.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .try_recv()
                        .ok()
                });
                let group = iter::once(first).chain(more).take(GROUP);
                write_group(&connection, &changes, group);
            }
        })
    }
}

fn next<J>(jobs: &Mutex<Receiver<J>>) -> Option<J> {
    jobs.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .recv()
        .ok()
}

/// Does all writes in one transaction and answers them when it is durable. A write that fails takes
/// back its own changes alone.
fn write_group(db: &Connection, changes: &Changes, group: impl Iterator<Item = Write>) {
    let mut answers = Vec::new();
    let mut outcome = execute(db, "BEGIN IMMEDIATE");
    for write in group {
        outcome = outcome.and_then(|()| execute(db, "SAVEPOINT write"));
        let (stands, answer) = write(outcome.is_ok().then_some(db));
        answers.push(answer);
        outcome = outcome.and_then(|()| match stands {
            // SQLite has taken back the whole group: a full disk.
            Err(cause) if db.is_autocommit() => Err(cause),
            Ok(()) => execute(db, "RELEASE write"),
            Err(_) => execute(db, "ROLLBACK TO write").and_then(|()| execute(db, "RELEASE write")),
        });
    }
    outcome = outcome.and_then(|()| execute(db, "COMMIT"));
    if !db.is_autocommit() {
        let _ = execute(db, "ROLLBACK");
    }
    changes.tell();
    for answer in answers {
        answer(outcome.clone());
    }
}

fn execute(db: &Connection, sql: &str) -> Result<(), DatabaseError> {
    db.prepare_cached(sql)?.execute([])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use crate::storage::sqlite::Sqlite;
    use crate::storage::{DatabaseError, Reply, StorageError};

    /// The write is queued when this returns.
    fn insert(storage: &Sqlite, nonce: impl Into<String>, fails: bool) -> Reply<'_, ()> {
        let nonce = nonce.into();
        storage.write(move |db| {
            db.execute("INSERT INTO nonces VALUES (1, 'u:1', ?1)", [nonce])?;
            if fails {
                Err(StorageError::Replayed)
            } else {
                Ok(())
            }
        })
    }

    async fn stored(storage: &Sqlite) -> Vec<String> {
        let read = storage.read(|db| {
            let mut query = db.prepare("SELECT nonce FROM nonces ORDER BY length(nonce), nonce")?;
            let rows = query.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        });
        read.await.unwrap()
    }

    #[tokio::test]
    async fn a_write_that_fails_takes_back_itself_alone() {
        let storage = Sqlite::in_memory().unwrap();
        let writes = [("a", false), ("b", true), ("c", false)];
        let writes = writes.map(|(nonce, fails)| insert(&storage, nonce, fails));
        let mut outcomes = Vec::new();
        for write in writes {
            outcomes.push(write.await.is_ok());
        }
        assert_eq!(outcomes, [true, false, true]);
        assert_eq!(stored(&storage).await, ["a", "c"]);
    }

    #[tokio::test]
    async fn a_full_disk_is_reported_and_outlived() {
        let storage = Sqlite::in_memory().unwrap();
        let limit = async |pages: i64| {
            storage
                .write(move |db| Ok(db.pragma_update(None, "max_page_count", pages)?))
                .await
                .unwrap();
        };
        insert(&storage, "before", false).await.unwrap();
        limit(1).await; // SQLite makes it what is used
        let full = insert(&storage, "x".repeat(1_000_000), false).await;
        assert!(
            matches!(full, Err(StorageError::Database(DatabaseError::Full))),
            "{full:?}"
        );
        assert_eq!(stored(&storage).await, ["before"], "reads go on");
        limit(1_000_000).await;
        insert(&storage, "and after", false).await.unwrap();
        assert_eq!(stored(&storage).await, ["before", "and after"]);
    }

    #[tokio::test]
    async fn who_shares_the_fate_of_a_write_that_found_no_room_is_told_why() {
        let storage = Sqlite::in_memory().unwrap();
        let (queued, all_queued) = mpsc::channel();
        let first = storage.write(move |db| {
            all_queued.recv().unwrap();
            db.pragma_update(None, "max_page_count", 1)?;
            Ok(())
        });
        let writes = ["small".to_owned(), "x".repeat(1_000_000), "late".to_owned()];
        let writes = writes.map(|nonce| insert(&storage, nonce, false));
        queued.send(()).unwrap();
        assert!(first.await.is_err(), "the whole group is taken back");
        for write in writes {
            let error = write.await.unwrap_err();
            let is_full = matches!(error, StorageError::Database(DatabaseError::Full));
            assert!(is_full, "{error:?}");
        }
    }
}
