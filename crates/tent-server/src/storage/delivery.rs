//! Posts on their way to other servers and to apps, as they are stored.

use std::fmt;
use std::sync::Arc;

use tent_proto::follow::Followed;
use tent_proto::mac::Credentials;
use tent_proto::{Entity, Scope, TypeUri};
use tokio::sync::watch;

use super::{Account, AccountKey, Grant, Relation, Reply, Side, StoredPost};
use crate::caller::holds;

/// For how many seconds what was given up is kept.
pub(super) const RECORDED: i64 = 30 * 24 * 60 * 60;

/// The row of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct DeliveryKey(pub(crate) i64);

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
    pub(crate) post: Arc<StoredPost>,
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

/// A delivery with its post, as it is queued.
pub(super) struct Queued {
    pub(super) owner: Owner,
    pub(super) post: Arc<StoredPost>,
    /// The row of the post.
    pub(super) key: i64,
    pub(super) post_type: TypeUri,
    pub(super) is_own: bool,
    pub(super) recipient: String,
    pub(super) is_mentioned: bool,
}

impl Queued {
    pub(super) fn to_app(&self, credentials: Credentials, grant: Grant) -> Option<Route> {
        let url = grant.notification_url.clone()?;
        is_for_app(&grant, &self.post_type, self.is_open()).then_some(Route::App {
            url,
            credentials,
            grant,
        })
    }

    pub(super) fn to_relation(&self, side: Side, relation: Relation) -> Route {
        let relation = Box::new(relation);
        match side {
            Side::Follower => {
                let view = wanted_view(&relation, &self.post_type);
                Route::Follower(relation, view)
            }
            Side::Following => Route::Following(relation),
        }
    }

    /// Whether whoever stands in a relation to the entity sees the post, so that none need be asked.
    pub(super) fn is_open(&self) -> bool {
        self.is_own && self.post.public
    }

    pub(super) fn to_stranger(&self, entity: &Entity) -> Option<Route> {
        let is_for_strangers = self.post.public && self.is_mentioned;
        is_for_strangers.then(|| Route::Stranger(entity.clone()))
    }
}

/// The view that a follower has asked for: of the very type, or of all.
fn wanted_view(follower: &Relation, post_type: &TypeUri) -> Option<String> {
    let types = &follower.record.types;
    let exact = types.iter().find(|one| one.base() == post_type.base());
    let wanted = exact.or_else(|| types.iter().find(|one| one.is_all()));
    wanted?.view().map(str::to_owned)
}

/// Whether an app is told of a post, which may be the entity's own and public.
pub(super) fn is_for_app(grant: &Grant, post_type: &TypeUri, is_open: bool) -> bool {
    holds(&grant.post_types, post_type) && (is_open || grant.has(&Scope::ReadPosts))
}

/// Whom a delivery is for, as it stands in the queue.
#[derive(Debug, Clone, Copy)]
pub(super) enum Recipient<'a> {
    Entity(&'a str),
    /// The authorization with this MAC id.
    App(&'a str),
    /// The server of an entity that is followed no more.
    Unfollowed(&'a str),
}

impl<'a> Recipient<'a> {
    const APP: &'static str = "app:";
    const UNFOLLOWED: &'static str = "unfollowed:";

    pub(super) fn parse(text: &'a str) -> Self {
        let app = text.strip_prefix(Self::APP).map(Self::App);
        let unfollowed = || text.strip_prefix(Self::UNFOLLOWED).map(Self::Unfollowed);
        app.or_else(unfollowed).unwrap_or(Self::Entity(text))
    }
}

impl fmt::Display for Recipient<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entity(entity) => f.write_str(entity),
            Self::App(mac_id) => write!(f, "{}{mac_id}", Self::APP),
            Self::Unfollowed(entity) => write!(f, "{}{entity}", Self::UNFOLLOWED),
        }
    }
}

/// The origin of a URL: up to the first slash after `https://`, or `http://` and one more.
#[cfg(feature = "postgres")]
pub(super) fn origin(url: &str) -> &str {
    let path = url.get(8..).and_then(|rest| rest.find('/'));
    path.and_then(|at| url.get(..8 + at)).unwrap_or(url)
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
    /// When the next delivery is due that nobody has leased: by now, or later.
    fn next_delivery(&self, now: i64) -> Reply<'static, Option<i64>>;
    /// How many are queued, whenever they are due.
    fn waiting_deliveries(&self) -> Reply<'static, i64>;
    /// Takes deliveries that are due, oldest first, but none for these origins.
    fn lease_deliveries(
        &self,
        now: i64,
        limit: usize,
        except: Vec<String>,
    ) -> Reply<'static, Vec<Delivery>>;
    /// What to send, for each of them; `None` when nothing is, anymore: the post is gone or there is a newer
    /// version, the recipient is, or may not see it.
    fn outgoing(&self, keys: Vec<DeliveryKey>, now: i64) -> Reply<'static, Vec<Option<Outgoing>>>;
    /// Everybody who is followed, by whom, and when the newest of their posts that is here was published
    /// or arrived, whichever was first; without any, when the following began.
    fn known_of_followings(&self) -> Reply<'static, Vec<(Owner, Entity, i64)>>;
    /// Notes what became of attempts.
    fn attempted(&self, attempts: Vec<(Delivery, Attempt)>) -> Reply<'static, ()>;
}

#[cfg(test)]
pub(super) mod tests;
