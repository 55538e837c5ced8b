//! Groups as they are stored.

use tent_proto::GroupId;

use super::{AccountKey, NewPost, Reply, Stamp};

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredGroup {
    pub(crate) id: GroupId,
    pub(crate) name: String,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

/// One page of what has ids and is listed in the order of its creation, newest first unless it is
/// ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdPage {
    /// Newer than this one, next to it.
    pub(crate) since: Option<String>,
    /// Older than this one.
    pub(crate) before: Option<String>,
    /// Newer than this one, from the newest.
    pub(crate) until: Option<String>,
    pub(crate) limit: u32,
    pub(crate) ascending: bool,
}

impl IdPage {
    /// Whether rows come in the order opposite to the page's: so does a page that lies next to a
    /// cursor and is presented towards it.
    pub(crate) const fn is_backward(&self) -> bool {
        match (&self.since, &self.before) {
            (Some(_), None) => !self.ascending,
            (None, Some(_)) => self.ascending,
            _ => false,
        }
    }

    /// The order of its rows by their keys.
    pub(super) const fn direction(&self) -> &'static str {
        if self.ascending == self.is_backward() {
            "DESC"
        } else {
            "ASC"
        }
    }
}

/// The groups of followers and followings.
pub(crate) trait Groups {
    fn groups(&self, account: AccountKey, page: IdPage) -> Reply<'_, Vec<StoredGroup>>;
    fn count_groups(&self, account: AccountKey) -> Reply<'_, u64>;
    fn group(&self, account: AccountKey, id: GroupId) -> Reply<'_, Option<StoredGroup>>;
    /// Makes a group and publishes the notice, or leaves the one that has its id. The stored one comes
    /// back.
    fn create_group(
        &self,
        account: AccountKey,
        group: StoredGroup,
        notice: NewPost,
        stamp: Option<Stamp>,
    ) -> Reply<'_, StoredGroup>;
    /// `None` when there is no such group.
    fn rename_group(
        &self,
        account: AccountKey,
        id: GroupId,
        name: String,
        now: i64,
        stamp: Option<Stamp>,
    ) -> Reply<'_, Option<StoredGroup>>;
    /// Removes a group and publishes the notice. `false` when there is no such group.
    fn delete_group(
        &self,
        account: AccountKey,
        id: GroupId,
        notice: NewPost,
        stamp: Option<Stamp>,
    ) -> Reply<'_, bool>;
}
