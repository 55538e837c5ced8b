//! Looking for a post that may have been published.

mod draft;
mod v0;

use tent_flow::{Flow, Input, Moment, Step};

use crate::draft::model::Post as DraftPost;
use crate::{CallError, Post, Session, Timestamp};

/// How long before the request the server may have got the post by its own clock, in seconds.
const MARGIN: i64 = 60;

/// The flow that looks for a post whose publishing got no answer: the entity's own post that the server
/// got since then, of the same type, with the same content, mentions and number of attachments. One of the
/// draft has the same time and content, and comes [converted](crate::draft::convert).
///
/// A post that is found was published, by this request or by another one that said just the same. None
/// found is no proof: the request may still be under way and arrive later. So whoever sends the post
/// again after that may publish it twice.
///
/// Source: `docs/protocol.md` §2.8 and §8.2.
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct FindPost(Search);

#[derive(Debug)]
enum Search {
    V0(Box<v0::Search>),
    Draft(Box<draft::Search>),
}

impl FindPost {
    pub(crate) fn new(
        session: &Session,
        wanted: Post,
        attachments: usize,
        begun: Timestamp,
    ) -> Self {
        let search = v0::Search::new(session, wanted, attachments, begun);
        Self(Search::V0(Box::new(search)))
    }

    pub(crate) fn of_the_draft(session: &Session, wanted: DraftPost, begun: Timestamp) -> Self {
        let search = draft::Search::new(session, wanted, begun);
        Self(Search::Draft(Box::new(search)))
    }
}

impl Flow for FindPost {
    type Output = Result<Option<Post>, CallError>;

    fn step(&mut self, now: Moment, input: Input) -> Step<Self::Output> {
        match &mut self.0 {
            Search::V0(search) => search.step(now, input),
            Search::Draft(search) => search.step(now, input),
        }
    }
}

/// The earliest time that the server may have given to what was sent at this one.
fn earliest(sent: Timestamp) -> Timestamp {
    Timestamp::from_epoch_seconds(sent.epoch_seconds().saturating_sub(MARGIN))
}
