//! The task that sends what is due.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::attempt::attempt;
use super::errand::Errand;
use super::errands::Errands;
use super::{Command, Context};
use crate::storage::{Attempt, Delivery, StorageError};

/// How many posts are sent at a time.
const MOST: usize = 32;
/// How many of them to one server.
const MOST_TO_ONE: usize = 4;
/// How many are held ready.
const LEASED: usize = 256;
/// How many of them may be for one server when more are taken.
const CROWDED: usize = 8;
/// How long what is under way has when the server stops.
const GRACE: Duration = Duration::from_secs(10);
/// How long to wait when the database fails.
const PAUSE: Duration = Duration::from_secs(5);

pub(super) struct Worker {
    context: Context,
    commands: mpsc::UnboundedReceiver<Command>,
    queued: watch::Receiver<()>,
    /// What is leased and not sent yet.
    waiting: VecDeque<Delivery>,
    /// Origins that had no more when none but these were left out.
    exhausted: Option<Vec<String>>,
    places: HashMap<String, Arc<Semaphore>>,
    sending: JoinSet<Ended>,
    /// What became of attempts, which is not noted yet.
    attempts: Vec<(Delivery, Attempt)>,
    /// Whether some are being noted.
    noting: bool,
    /// When the database failed, so that something may be leased which nobody sends.
    stranded: Option<Instant>,
    errands: Errands,
    settling: Vec<oneshot::Sender<()>>,
}

/// How something ended.
pub(super) enum Ended {
    Sent(Delivery, Attempt),
    /// The server of somebody answers again, since it did not at that time.
    Recovered(Delivery, Attempt, Errand),
    /// It could not be tried.
    Untried,
    Noted,
    /// What became of some is not noted: they are sent again.
    Unnoted,
}

impl Worker {
    pub(super) fn new(
        context: Context,
        commands: mpsc::UnboundedReceiver<Command>,
        queued: watch::Receiver<()>,
    ) -> Self {
        Self {
            context,
            commands,
            queued,
            waiting: VecDeque::new(),
            exhausted: None,
            places: HashMap::new(),
            sending: JoinSet::new(),
            attempts: Vec::new(),
            noting: false,
            stranded: None,
            errands: Errands::default(),
            settling: Vec::new(),
        }
    }

