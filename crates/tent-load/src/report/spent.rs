//! What servers and their database cost.

use std::time::Duration;

use super::server::Server;
use crate::cost;
use crate::store::Store;

pub(super) fn ids(servers: &[Server]) -> Vec<u32> {
    servers.iter().map(Server::id).collect()
}

/// The processor time that was spent so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spent {
    server: Duration,
    database: Duration,
}

pub(super) fn spent(store: &Store, servers: &[Server]) -> Spent {
    Spent {
        server: cost::processor(&ids(servers)),
        database: cost::processor(&store.processes()),
    }
}

impl Spent {
    pub(super) fn all(self) -> Duration {
        self.server + self.database
    }

    /// In microseconds, for each of so many requests.
    pub(super) fn since(self, before: Self, requests: f64) -> [f64; 2] {
        let each =
            |after: Duration, before| after.saturating_sub(before).as_secs_f64() * 1e6 / requests;
        [
            each(self.server, before.server),
            each(self.database, before.database),
        ]
    }
}
