//! Pages of posts, as somebody sees them.

use super::row::{Row, entity};
use super::{Cursor, StorageError, StoredPost};
use crate::feed::text;
use crate::paging::is_full;
use crate::post::{Fragments, Seen};

/// How many bytes are set aside for a post.
const ROOM: usize = 512;

/// A page of a list, written as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// A JSON array.
    pub(crate) text: String,
    pub(crate) first: Option<Cursor>,
    /// None when the page is not full: then there is no other after it.
    pub(crate) last: Option<Cursor>,
}

impl Page {
    pub(super) fn of(posts: &[StoredPost], limit: u32, seen: &Seen) -> Result<Self, StorageError> {
        let cursor = |post: &StoredPost| Cursor {
            publisher: post.publisher.clone(),
            id: post.id.clone(),
        };
        let last = posts.last().filter(|_| is_full(posts.len(), limit));
        Ok(Self {
            text: text(posts, seen)?,
            first: posts.first().map(cursor),
            last: last.map(cursor),
        })
    }
}

/// Writes a page of posts that are [seen whole](Seen::is_of_whole), row by row. What is stored is copied
/// to where it is sent from, and to no other place: that is most of what a page takes.
pub(super) struct PageWriter<'a> {
    page: Page,
    seen: &'a Seen,
    limit: u32,
    count: usize,
}

impl<'a> PageWriter<'a> {
    pub(super) fn new(seen: &'a Seen, limit: u32) -> Self {
        let mut text = String::with_capacity(limit as usize * ROOM);
        text.push('[');
        Self {
            page: Page {
                text,
                first: None,
                last: None,
            },
            seen,
            limit,
            count: 0,
        }
    }

    /// What each row consists of.
    pub(super) const fn columns(&self) -> &'static str {
        match self.seen.has_permissions() {
            true => "members, received_at, updated_at, public, publisher, id, entities, groups",
            false => "members, received_at, updated_at, public, publisher, id",
        }
    }

    /// Writes the post of the next row.
    pub(super) fn push(&mut self, row: &impl Row) -> Result<(), StorageError> {
        let permission = |place| match self.seen.has_permissions() {
            true => row.text(place),
            false => Ok("".into()),
        };
        let post = Fragments {
            members: &row.text(0)?,
            received_at: row.at(1)?,
            updated_at: row.at(2)?,
            public: row.at(3)?,
            entities: &permission(6)?,
            groups: &permission(7)?,
        };
        if self.count > 0 {
            self.page.text.push(',');
        }
        self.seen.write_whole(&post, &mut self.page.text);
        self.count += 1;
        if self.count == 1 {
            self.page.first = Some(cursor(row)?);
        }
        if is_full(self.count, self.limit) {
            self.page.last = Some(cursor(row)?);
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Page {
        self.page.text.push(']');
        self.page
    }
}

fn cursor(row: &impl Row) -> Result<Cursor, StorageError> {
    Ok(Cursor {
        publisher: entity(row.at(4)?)?,
        id: row.at::<String>(5)?.into(),
    })
}
