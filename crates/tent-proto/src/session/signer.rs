//! What a session signs with.

use std::sync::OnceLock;

use crate::mac::{Credentials, Nonce, Nonces};

/// A credential and its nonces. When the credential changes, the next one is put behind it; what was
/// lent out stays.
#[derive(Debug)]
pub(crate) struct Signer {
    held: Held,
    nonces: Nonces,
}

#[derive(Debug)]
struct Held {
    credentials: Credentials,
    later: OnceLock<Box<Self>>,
}

impl Signer {
    pub(super) const fn new(credentials: Credentials, nonces: Nonces) -> Self {
        Self {
            held: Held::new(credentials),
            nonces,
        }
    }

    /// The credential by now.
    pub(crate) fn credentials(&self) -> &Credentials {
        &self.latest().credentials
    }

    pub(crate) fn nonce(&self) -> Nonce {
        self.nonces.next()
    }

    pub(super) fn change(&self, credentials: Credentials) {
        let latest = self.latest();
        if latest.credentials != credentials {
            // Changes come one after the other.
            let _ = latest.later.set(Box::new(Held::new(credentials)));
        }
    }

    fn latest(&self) -> &Held {
        let mut latest = &self.held;
        while let Some(later) = latest.later.get() {
            latest = later;
        }
        latest
    }
}

impl Held {
    const fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            later: OnceLock::new(),
        }
    }
}
