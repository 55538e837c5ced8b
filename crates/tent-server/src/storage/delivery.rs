//! Posts on their way to other servers and to apps, as they are stored.

use tent_proto::Entity;
use tent_proto::follow::Followed;
use tent_proto::mac::Credentials;
use tokio::sync::watch;

use super::{Account, AccountKey, Grant, Relation, Reply, StoredPost};

/// The row of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct DeliveryKey(pub(super) i64);

/// A version of a post that is due for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) key: DeliveryKey,
    /// Of the server that is asked, as far as it was known when this was queued.
    pub(crate) origin: String,
    /// How often it was tried.
    pub(crate) attempts: u32,
    pub(crate) queued_at: i64,
}

/// What a delivery comes to when it is sent: the post, and how it gets there.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    /// Whose post or app it is.
    pub(crate) owner: Owner,
    /// The entity that gets it, if it is one.
    pub(crate) recipient: Option<Entity>,
    pub(crate) post: StoredPost,
    pub(crate) route: Route,
}

/// An account that something is done for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Owner {
    pub(crate) account: AccountKey,
    pub(crate) entity: Entity,
}

impl From<&Account> for Owner {
    fn from(account: &Account) -> Self {
        Self {
            account: account.key,
            entity: account.entity.clone(),
        }
    }
}

/// Who gets a post, and where.
#[derive(Debug, Clone)]
pub(crate) enum Route {
    /// A follower, who may have asked for a view of this name.
    Follower(Box<Relation>, Option<String>),
    /// Somebody who is followed and mentioned.
    Following(Box<Relation>),
    /// Somebody who is mentioned in a post for everybody.
    Stranger(Entity),
    /// Somebody who is followed no more, and whose server is told that.
    Unfollowed(Box<Followed>),
    App {
        url: String,
        credentials: Credentials,
        grant: Grant,
    },
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// It is not needed anymore.
    Done,
    /// The recipient has it. What waits for the same server since that failed is due now.
    Delivered { now: i64 },
    /// It is to be tried again then. What waits for a server that does not answer waits as long.
    Again {
        at: i64,
        error: String,
        silent: bool,
    },
    /// It is not tried again, and kept as a record for a while.
    GivenUp { now: i64, error: String },
}

/// The queue of deliveries. Whatever publishes a post, changes or deletes one queues them in the same
/// transaction. A reply holds no reference to the storage.
pub(crate) trait Deliveries {
    /// Tells of writes that may have queued something.
    fn queued(&self) -> watch::Receiver<()>;
    /// Makes what was leased available again: a server that begins is the only one.
    fn release_deliveries(&self) -> Reply<'static, ()>;
    /// When the next delivery is due.
    fn next_delivery(&self) -> Reply<'static, Option<i64>>;
    /// How many are queued, whenever they are due.
    fn waiting_deliveries(&self) -> Reply<'static, i64>;
    /// Takes deliveries that are due, oldest first, but none for these origins.
    fn lease_deliveries(
        &self,
        now: i64,
        limit: usize,
        except: Vec<String>,
    ) -> Reply<'static, Vec<Delivery>>;
    /// What to send; `None` when nothing is, anymore: the post is gone or there is a newer version, the
    /// recipient is, or may not see it.
    fn outgoing(&self, key: DeliveryKey, now: i64) -> Reply<'static, Option<Outgoing>>;
    /// Everybody who is followed, by whom, and when the newest of their posts that is here was published
    /// or arrived, whichever was first; without any, when the following began.
    fn known_of_followings(&self) -> Reply<'static, Vec<(Owner, Entity, i64)>>;
    fn attempted(&self, delivery: Delivery, attempt: Attempt) -> Reply<'static, ()>;
}
