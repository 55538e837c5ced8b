//! Which rows of posts are meant.

use rusqlite::types::Value;
use rusqlite::{ParamsFromIter, params_from_iter};
use tent_proto::{Entity, PostId};

use super::posts::group_as_reader;
use crate::storage::{AccountKey, Feed, SortBy, Visible};

/// What rows must be like, with the values of its placeholders.
pub(super) struct Condition {
    sql: String,
    values: Vec<Value>,
}

impl Condition {
    /// Begins with all posts of an account.
    pub(super) fn new(account: AccountKey) -> Self {
        Self {
            sql: "entity_id = ?".to_owned(),
            values: vec![account.0.into()],
        }
    }

    pub(super) fn sql(&self) -> &str {
        &self.sql
    }

    pub(super) fn values(self) -> ParamsFromIter<Vec<Value>> {
        params_from_iter(self.values)
    }

    /// Adds the value of a placeholder that follows the condition: how many rows there may be.
    pub(super) fn limit(&mut self, limit: u32) {
        self.values.push(limit.into());
    }

    pub(super) fn and(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(sql);
        self.values.extend(values);
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

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
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
