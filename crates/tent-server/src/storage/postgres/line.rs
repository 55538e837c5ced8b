//! Writes that wait for each other, since they are for the same entity, and share a commit.
//!
//! Each entity that is written for has a line, which a task works off on one connection: whatever has
//! come until the connection is had, and while the last commit was made durable, makes one transaction.
//! So many writers of one entity take no more connections than one, and cost no more commits.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use tokio::sync::{mpsc, oneshot};

use super::connection::Db;
use super::failure::{self, Failed};
use super::{ATTEMPTS, Shared, Work};
use crate::storage::{AccountKey, DatabaseError, Reply, Stamp, StorageError};

/// How many writes share a commit at most.
const GROUP: usize = 64;

/// The lines in which something waits.
#[derive(Default)]
pub(super) struct Lines(Mutex<HashMap<AccountKey, mpsc::UnboundedSender<Job>>>);

/// What other writes of a group may be done together with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    /// None: it goes by what it has read.
    Nothing,
    /// Those that only add something, as it does: it does not matter what comes first.
    Additions,
}

/// A write that waits, with the stamp of its request.
struct Job {
    stamp: Option<Stamp>,
    beside: Beside,
    write: Box<dyn Write>,
}

trait Write: Send {
    /// Does it, maybe once more after what was done was taken back.
    fn apply<'a>(&'a mut self, db: &'a Db) -> Pin<Box<dyn Future<Output = Done> + Send + 'a>>;
    fn answer(self: Box<Self>, outcome: Done);
}

type Done = Result<(), StorageError>;

/// A write, what came of it, and who waits for that.
struct Waiting<A, T> {
    with: A,
    work: Work<A, T>,
    made: Option<T>,
    asker: oneshot::Sender<Result<T, StorageError>>,
}

impl<A, T> Write for Waiting<A, T>
where
    A: Send + Sync + 'static,
    T: Send + 'static,
{
    fn apply<'a>(&'a mut self, db: &'a Db) -> Pin<Box<dyn Future<Output = Done> + Send + 'a>> {
        Box::pin(async {
            self.made = Some((self.work)(db, &self.with).await?);
            Ok(())
        })
    }

    fn answer(self: Box<Self>, outcome: Done) {
        let made = self.made.ok_or(StorageError::from(DatabaseError::Closed));
        let _ = self.asker.send(outcome.and(made));
    }
}

impl Lines {
    /// Has a write done for an entity, after those that wait.
    pub(super) fn write<A, T>(
        shared: &Arc<Shared>,
        account: AccountKey,
        stamp: Option<Stamp>,
        beside: Beside,
        with: A,
        work: Work<A, T>,
    ) -> Reply<'static, T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let (asker, answer) = oneshot::channel();
        let write = Box::new(Waiting {
            with,
            work,
            made: None,
            asker,
        });
        let job = Job {
            stamp,
            beside,
            write,
        };
        shared.lines.push(shared, account, job);
        Box::pin(async move { answer.await.map_err(|_| DatabaseError::Closed)? })
    }

    fn push(&self, shared: &Arc<Shared>, account: AccountKey, job: Job) {
        let mut lines = self.lock();
        let rejected = match lines.get(&account) {
            Some(line) => line.send(job).err().map(|rejected| rejected.0),
            None => Some(job),
        };
        // Nobody works it off: it is new, or who did has panicked.
        if let Some(job) = rejected {
            let (line, jobs) = mpsc::unbounded_channel();
            let _ = line.send(job); // the receiver is there
            lines.insert(account, line);
            tokio::spawn(work_off(Arc::clone(shared), account, jobs));
        }
    }

    /// Ends a line, unless something waits in it.
    fn end(&self, account: AccountKey, jobs: &mpsc::UnboundedReceiver<Job>) -> bool {
        let mut lines = self.lock();
        let ends = jobs.is_empty();
        if ends {
            lines.remove(&account);
        }
        ends
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountKey, mpsc::UnboundedSender<Job>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn work_off(
    shared: Arc<Shared>,
    account: AccountKey,
    mut jobs: mpsc::UnboundedReceiver<Job>,
) {
    while !shared.lines.end(account, &jobs) {
        let db = shared.connection().await;
        let most = if db.is_ok() { GROUP } else { usize::MAX };
        let mut group = Vec::new();
        while group.len() < most
            && let Ok(job) = jobs.try_recv()
        {
            group.push(job);
        }
        match db {
            Ok(db) => shared.write_group(db, account, group).await,
            Err(error) => answer(group, &Err(error)),
        }
    }
}

/// Does writes together: while one waits for what it has asked, the others ask.
async fn apply(together: &mut [Job], db: &Db) -> Done {
    let writes = together.iter_mut().map(|job| job.write.apply(db));
    let mut writes: Vec<_> = writes.collect();
    let done = poll_fn(|context| {
        let mut failed = None;
        writes.retain_mut(|write| match write.as_mut().poll(context) {
            Poll::Pending => true,
            Poll::Ready(done) => {
                failed = failed.take().or(done.err());
                false
            }
        });
        match failed {
            Some(error) => Poll::Ready(Err(error)),
            None if writes.is_empty() => Poll::Ready(Ok(())),
            None => Poll::Pending,
        }
    });
    done.await
}

fn answer(group: Vec<Job>, outcome: &Done) {
    for job in group {
        job.write.answer(outcome.clone());
    }
}

impl Shared {
    /// Does all of it in one transaction. When that fails for one of them, each is done by itself.
    async fn write_group(&self, db: Db, account: AccountKey, mut group: Vec<Job>) {
        match self.try_often(db, account, &mut group).await {
            Err(error) if group.len() > 1 && failure::is_taken_back(&error) => {
                for job in group {
                    let mut alone = vec![job];
                    let outcome = match self.connection().await {
                        Ok(db) => self.try_often(db, account, &mut alone).await,
                        Err(error) => Err(error),
                    };
                    answer(alone, &outcome);
                }
            }
            outcome => answer(group, &outcome),
        }
    }

    async fn try_often(&self, mut db: Db, account: AccountKey, group: &mut [Job]) -> Done {
        for _ in 1..ATTEMPTS {
            match self.try_group(db, account, group).await {
                Err(failed) if failed.again => db = self.connection().await?,
                done => return done.map_err(|failed| failed.error),
            }
        }
        let done = self.try_group(db, account, group).await;
        done.map_err(|failed| failed.error)
    }

    async fn try_group(
        &self,
        mut db: Db,
        account: AccountKey,
        group: &mut [Job],
    ) -> Result<(), Failed> {
        let stamps: Vec<_> = group.iter().filter_map(|job| job.stamp.clone()).collect();
        let done = async {
            db.begin(Some(account), &stamps).await?;
            let may =
                |one: &Job, next: &Job| [one, next].map(|job| job.beside) == [Beside::Additions; 2];
            for together in group.chunk_by_mut(may) {
                apply(together, &db).await?;
            }
            Ok(())
        };
        let done = done.await;
        self.end(&mut db, done).await?;
        if let Some(newest) = stamps.iter().map(|stamp| stamp.timestamp).max() {
            self.forget_nonces(&db, newest).await;
        }
        Ok(())
    }
}
