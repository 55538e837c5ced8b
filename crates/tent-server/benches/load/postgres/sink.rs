//! Servers of followers, which count what they get.

use std::net::SocketAddr;

use axum::Router;
use axum::routing::any;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub(super) struct Sink {
    pub(super) servers: Vec<SocketAddr>,
    got: watch::Receiver<u64>,
}

impl Sink {
    /// So many servers, for as long as the runtime lives.
    pub(super) async fn start(servers: usize) -> Self {
        let (count, got) = watch::channel(0);
        let mut addresses = Vec::new();
        for _ in 0..servers {
            let listener = TcpListener::bind("127.0.0.1:0").await;
            let listener = listener.expect("there is a port");
            addresses.push(listener.local_addr().expect("it is bound"));
            let count = count.clone();
            let router = Router::new().fallback(any(async move || {
                count.send_modify(|count| *count += 1);
            }));
            tokio::spawn(async { axum::serve(listener, router).await });
        }
        Self {
            servers: addresses,
            got,
        }
    }

    pub(super) fn got(&self) -> u64 {
        *self.got.borrow()
    }

    /// Waits until that much has come since the start.
    pub(super) async fn wait_for(&mut self, count: u64) {
        let got = self.got.wait_for(|got| *got >= count).await;
        got.expect("it counts");
    }
}
