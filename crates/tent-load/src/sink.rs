//! Servers of followers, who take what comes and keep nothing.

use std::net::SocketAddr;

use axum::Router;
use axum::routing::any;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::Outcome;

/// Some servers on loopback, which count what they get.
pub(crate) struct Sink {
    pub(crate) servers: Vec<SocketAddr>,
    got: watch::Receiver<u64>,
}

impl Sink {
    /// So many servers, for as long as the runtime lives.
    pub(crate) async fn start(servers: usize) -> Outcome<Self> {
        let (count, got) = watch::channel(0);
        let mut addresses = Vec::new();
        for _ in 0..servers {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            addresses.push(listener.local_addr()?);
            let count = count.clone();
            let router = Router::new().fallback(any(async move || {
                count.send_modify(|count| *count += 1);
            }));
            tokio::spawn(async { axum::serve(listener, router).await });
        }
        Ok(Self {
            servers: addresses,
            got,
        })
    }

    /// How much has come so far.
    pub(crate) fn got(&self) -> u64 {
        *self.got.borrow()
    }

    /// Waits until that much has come since the start.
    pub(crate) async fn wait_for(&mut self, count: u64) -> Outcome {
        self.got.wait_for(|got| *got >= count).await?;
        Ok(())
    }
}
