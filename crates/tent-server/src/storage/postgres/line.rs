//! Writes that wait for each other, since they are for the same entity, and share a commit.
//!
//! Each entity that is written for has a line, which a task works off on one connection: whatever has
//! come until the connection is had, and while the last commit was made durable, makes one transaction.
//! So many writers of one entity take no more connections than one, and cost no more commits.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, oneshot};

use super::connection::Db;
use super::failure::{self, Failed};
use super::{ATTEMPTS, Shared, Work, posts};
use crate::storage::{AccountKey, DatabaseError, NewPost, Reply, Stamp, StorageError, StoredPost};

/// How many writes share a commit at most.
const GROUP: usize = 64;

/// The lines in which something waits.
#[derive(Default)]
pub(super) struct Lines(Mutex<HashMap<AccountKey, mpsc::UnboundedSender<Job>>>);

/// A write that waits, with the stamp of its request.
struct Job {
    stamp: Option<Stamp>,
    write: Write,
}

enum Write {
    /// A new post. Those that come one after another are stored together, since none goes by what
    /// another has changed.
    Post(Box<Waiting<NewPost, StoredPost>>),
    Other(Box<dyn Other>),
}

/// A write that is done by itself, since it goes by what it reads.
trait Other: Send {
    /// Does it, maybe once more after what was done was taken back.
    fn apply<'a>(&'a mut self, db: &'a Db) -> Pin<Box<dyn Future<Output = Done> + Send + 'a>>;
    fn answer(self: Box<Self>, outcome: Done);
}

type Done = Result<(), StorageError>;

/// What a write is done with, what came of it, and who waits for that.
struct Waiting<A, T> {
    with: A,
    made: Option<T>,
    asker: oneshot::Sender<Result<T, StorageError>>,
}

impl<A, T> Waiting<A, T> {
    /// Something that waits, and what it waits for.
    fn new(with: A) -> (Self, oneshot::Receiver<Result<T, StorageError>>) {
        let (asker, answer) = oneshot::channel();
        let made = None;
        (Self { with, made, asker }, answer)
    }

    fn answer(self, outcome: Done) {
        let made = self.made.ok_or(StorageError::from(DatabaseError::Closed));
        let _ = self.asker.send(outcome.and(made));
    }
}

struct Working<A, T> {
    work: Work<A, T>,
    waiting: Waiting<A, T>,
}

impl<A, T> Other for Working<A, T>
where
    A: Send + Sync + 'static,
    T: Send + 'static,
{
    fn apply<'a>(&'a mut self, db: &'a Db) -> Pin<Box<dyn Future<Output = Done> + Send + 'a>> {
        Box::pin(async {
            self.waiting.made = Some((self.work)(db, &self.waiting.with).await?);
            Ok(())
        })
    }

    fn answer(self: Box<Self>, outcome: Done) {
        self.waiting.answer(outcome);
    }
}

impl Lines {
    /// Has a write done for an entity, after those that wait.
    pub(super) fn write<A, T>(
        shared: &Arc<Shared>,
        account: AccountKey,
        stamp: Option<Stamp>,
        with: A,
        work: Work<A, T>,
    ) -> Reply<'static, T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let (waiting, answer) = Waiting::new(with);
        let write = Write::Other(Box::new(Working { work, waiting }));
        shared.lines.push(shared, account, Job { stamp, write });
        answered(answer)
    }

    /// Has a new post stored, after what waits.
    pub(super) fn post(
        shared: &Arc<Shared>,
        account: AccountKey,
        stamp: Option<Stamp>,
        post: NewPost,
    ) -> Reply<'static, StoredPost> {
        let (waiting, answer) = Waiting::new(post);
        let write = Write::Post(Box::new(waiting));
        shared.lines.push(shared, account, Job { stamp, write });
        answered(answer)
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

fn answered<T: Send + 'static>(
    answer: oneshot::Receiver<Result<T, StorageError>>,
) -> Reply<'static, T> {
    Box::pin(async move { answer.await.map_err(|_| DatabaseError::Closed)? })
}

/// Does a write, or stores posts that come one after another.
async fn apply(together: &mut [Job], db: &Db, account: AccountKey) -> Done {
    let mut posts = Vec::new();
    for job in together {
        match &mut job.write {
            Write::Other(other) => other.apply(db).await?,
            Write::Post(post) => posts.push(post),
        }
    }
    if posts.is_empty() {
        return Ok(());
    }
    let new: Vec<_> = posts.iter().map(|post| &post.with).collect();
    let stored = posts::create_all(db, account, &new).await?;
    for (post, stored) in posts.into_iter().zip(stored) {
        post.made = Some(stored);
    }
    Ok(())
}

fn answer(group: Vec<Job>, outcome: &Done) {
    for job in group {
        match job.write {
            Write::Post(post) => post.answer(outcome.clone()),
            Write::Other(other) => other.answer(outcome.clone()),
        }
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
            let is_post = |job: &Job| matches!(job.write, Write::Post(_));
            for together in group.chunk_by_mut(|one, next| is_post(one) && is_post(next)) {
                apply(together, &db, account).await?;
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
