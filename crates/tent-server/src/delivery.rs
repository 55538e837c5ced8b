//! Posts on their way to followers, to those whom they mention, and to apps; and the word that somebody
//! is followed no more.
//!
//! What is to be sent stands in the database, put there by the write that published it, so that none
//! of it is lost. One task sends it, for as long as the server lives: what is due, so much at a time,
//! and so much to one server. What fails is tried again, later and later, for three days.
//!
//! Source: tent.io 0.2, server-protocol; `docs/protocol.md` §6.9.

mod attempt;
mod catch_up;
mod errand;
mod errands;
mod notify;
mod places;
mod schedule;
mod supply;
mod transmit;
mod worker;

use std::sync::{Arc, Weak};

use tokio::sync::{mpsc, oneshot};

pub(crate) use self::errand::Errand;
use self::worker::Worker;
use crate::metrics::Metrics;
use crate::peers::Reach;
use crate::resources::Clock;
use crate::storage::Storage;

/// The task that sends. It ends with its last handle.
#[derive(Debug, Clone)]
pub(crate) struct Deliveries(mpsc::UnboundedSender<Command>);

#[derive(Debug)]
enum Command {
    Run(Errand),
    /// Answers when nothing is due or under way anymore.
    Settle(oneshot::Sender<()>),
    /// Finishes what is under way, and ends.
    Stop(oneshot::Sender<()>),
}

/// What sending needs. It does not keep the database open.
#[derive(Clone)]
struct Context {
    storage: Weak<dyn Storage>,
    reach: Reach,
    clock: Clock,
    metrics: Arc<Metrics>,
}

impl Context {
    fn now(&self) -> i64 {
        (self.clock)()
    }
}

impl Deliveries {
    /// Starts the task, in the runtime that this is called in.
    pub(crate) fn start(
        storage: &Arc<dyn Storage>,
        reach: Reach,
        clock: Clock,
        metrics: Arc<Metrics>,
    ) -> Self {
        let (sender, commands) = mpsc::unbounded_channel();
        let context = Context {
            storage: Arc::downgrade(storage),
            reach,
            clock,
            metrics,
        };
        let worker = Worker::new(context, commands, storage.queued());
        tokio::spawn(worker.run());
        Self(sender)
    }

    /// No task: all stays queued.
    pub(crate) fn none() -> Self {
        Self(mpsc::unbounded_channel().0)
    }

    /// Has something done that takes asking other servers.
    pub(crate) fn run(&self, errand: Errand) {
        let _ = self.0.send(Command::Run(errand));
    }

    /// Waits until nothing is due or under way.
    pub(crate) async fn settle(&self) {
        self.order(Command::Settle).await;
    }

    /// Lets what is under way come to its end, for some seconds, and sends no more.
    pub(crate) async fn stop(&self) {
        self.order(Command::Stop).await;
    }

    async fn order(&self, command: fn(oneshot::Sender<()>) -> Command) {
        let (done, when_done) = oneshot::channel();
        let _ = self.0.send(command(done));
        let _ = when_done.await; // or the task has ended
    }
}
