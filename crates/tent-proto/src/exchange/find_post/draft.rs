//! Looking for a post of the draft.

use tent_flow::{Flow, Input, Moment, Step, ready};

use super::earliest;
use crate::draft::call::ListPosts;
use crate::draft::convert::{Converter, host_name};
use crate::draft::model::Post;
use crate::json::DecodeError;
use crate::{CallError, Exchange, Session, Timestamp};

/// What the server shows of the posts since then, in whatever order: the draft knows no pages.
#[derive(Debug)]
pub(super) struct Search {
    wanted: Post,
    list: Exchange<ListPosts>,
}

impl Search {
    pub(super) fn new(session: &Session, wanted: Post, begun: Timestamp) -> Self {
        // Whether it is the time that a post names or that of its coming is not said.
        let since = wanted.time.map_or(begun, |time| time.min(begun));
        let list = ListPosts::new()
            .of(&host_name(session.entity()))
            .since_time(earliest(since))
            .limit(200);
        Self {
            wanted,
            list: session.call(list),
        }
    }

    fn is_it(&self, post: &Post) -> bool {
        let content = |post: &Post| post.content::<serde_json::Value>().ok();
        content(post) == content(&self.wanted)
            && (self.wanted.time.is_none() || post.time == self.wanted.time)
    }
}

impl Flow for Search {
    type Output = Result<Option<crate::Post>, CallError>;

    fn step(&mut self, now: Moment, input: Input) -> Step<Self::Output> {
        let posts = match ready!(self.list.step(now, input)) {
            Ok(posts) => posts,
            Err(error) => return Step::Done(Err(error)),
        };
        let found = posts.iter().find(|post| self.is_it(post));
        let found = found.map(|post| Converter::new().post_to_v0(post));
        Step::Done(found.transpose().map_err(|cause| {
            let cause = DecodeError::Unusable("post", Box::new(cause));
            self.list.not_understood(cause)
        }))
    }
}
