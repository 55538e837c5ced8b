//! The passphrase that the owner signs in with.

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Argon2, PasswordHash};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};
use zeroize::Zeroizing;

/// The passphrase that the owner of an entity signs in with. It is wiped from memory when dropped and
/// never shown by `Debug`.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// The passphrase of this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// A random one, of 120 bits as twenty characters.
    ///
    /// # Errors
    ///
    /// When the system has no randomness to give.
    pub fn generate() -> std::io::Result<Self> {
        let mut bytes = Zeroizing::new([0; 15]);
        getrandom::fill(&mut *bytes).map_err(std::io::Error::other)?;
        Ok(Self::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
    }

    /// The text, for whoever shows it to the owner.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Its argon2id hash in PHC form. Takes a while, on purpose.
    pub(crate) fn hash(&self) -> Result<String, argon2::password_hash::Error> {
        let hash = Argon2::default().hash_password(self.0.as_bytes())?;
        Ok(hash.to_string())
    }

    /// Whether the hash is this one's. Takes a while, on purpose.
    pub(crate) fn fits(&self, hash: &str) -> bool {
        PasswordHash::new(hash).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(self.0.as_bytes(), &hash)
                .is_ok()
        })
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase([redacted])")
    }
}

impl From<String> for Passphrase {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Passphrase {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// How many passphrases are hashed at a time: each takes 19 MiB.
const AT_ONCE: usize = 2;

/// The turns that hashing takes.
pub(crate) struct Hashing(Arc<Semaphore>);

impl Hashing {
    /// Hashes on a blocking thread when it is its turn. Whoever does not wait for the end keeps the
    /// turn all the same: a hash that has begun cannot be stopped.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        hash: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        let turn = Arc::clone(&self.0).acquire_owned().await;
        spawn_blocking(move || {
            let _turn = turn;
            hash()
        })
        .await
    }
}

impl Default for Hashing {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn a_hash_that_nobody_waits_for_keeps_its_turn() {
        let hashing = Hashing::default();
        let (finish, finished) = mpsc::channel();
        tokio::select! {
            biased;
            _ = hashing.run(move || finished.recv()) => unreachable!("it is not finished"),
            () = tokio::task::yield_now() => {}
        }
        assert_eq!(hashing.0.available_permits(), AT_ONCE - 1);
        finish.send(()).unwrap();
        for _ in 0..AT_ONCE {
            hashing.run(|| ()).await.unwrap();
        }
    }
}