    pub(super) async fn run(mut self) {
        self.release().await;
        self.catch_up().await;
        loop {
            let pause = match self.go_on().await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::error!(%error, "nothing can be delivered now");
                    self.stranded = Some(Instant::now());
                    Some(PAUSE)
                }
            };
            if self.sending.is_empty() && self.waiting.is_empty() && self.errands.is_idle() {
                self.settling.drain(..).for_each(|done| {
                    let _ = done.send(());
                });
            }
            let pause = async {
                match pause {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                // Orders first: when nobody can give any more, nothing else is begun, which a server
                // that begins with the same database would wait for.
                biased;
                command = self.commands.recv() => match command {
                    Some(Command::Run(errand)) => self.errands.take(errand),
                    Some(Command::Settle(done)) => {
                        self.exhausted = None;
                        self.settling.push(done);
                    }
                    Some(Command::Stop(done)) => {
                        self.stop().await;
                        let _ = done.send(());
                        return;
                    }
                    None => return,
                },
                Some(ended) = self.sending.join_next() => self.ended(ended.ok()),
                Some(()) = self.errands.ended() => {}
                Ok(()) = self.queued.changed() => self.exhausted = None,
                () = pause => self.exhausted = None,
            }
        }
    }

    /// Starts what can be started. When the database has failed, all that is leased here is released
    /// first, once nothing of it is under way.
    async fn go_on(&mut self) -> Result<Option<Duration>, StorageError> {
        self.errands.start(&self.context);
        if let Some(since) = self.stranded {
            self.waiting.clear();
            self.note();
            if !self.sending.is_empty() {
                return Ok(None);
            }
            let passed = since.elapsed();
            if passed < PAUSE {
                return Ok(Some(PAUSE - passed));
            }
            self.try_to_release().await?;
            self.stranded = None;
            self.exhausted = None;
        }
        self.fill().await
    }

    /// Starts what can be started, and says when there is more, if nothing happens until then.
    async fn fill(&mut self) -> Result<Option<Duration>, StorageError> {
        loop {
            self.start();
            self.note();
            if self.waiting.len() > LEASED / 2 {
                return Ok(None);
            }
            let crowded = self.crowded();
            if self.exhausted.as_ref() == Some(&crowded) {
                return Ok(None);
            }
            let now = self.context.now();
            let next = match self.context.storage.upgrade() {
                Some(storage) => storage.next_delivery(),
                None => return Ok(None),
            };
            match next.await? {
                None => return Ok(None),
                Some(at) if at > now => {
                    return Ok(Some(Duration::from_secs(at.abs_diff(now))));
                }
                Some(_) => {}
            }
            let room = LEASED - self.waiting.len();
            let leased = match self.context.storage.upgrade() {
                Some(storage) => storage.lease_deliveries(now, room, crowded.clone()),
                None => return Ok(None),
            };
            let leased = leased.await?;
            if leased.is_empty() {
                self.exhausted = Some(crowded);
                return Ok(None);
            }
            self.waiting.extend(leased);
        }
    }

    /// The origins for which enough is held ready.
    fn crowded(&self) -> Vec<String> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for delivery in &self.waiting {
            *counts.entry(&delivery.origin).or_default() += 1;
        }
        let crowded = counts.into_iter().filter(|(_, count)| *count >= CROWDED);
        let mut crowded: Vec<_> = crowded.map(|(origin, _)| origin.to_owned()).collect();
        crowded.sort_unstable();
        crowded
    }

    /// Starts what there is a place for, in the order in which it became due.
    fn start(&mut self) {
        for _ in 0..self.waiting.len() {
            let Some(delivery) = self.waiting.pop_front() else {
                break;
            };
            match self.place(&delivery.origin) {
                Some(place) => {
                    let sending = attempt(self.context.clone(), delivery, place);
                    self.sending.spawn(sending);
                }
                None => self.waiting.push_back(delivery),
            }
        }
    }

    fn place(&mut self, origin: &str) -> Option<OwnedSemaphorePermit> {
        if self.sending.len() >= MOST || self.attempts.len() >= LEASED {
            return None;
        }
        let places = || Arc::new(Semaphore::new(MOST_TO_ONE));
        let places = self.places.entry(origin.to_owned()).or_insert_with(places);
        Arc::clone(places).try_acquire_owned().ok()
    }

    /// Something has ended; `None` when it broke off, which gives its place back, too.
    fn ended(&mut self, ended: Option<Ended>) {
        match ended {
            Some(Ended::Sent(delivery, attempt)) => self.attempted(delivery, attempt),
            Some(Ended::Recovered(delivery, attempt, errand)) => {
                self.attempted(delivery, attempt);
                self.errands.take(errand);
            }
            Some(Ended::Noted) => self.noting = false,
            Some(Ended::Untried) => self.stranded = Some(Instant::now()),
            Some(Ended::Unnoted) | None => {
                self.noting = false; // if it broke off, it was perhaps that
                self.stranded = Some(Instant::now());
            }
        }
        self.places
            .retain(|_, places| places.available_permits() < MOST_TO_ONE);
    }

    fn attempted(&mut self, delivery: Delivery, attempt: Attempt) {
        self.context.metrics.attempted(&attempt);
        if matches!(attempt, Attempt::Again { silent: true, .. }) {
            self.waiting.retain(|one| one.origin != delivery.origin);
        }
        self.attempts.push((delivery, attempt));
    }

    /// Has noted what became of attempts: all at once that end while those before are noted.
    fn note(&mut self) {
        if self.noting || self.attempts.is_empty() {
            return;
        }
        let Some(storage) = self.context.storage.upgrade() else {
            return;
        };
        let noted = storage.attempted(std::mem::take(&mut self.attempts));
        self.noting = true;
        self.sending.spawn(async move {
            match noted.await {
                Ok(()) => Ended::Noted,
                Err(error) => {
                    tracing::error!(%error, "deliveries cannot be noted");
                    Ended::Unnoted
                }
            }
        });
    }

    async fn stop(&mut self) {
        let all = async {
            while let Some(ended) = self.sending.join_next().await {
                self.ended(ended.ok());
                self.note();
            }
            while self.errands.ended().await.is_some() {}
        };
        if tokio::time::timeout(GRACE, all).await.is_err() {
            tracing::warn!("some deliveries did not end in time; they are made again");
        }
        self.sending.shutdown().await;
        self.errands.stop().await;
        self.release().await;
    }

    /// Looks for what was missed while the server was down.
    async fn catch_up(&mut self) {
        let known = match self.context.storage.upgrade() {
            Some(storage) => storage.known_of_followings(),
            None => return,
        };
        if self.is_one_of_several().await {
            return; // the others have missed nothing
        }
        match known.await {
            Err(error) => tracing::error!(%error, "what was missed is not known"),
            Ok(known) => self.errands.extend(
                known
                    .into_iter()
                    .map(|(owner, entity, since)| Errand::CatchUp(owner, entity, since)),
            ),
        }
    }

    /// Whether other processes that use the database are alive. From now on others know of this one.
    async fn is_one_of_several(&self) -> bool {
        let storage = self.context.storage.upgrade();
        let processes = storage.and_then(|storage| storage.processes());
        match processes.map(|processes| processes.join()) {
            Some(joined) => joined.await.unwrap_or_default(),
            None => false,
        }
    }

    async fn release(&self) {
        if let Err(error) = self.try_to_release().await {
            tracing::error!(%error, "what was under way stays so");
        }
    }

    async fn try_to_release(&self) -> Result<(), StorageError> {
        match self.context.storage.upgrade() {
            Some(storage) => storage.release_deliveries(),
            None => return Ok(()),
        }
        .await
    }
}
