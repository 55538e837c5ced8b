//! Which rows of posts are meant.

use tent_proto::{Entity, GroupId, PostId};

use super::value::{Value, text};
use super::{AccountKey, Cursor, Feed, RelationFilter, SortBy, Visible};

/// What rows must be like, with the values of its placeholders: `$1` and so on, which SQLite and
/// PostgreSQL both know.
pub(super) struct Condition {
    sql: String,
    values: Vec<Value>,
}

impl Condition {
    /// Begins with all posts of an account.
    pub(super) fn new(account: AccountKey) -> Self {
        Self {
            sql: "entity_id = $1".to_owned(),
            values: vec![account.0.into()],
        }
    }

    pub(super) fn sql(&self) -> &str {
        &self.sql
    }

    pub(super) fn values(self) -> Vec<Value> {
        self.values
    }

    /// Adds a value whose placeholder follows the condition.
    pub(super) fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// Adds a condition, in which a question mark stands for each value.
    pub(super) fn and(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        let mut values = values.into_iter();
        for (index, part) in sql.split('?').enumerate() {
            if index > 0 {
                self.values.extend(values.next());
                self.sql.push_str(&format!("${}", self.values.len()));
            }
            self.sql.push_str(part);
        }
    }

    /// Begins one post.
    pub(super) fn post(account: AccountKey, publisher: &Entity, id: &PostId) -> Self {
        let mut condition = Self::new(account);
        condition.and(
            "publisher = ? AND id = ?",
            [text(publisher.as_str()), text(id.as_str())],
        );
        condition
    }

    /// Begins the public posts that mention a post.
    pub(super) fn mentioning(account: AccountKey, post: &Cursor, type_bases: &[String]) -> Self {
        let mut condition = Self::new(account);
        condition.and("public", []);
        condition.and(
            "key IN (SELECT post FROM mentions WHERE entity = ? AND mentioned = ?)",
            [text(post.publisher.as_str()), text(post.id.as_str())],
        );
        let bases = type_bases.iter().map(|base| text(base));
        condition.is_in("type_base", bases.collect());
        condition
    }

    /// Begins the relations of an account that lists hold.
    pub(super) fn relation(account: AccountKey, filter: &RelationFilter) -> Self {
        let mut condition = Self::new(account);
        condition.and("confirmed", []);
        if filter.public_only {
            condition.and("public", []);
        }
        if let Some(entity) = &filter.entity {
            condition.and("entity = ?", [text(entity.as_str())]);
        }
        condition
    }

    pub(super) fn visible(&mut self, visible: &Visible) {
        match visible {
            Visible::All => {}
            Visible::Public => self.and("own AND public", []),
            Visible::Shared(entity, groups) => {
                let groups = groups.iter().map(|group| group_as_reader(group).into());
                let readers: Vec<_> = [text(entity.as_str())].into_iter().chain(groups).collect();
                let list = placeholders(readers.len());
                let shared = format!("key IN (SELECT post FROM readers WHERE reader IN ({list}))");
                self.and(&format!("own AND (public OR {shared})"), readers);
            }
            // An empty list is no list to PostgreSQL.
            Visible::Types(bases) if bases.is_empty() => self.and("own AND public", []),
            Visible::Types(bases) => {
                let list = placeholders(bases.len());
                let bases = bases.iter().map(|base| text(base));
                self.and(
                    &format!("((own AND public) OR type_base IN ({list}))"),
                    bases,
                );
            }
        }
    }

    pub(super) fn is_in(&mut self, column: &str, values: Vec<Value>) {
        match values.len() {
            0 => {}
            1 => self.and(&format!("{column} = ?"), values), // so that an index by it is used
            count => {
                let list = placeholders(count);
                self.and(&format!("{column} IN ({list})"), values);
            }
        }
    }

    /// The statement that reads these columns of a page of such posts, in the order of its rows.
    pub(super) fn page_sql(&mut self, columns: &str, feed: &Feed) -> String {
        let (column, limit) = (column(feed.sort_by), self.value(feed.limit));
        let direction = if feed.ascending == feed.is_backward() {
            "DESC"
        } else {
            "ASC"
        };
        format!(
            "SELECT {columns} FROM posts WHERE {} ORDER BY {column} {direction}, key {direction} LIMIT {limit}",
            self.sql
        )
    }

    /// Those that a list asks for, its cursors excepted.
    pub(super) fn filters(&mut self, feed: &Feed) {
        self.visible(&feed.visible);
        if feed.own_only {
            self.and("own", []);
        }
        let column = column(feed.sort_by);
        if let Some(time) = feed.since_time {
            self.and(&format!("{column} > ?"), [time.into()]);
        }
        if let Some(time) = feed.before_time {
            self.and(&format!("{column} < ?"), [time.into()]);
        }
        self.is_in(
            "publisher",
            feed.publishers
                .iter()
                .map(|entity| text(entity.as_str()))
                .collect(),
        );
        self.is_in(
            "type_base",
            feed.type_bases.iter().map(|base| text(base)).collect(),
        );
        let entity = feed
            .mentioned_entity
            .as_ref()
            .map(|entity| text(entity.as_str()));
        let post = feed.mentioned_post.as_ref().map(|post| text(post.as_str()));
        let mentions = match (&entity, &post) {
            (None, None) => return,
            (Some(_), None) => "entity = ?",
            (None, Some(_)) => "mentioned = ? AND mentioned <> ''",
            (Some(_), Some(_)) => "entity = ? AND mentioned = ?",
        };
        self.and(
            &format!("key IN (SELECT post FROM mentions WHERE {mentions})"),
            entity.into_iter().chain(post),
        );
    }
}

/// How the members of a group stand among the readers of a post.
pub(super) fn group_as_reader(group: &GroupId) -> String {
    format!("group:{group}")
}

fn placeholders(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// The column that a list is sorted by.
pub(super) const fn column(sort_by: SortBy) -> &'static str {
    match sort_by {
        SortBy::Received => "received_at",
        SortBy::Published => "published_at",
        SortBy::Updated => "updated_at",
    }
}
