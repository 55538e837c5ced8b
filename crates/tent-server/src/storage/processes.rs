//! What equal processes agree on, where several may use one database at once.

use tent_proto::Entity;
use tokio::sync::watch;

use super::Reply;

/// Entities that came or went.
#[derive(Debug)]
pub(crate) struct Changes {
    /// How many changes there ever were, by the time of this.
    pub(crate) count: i64,
    pub(crate) entities: Changed,
}

#[derive(Debug)]
#[cfg_attr(
    not(feature = "postgres"),
    expect(dead_code, reason = "SQLite is for one process")
)]
pub(crate) enum Changed {
    /// These, and whether each is there now.
    Some(Vec<(Entity, bool)>),
    /// It is not known what has changed: all that there are.
    All(Vec<Entity>),
}

/// What is asked of a bucket of tokens. It is a line of time, counted in parts of a second, of which
/// each token takes a `step`; all up to `now` is gone, and all after `latest` is yet to come.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    not(feature = "postgres"),
    expect(dead_code, reason = "SQLite is for one process")
)]
pub(crate) struct Span {
    pub(crate) now: i64,
    pub(crate) latest: i64,
    /// As many parts as it is seconds from `now` to `latest`.
    pub(crate) step: i64,
    /// What `now` is in epoch seconds.
    pub(crate) time: i64,
}

/// Of a bucket's line the piece that one process took for itself. Empty when there was none left.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) from: i64,
    pub(crate) to: i64,
}

pub(crate) trait Processes: std::fmt::Debug + Send + Sync {
    /// Counts as alive from now on, until it is gone for some seconds. `false` when no other process is.
    fn join(&self) -> Reply<'static, bool>;

    /// Tells when entities came or went, and now and then besides.
    fn entities_changed(&self) -> watch::Receiver<()>;
    /// What has changed since there were so many changes; all that there is if that is not known.
    fn changes_since(&self, count: Option<i64>) -> Reply<'static, Changes>;

    /// Takes a share of what a bucket has left: an eighth, or one token at least, if there is one.
    fn take(&self, bucket: [u8; 32], span: Span) -> Reply<'static, Piece>;

    /// Begins an attempt to guess a passphrase, or says how many seconds there are to wait first.
    fn begin_attempt(&self, guesser: [u8; 32], now: i64) -> Reply<'static, Result<(), i64>>;
    /// Forgets the attempts of a guesser.
    fn end_attempts(&self, guesser: [u8; 32]) -> Reply<'static, ()>;
}
