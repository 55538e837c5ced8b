//! A feed: posts, page after page.

use std::collections::VecDeque;

use tent_flow::Series;

use crate::call::ListPosts;
use crate::page::Page;
use crate::{CallError, Entity, Exchange, Post, PostId, Session};

/// How many posts back a post that comes again is recognised: more than five full pages.
const REMEMBERED: usize = 1024;

/// The posts of a list, page after page, each once: newest first; or, when the list asks for what is
/// newer than some post, oldest first.
///
/// It ends when there is no next page, or when a page brings nothing new and leads nowhere new.
///
/// Source: `docs/protocol.md` §6.0.1 and §6.6.2.
#[derive(Debug)]
pub struct Posts {
    session: Session,
    next: Option<ListPosts>,
    asked: Option<ListPosts>,
    forward: bool,
    recent: VecDeque<(Option<Entity>, PostId)>,
}

impl Posts {
    /// The posts of this list.
    pub fn new(session: Session, list: ListPosts) -> Self {
        Self {
            session,
            forward: list.goes_forward(),
            next: Some(list),
            asked: None,
            recent: VecDeque::new(),
        }
    }

    /// Where the list goes on: what [`new`](Self::new) needs to go on from there later. `None` when
    /// it is over.
    pub const fn rest(&self) -> Option<&ListPosts> {
        self.next.as_ref()
    }

    /// Notes a post, and says whether it came for the first time. Posts of one second can come again
    /// on the next page.
    fn is_new(&mut self, post: &Post) -> bool {
        let Some(id) = &post.id else { return true };
        let is_known = |known: &(Option<Entity>, PostId)| known.1 == *id && known.0 == post.entity;
        if self.recent.iter().rev().any(is_known) {
            return false;
        }
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back((post.entity.clone(), id.clone()));
        true
    }
}

impl Series for Posts {
    type Item = Post;
    type Error = CallError;
    type Flow = Exchange<ListPosts>;

    fn next(&mut self) -> Option<Exchange<ListPosts>> {
        let list = self.next.take()?;
        self.asked = Some(list.clone());
        Some(self.session.call(list))
    }

    fn take(
        &mut self,
        page: Result<Page<Post, ListPosts>, CallError>,
    ) -> Result<Vec<Post>, CallError> {
        let Page {
            mut items,
            next,
            previous,
        } = page?;
        let was_empty = items.is_empty();
        items.retain(|post| self.is_new(post));
        let onward = if self.forward {
            items.reverse();
            // Newer pages always have a link, so only an empty one ends the list.
            previous.filter(|_| !was_empty)
        } else {
            next
        };
        let leads_on = onward != self.asked && (was_empty || !items.is_empty());
        self.next = onward.filter(|_| leads_on);
        Ok(items)
    }
}
