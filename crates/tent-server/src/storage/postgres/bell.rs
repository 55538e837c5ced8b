//! Telling all processes that something is new.

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

/// A connection that listens for what other processes tell, and tells them what is new here. It is
/// made again whenever it is lost.
pub(super) struct Bell {
    /// Deliveries were queued.
    pub(super) queued: Topic,
    /// Entities came or went.
    pub(super) entities: Topic,
    task: JoinHandle<()>,
}

/// Something to be told.
#[derive(Clone, Default)]
pub(super) struct Topic {
    heard: watch::Sender<()>,
    rung: Arc<Notify>,
}

impl Topic {
    pub(super) fn subscribe(&self) -> watch::Receiver<()> {
        self.heard.subscribe()
    }

    /// Tells everybody, here at once.
    pub(super) fn ring(&self) {
        self.hear();
        self.rung.notify_one();
    }

    fn hear(&self) {
        self.heard.send_replace(());
    }
}

impl Bell {
    pub(super) fn new(config: Config, tls: Connector) -> Self {
        let (queued, entities) = (Topic::default(), Topic::default());
        let task = tokio::spawn(listen(config, tls, queued.clone(), entities.clone()));
        Self {
            queued,
            entities,
            task,
        }
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(config: Config, tls: Connector, queued: Topic, entities: Topic) {
    let mut pause = PAUSE;
    loop {
        match config.connect(tls.clone()).await {
            Ok((client, connection)) => {
                pause = PAUSE;
                let hear = hear(connection, &queued, &entities);
                let tell = tell(client, &queued, &entities);
                tokio::select! { () = hear => {}, () = tell => {} }
                tracing::debug!("the connection that listens was lost");
            }
            Err(error) => tracing::debug!(%error, "nothing is heard of other processes"),
        }
        sleep(pause).await;
        pause = (2 * pause).min(LONGEST_PAUSE);
        queued.hear(); // whatever was missed
        entities.hear();
    }
}

/// Passes on what others tell, until the connection is lost.
async fn hear<S, T>(mut connection: Connection<S, T>, queued: &Topic, entities: &Topic)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        match message {
            AsyncMessage::Notification(told) if told.channel() == "tent_queued" => queued.hear(),
            AsyncMessage::Notification(_) => entities.hear(),
            _ => {}
        }
    }
}

/// Tells others, until the connection is lost. What is rung while one notice is under way takes one
/// more, however often it is. Where there are no notices, everybody looks now and then.
async fn tell(client: Client, queued: &Topic, entities: &Topic) {
    let listen = "LISTEN tent_queued; LISTEN tent_entities";
    if let Err(error) = client.batch_execute(listen).await {
        tracing::debug!(%error, "nothing is heard of other processes");
    }
    queued.hear(); // whatever was missed
    entities.hear();
    let mut look = interval(LOOK);
    loop {
        let notice = tokio::select! {
            () = queued.rung.notified() => "NOTIFY tent_queued",
            () = entities.rung.notified() => "NOTIFY tent_entities",
            _ = look.tick() => {
                queued.hear();
                entities.hear();
                continue;
            }
        };
        let told = client.batch_execute(notice).await;
        if told.is_err() && client.is_closed() {
            return;
        }
    }
}
