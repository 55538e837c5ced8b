//! What the parameters of a list say.

use super::Query;
use super::parameter::limit;
use crate::call::SortBy;
use crate::list::Key;
use crate::{Entity, PostId, Timestamp, TypeUri};

/// An element of a list at which the list begins or ends.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bound<'a> {
    /// Its id.
    pub id: &'a str,
    /// Of a post, whose it is, when not the server's own entity's.
    pub entity: Option<Entity>,
}

impl Bound<'_> {
    /// The id, where it is that of a post.
    pub fn post(&self) -> PostId {
        self.id.into()
    }
}

impl Query {
    /// `limit`: how many a page holds.
    pub fn limit(&self) -> Option<u32> {
        limit(self.get("limit")?)
    }

    /// `since_id`: what is newer than this, the page next to it.
    pub fn since(&self) -> Option<Bound<'_>> {
        self.bound("since_id", "since_id_entity")
    }

    /// `before_id`: what is older than this.
    pub fn before(&self) -> Option<Bound<'_>> {
        self.bound("before_id", "before_id_entity")
    }

    /// `until_id`: what is newer than this, the newest page.
    pub fn until(&self) -> Option<Bound<'_>> {
        self.bound("until_id", "until_id_entity")
    }

    /// `since_version`: versions above this one, the page next to it.
    pub fn since_version(&self) -> Option<u64> {
        self.get("since_version")?.parse().ok()
    }

    /// `before_version`: versions below this one.
    pub fn before_version(&self) -> Option<u64> {
        self.get("before_version")?.parse().ok()
    }

    /// `until_version`: versions above this one, the highest page.
    pub fn until_version(&self) -> Option<u64> {
        self.get("until_version")?.parse().ok()
    }

    /// `since_time`: what comes after this second.
    pub fn since_time(&self) -> Option<Timestamp> {
        self.time("since_time")
    }

    /// `before_time`: what comes before this second.
    pub fn before_time(&self) -> Option<Timestamp> {
        self.time("before_time")
    }

    /// `sort_by`: which time counts.
    pub fn sort_by(&self) -> SortBy {
        match self.get("sort_by") {
            Some("published_at") => SortBy::PublishedAt,
            Some("updated_at") => SortBy::UpdatedAt,
            _ => SortBy::ReceivedAt,
        }
    }

    /// `order=asc`: the oldest come first.
    pub fn is_oldest_first(&self) -> bool {
        self.get("order") == Some("asc")
    }

    /// `entity`: whose; everybody's when there is none.
    pub fn entities(&self) -> impl Iterator<Item = Entity> {
        self.all("entity").filter_map(|text| text.parse().ok())
    }

    /// `mentioned_entity`: what mentions this entity.
    pub fn mentioned_entity(&self) -> Option<Entity> {
        self.get("mentioned_entity")?.parse().ok()
    }

    /// `mentioned_post`: what mentions this post.
    pub fn mentioned_post(&self) -> Option<PostId> {
        self.get("mentioned_post").map(PostId::from)
    }

    /// `post_types`: of which types; of every type when there is none.
    pub fn post_types(&self) -> impl Iterator<Item = TypeUri> {
        let lists = self.all("post_types");
        let types = lists.flat_map(|list| list.split(','));
        types.filter(|uri| !uri.is_empty()).map(TypeUri::from)
    }

    /// `original`: nothing but the person's own.
    pub fn is_original(&self) -> bool {
        self.get("original").is_some()
    }

    /// `view`: which part of each post (`docs/protocol.md` §7.4.3).
    pub fn view(&self) -> Option<&str> {
        self.get("view")
    }

    /// `secrets=true`: keys too, which needs the scope `read_secrets`.
    pub fn wants_secrets(&self) -> bool {
        self.get("secrets") == Some("true")
    }

    /// The keys of the posts that bound a list.
    pub(crate) fn bound_posts(&self, own: &Entity) -> Vec<Key> {
        let bounds = [self.since(), self.before(), self.until()]
            .into_iter()
            .flatten();
        let key =
            |bound: Bound<'_>| Key::of([bound.entity.as_ref().unwrap_or(own).as_str(), bound.id]);
        bounds.map(key).collect()
    }

    fn bound(&self, name: &str, entity: &str) -> Option<Bound<'_>> {
        Some(Bound {
            id: self.get(name)?,
            entity: self.get(entity).and_then(|text| text.parse().ok()),
        })
    }

    fn time(&self, name: &str) -> Option<Timestamp> {
        let seconds = self.get(name)?.parse().ok()?;
        Some(Timestamp::from_epoch_seconds(seconds))
    }

    /// The values of a parameter that may be given again, as `name` or as `name[]`.
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let is_it = move |other: &str| other.strip_suffix("[]").unwrap_or(other) == name;
        let pairs = self.pairs().filter(move |(other, _)| is_it(other));
        pairs.map(|(_, value)| value)
    }
}
