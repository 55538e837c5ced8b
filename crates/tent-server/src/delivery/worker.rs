//! The task that sends what is due.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::attempt::{Ended, attempt};
use super::errand::Errand;
use super::errands::Errands;
use super::places::Places;
use super::supply::{LEASED, Lease, Supply};
use super::{Command, Context};
use crate::storage::{Attempt, Delivery, Outgoing, StorageError};

/// How many posts are sent at a time.
const MOST: usize = 32;
/// How long what is under way has when the server stops.
const GRACE: Duration = Duration::from_secs(10);
/// How long to wait when the database fails.
const PAUSE: Duration = Duration::from_secs(5);

pub(super) struct Worker {
    context: Context,
    commands: mpsc::UnboundedReceiver<Command>,
    queued: watch::Receiver<()>,
    supply: Supply,
    places: Places,
    sending: JoinSet<Ended>,
    /// What is asked of the database.
    asking: JoinSet<Answer>,
    /// What became of attempts, which is not noted yet.
    attempts: Vec<(Delivery, Attempt)>,
    /// Whether some are being noted.
    noting: bool,
    /// When the database failed, so that something may be leased which nobody sends.
    stranded: Option<Instant>,
    errands: Errands,
    settling: Vec<oneshot::Sender<()>>,
}

/// What the database has answered.
pub(super) enum Answer {
    Leased(Result<Lease, StorageError>),
    /// What these come to, if it is anything.
    Read(Vec<(Delivery, Option<Outgoing>)>),
    /// The same, while others could not be read.
    ReadInPart(Vec<(Delivery, Option<Outgoing>)>),
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
            supply: Supply::default(),
            places: Places::default(),
            sending: JoinSet::new(),
            asking: JoinSet::new(),
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
            let pause = self.go_on().await;
            if self.is_idle() && self.supply.is_empty() && self.errands.is_idle() {
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
                        self.supply.changed();
                        self.settling.push(done);
                    }
                    Some(Command::Stop(done)) => {
                        self.stop().await;
                        let _ = done.send(());
                        return;
                    }
                    None => return,
                },
                Some(answer) = self.asking.join_next() => self.answered(answer.ok()),
                Some(ended) = self.sending.join_next() => self.ended(ended.ok()),
                Some(()) = self.errands.ended() => {}
                Ok(()) = self.queued.changed() => self.supply.changed(),
                () = pause => self.supply.changed(),
            }
        }
    }

    /// Whether nothing is sent, and nothing asked of the database.
    fn is_idle(&self) -> bool {
        self.sending.is_empty() && self.asking.is_empty()
    }

    /// Starts what can be started, and says when there is more, if nothing happens until then. When the
    /// database has failed, all that is leased here is released first, once nothing of it is under way.
    async fn go_on(&mut self) -> Option<Duration> {
        self.errands.start(&self.context);
        if let Some(since) = self.stranded {
            self.supply.clear();
            self.note();
            if !self.is_idle() {
                return None;
            }
            let passed = since.elapsed();
            if passed < PAUSE {
                return Some(PAUSE - passed);
            }
            if let Err(error) = self.try_to_release().await {
                self.strand(&error);
                return Some(PAUSE);
            }
            self.stranded = None;
            self.supply.changed();
        }
        self.start();
        self.note();
        if let Some(reading) = self.supply.read(&self.context) {
            self.asking.spawn(reading);
        }
        if let Some(leasing) = self.supply.lease(&self.context) {
            self.asking.spawn(leasing);
        }
        self.supply.pause(self.context.now())
    }

    fn strand(&mut self, error: &StorageError) {
        tracing::error!(%error, "nothing can be delivered now");
        self.stranded = Some(Instant::now());
    }

    /// Starts what there is a place for.
    fn start(&mut self) {
        let mut room = match self.attempts.len() < LEASED {
            true => MOST.saturating_sub(self.sending.len()),
            false => 0,
        };
        let places = &mut self.places;
        let taken = self.supply.take(|origin| {
            let place = (room > 0).then(|| places.take(origin)).flatten();
            room -= usize::from(place.is_some());
            place
        });
        for (delivery, outgoing, place) in taken {
            let sending = attempt(self.context.clone(), delivery, outgoing, place);
            self.sending.spawn(sending);
        }
    }

    /// An attempt has ended; `None` when it broke off, which gives its place back, too.
    fn ended(&mut self, ended: Option<Ended>) {
        match ended {
            Some(ended) => {
                self.attempted(ended.delivery, ended.attempt);
                if let Some(errand) = ended.errand {
                    self.errands.take(errand);
                }
            }
            None => self.stranded = Some(Instant::now()),
        }
        self.places.tidy();
    }

    /// The database has answered; `None` when the question broke off.
    fn answered(&mut self, answer: Option<Answer>) {
        match answer {
            Some(Answer::Leased(Ok(lease))) => self.supply.leased(Some(lease)),
            Some(Answer::Leased(Err(error))) => {
                self.supply.leased(None);
                self.strand(&error);
            }
            Some(Answer::Read(read)) => self.read(read),
            Some(Answer::ReadInPart(read)) => {
                self.read(read);
                self.stranded = Some(Instant::now());
            }
            Some(Answer::Noted) => {
                self.noting = false;
                self.supply.noted();
            }
            Some(Answer::Unnoted) => {
                self.noting = false;
                self.stranded = Some(Instant::now());
            }
            None => {
                // It may have been any of them.
                self.noting = false;
                self.supply.leased(None);
                self.supply.ready(Vec::new());
                self.stranded = Some(Instant::now());
            }
        }
    }

    fn read(&mut self, read: Vec<(Delivery, Option<Outgoing>)>) {
        for delivery in self.supply.ready(read) {
            self.attempted(delivery, Attempt::Done);
        }
    }

    fn attempted(&mut self, delivery: Delivery, attempt: Attempt) {
        self.context.metrics.attempted(&attempt);
        if matches!(attempt, Attempt::Again { silent: true, .. }) {
            self.supply.clear_of(&delivery.origin);
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
        self.asking.spawn(async move {
            match noted.await {
                Ok(()) => Answer::Noted,
                Err(error) => {
                    tracing::error!(%error, "deliveries cannot be noted");
                    Answer::Unnoted
                }
            }
        });
    }

    async fn stop(&mut self) {
        let all = async {
            while let Some(ended) = self.sending.join_next().await {
                self.ended(ended.ok());
            }
            self.note();
            while let Some(answer) = self.asking.join_next().await {
                self.answered(answer.ok());
                self.note();
            }
            while self.errands.ended().await.is_some() {}
        };
        if tokio::time::timeout(GRACE, all).await.is_err() {
            tracing::warn!("some deliveries did not end in time; they are made again");
        }
        self.sending.shutdown().await;
        self.asking.shutdown().await;
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
