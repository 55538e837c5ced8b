//! Looking for a post of v0.1 and later.

use tent_flow::{Flow, Input, Moment, Series, Step, ready};

use crate::call::ListPosts;
use crate::list::Listing;
use crate::{CallError, Exchange, Post, Session, Timestamp};

use super::earliest;

/// A post comes a page of the server's at a time; so many are looked through.
const MOST_PAGES: u32 = 10;

/// Page after page of what the server got since then.
#[derive(Debug)]
pub(super) struct Search {
    wanted: Post,
    attachments: usize,
    pages: Listing<ListPosts>,
    page: Option<Exchange<ListPosts>>,
    asked: u32,
}

impl Search {
    pub(super) fn new(
        session: &Session,
        wanted: Post,
        attachments: usize,
        begun: Timestamp,
    ) -> Self {
        let mut list = ListPosts::new()
            .entity(session.entity())
            .since_time(earliest(begun))
            .limit(200);
        if let Some(post_type) = &wanted.post_type {
            list = list.post_type(post_type);
        }
        Self {
            wanted,
            attachments,
            pages: Listing::new(session.clone(), list),
            page: None,
            asked: 0,
        }
    }

    fn is_it(&self, post: &Post) -> bool {
        let content = |post: &Post| post.content::<serde_json::Value>().ok();
        let mentions = |post: &Post| {
            let named = post.mentions.iter();
            let mut named: Vec<_> = named
                .map(|mention| (mention.entity.clone(), mention.post.clone()))
                .collect();
            named.sort();
            named
        };
        post.post_type == self.wanted.post_type
            && content(post) == content(&self.wanted)
            && mentions(post) == mentions(&self.wanted)
            && post.attachments.len() == self.attachments
            && (self.wanted.published_at.is_none() || post.published_at == self.wanted.published_at)
    }
}

impl Flow for Search {
    type Output = Result<Option<Post>, CallError>;

    fn step(&mut self, now: Moment, mut input: Input) -> Step<Self::Output> {
        loop {
            if self.page.is_none() && self.asked < MOST_PAGES {
                self.asked += 1;
                self.page = self.pages.next();
            }
            let Some(page) = &mut self.page else {
                return Step::Done(Ok(None));
            };
            let page = ready!(page.step(now, input));
            self.page = None;
            match self.pages.take(page) {
                Err(error) => return Step::Done(Err(error)),
                Ok(posts) => {
                    if let Some(found) = posts.into_iter().find(|post| self.is_it(post)) {
                        return Step::Done(Ok(Some(found)));
                    }
                }
            }
            input = Input::Ready;
        }
    }
}
