//! Telling all processes that something is queued.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{interval, sleep};
use tokio_postgres::{AsyncMessage, Client, Config, Connection};

use super::tls::Connector;

/// How often everybody looks even if nothing is heard.
const LOOK: Duration = Duration::from_secs(30);
/// How long to wait before the next connection.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A connection that listens for what other processes queue, and tells them what is queued here. It is
/// made again whenever it is lost.
pub(super) struct Bell {
    queued: watch::Sender<()>,
    rung: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Bell {
    pub(super) fn new(config: Config, tls: Connector) -> Self {
        let queued = watch::Sender::new(());
        let rung = Arc::new(Notify::new());
        let task = tokio::spawn(listen(config, tls, queued.clone(), Arc::clone(&rung)));
        Self { queued, rung, task }
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<()> {
        self.queued.subscribe()
    }

    /// Tells everybody, here at once.
    pub(super) fn ring(&self) {
        self.queued.send_replace(());
        self.rung.notify_one();
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(config: Config, tls: Connector, queued: watch::Sender<()>, rung: Arc<Notify>) {
    let mut pause = PAUSE;
    loop {
        match config.connect(tls).await {
            Ok((client, connection)) => {
                pause = PAUSE;
                let hear = hear(connection, &queued);
                let tell = tell(client, &queued, &rung);
                tokio::select! { () = hear => {}, () = tell => {} }
                tracing::debug!("the connection that listens was lost");
            }
            Err(error) => tracing::debug!(%error, "nothing is heard of other processes"),
        }
        sleep(pause).await;
        pause = (2 * pause).min(LONGEST_PAUSE);
        queued.send_replace(()); // whatever was missed
    }
}

/// Passes on what others tell, until the connection is lost.
async fn hear<S, T>(mut connection: Connection<S, T>, queued: &watch::Sender<()>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        if let AsyncMessage::Notification(_) = message {
            queued.send_replace(());
        }
    }
}

/// Tells others, until the connection is lost. What is rung while one notice is under way takes one
/// more, however often it is. Where there are no notices, everybody looks now and then.
async fn tell(client: Client, queued: &watch::Sender<()>, rung: &Notify) {
    if let Err(error) = client.batch_execute("LISTEN tent_queued").await {
        tracing::debug!(%error, "nothing is heard of other processes");
    }
    queued.send_replace(()); // whatever was missed
    let mut look = interval(LOOK);
    loop {
        tokio::select! {
            () = rung.notified() => {
                let told = client.batch_execute("NOTIFY tent_queued").await;
                if told.is_err() && client.is_closed() {
                    return;
                }
            }
            _ = look.tick() => queued.send_replace(()),
        }
    }
}
