//! How far a body has got.

use std::fmt;
use std::sync::Arc;

/// How far a body has got, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Progress {
    /// How many bytes have gone by. An attempt made again starts again at zero.
    pub bytes: u64,
    /// How many there will be, when that is known: always of what is sent, and of what arrives when
    /// the server announces it.
    pub total: Option<u64>,
}

impl Progress {
    /// Nothing yet, of so many bytes.
    pub const fn start(total: Option<u64>) -> Self {
        Self { bytes: 0, total }
    }

    /// So many bytes more.
    #[must_use]
    pub const fn and(self, bytes: usize) -> Self {
        Self {
            bytes: self.bytes.saturating_add(bytes as u64),
            total: self.total,
        }
    }
}

/// Somebody who is told how far a body has got: at the start of each attempt, and after each piece.
///
/// It is told on whatever thread the piece goes by, between two pieces, so it should not take long.
/// What is sent counts once the driver has taken it, which may be some hundred kilobytes before it
/// leaves.
#[derive(Clone)]
pub struct OnProgress(Arc<dyn Fn(Progress) + Send + Sync>);

impl OnProgress {
    /// Tells this function.
    pub fn new(tell: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// Tells how far it is.
    pub fn tell(&self, progress: Progress) {
        (self.0)(progress);
    }
}

/// Two are equal when they tell the same function.
impl PartialEq for OnProgress {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for OnProgress {}

impl fmt::Debug for OnProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnProgress")
    }
}
