//! A server that is modelled.

use std::fmt::Write as _;

use http::{HeaderMap, Method};
use proptest::prelude::*;
use tent_flow::script::{Answer, Seen};
use tent_proto::call::{ListPosts, Receive as _, Received};
use tent_proto::{Entity, List as _, PostId};

/// What an id says of the others of its second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ties {
    /// They are both older and newer: the reference server.
    Both,
    /// They are neither older nor newer.
    Neither,
    /// They are one after the other.
    Ordered,
}

#[derive(Debug, Clone)]
pub(super) struct Post {
    pub(super) id: String,
    pub(super) time: i64,
    /// Found, but taken off the page.
    pub(super) is_hidden: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Model {
    /// Newest first.
    pub(super) posts: Vec<Post>,
    pub(super) ties: Ties,
    pub(super) has_links: bool,
    pub(super) default_limit: u32,
}

impl Model {
    /// Adds posts on the side of the newest, so many seconds after the one before.
    pub(super) fn publish(&mut self, steps: &[i64]) {
        for step in steps {
            let newest = self.posts.first().map_or(0, |post| post.time);
            let post = Post {
                id: format!("p{}", self.posts.len()),
                time: newest + step,
                is_hidden: false,
            };
            self.posts.insert(0, post);
        }
    }

    fn find(&self, id: &str) -> Option<(usize, i64)> {
        let index = self.posts.iter().position(|post| post.id == id)?;
        Some((index, self.posts[index].time))
    }

    /// The posts within the bounds, newest first.
    pub(super) fn within(&self, list: &ListPosts) -> Vec<&Post> {
        let query = list.query();
        let bound = |id: &str| self.find(id).expect("a cursor that was given out");
        let since = query.since().map(|since| bound(since.id));
        let before = query.before().map(|before| bound(before.id));
        let is_beyond = |index: usize, time: i64, cursor: (usize, i64), sign: i64| match self.ties {
            Ties::Both => sign * time >= sign * cursor.1 && index != cursor.0,
            Ties::Neither => sign * time > sign * cursor.1,
            Ties::Ordered => match sign {
                1 => index < cursor.0,
                _ => index > cursor.0,
            },
        };
        let is_in = |(index, post): &(usize, &Post)| {
            since.is_none_or(|since| is_beyond(*index, post.time, since, 1))
                && before.is_none_or(|before| is_beyond(*index, post.time, before, -1))
                && query
                    .since_time()
                    .is_none_or(|time| post.time > time.epoch_seconds())
                && query
                    .before_time()
                    .is_none_or(|time| post.time < time.epoch_seconds())
        };
        let posts = self.posts.iter().enumerate().filter(is_in);
        posts.map(|(_, post)| post).collect()
    }

    /// The ids that a client is to be given.
    pub(super) fn ids(&self, list: &ListPosts) -> Vec<String> {
        let posts = self.within(list).into_iter().filter(|post| !post.is_hidden);
        posts.map(|post| post.id.clone()).collect()
    }

    pub(super) fn answer(&self, list: &ListPosts) -> Answer {
        let query = list.query();
        let limit = query.limit().unwrap_or(self.default_limit).min(200) as usize;
        let mut page = self.within(list);
        if query.since().is_some() && query.before().is_none() {
            page.drain(..page.len().saturating_sub(limit));
        } else {
            page.truncate(limit);
        }
        let mut body = String::from("[");
        for post in page.iter().filter(|post| !post.is_hidden) {
            let comma = if body.len() > 1 { "," } else { "" };
            let _ = write!(
                body,
                r#"{comma}{{"id":"{}","entity":"https://bob.example","received_at":{}}}"#,
                post.id, post.time
            );
        }
        let answer = Answer::json(body + "]");
        let (Some(first), Some(last)) = (page.first(), page.last()) else {
            return answer;
        };
        if !self.has_links {
            return answer;
        }
        let link = |cursor: &str, post: &Post| {
            let kept = query.pairs().filter(|(name, _)| {
                !matches!(
                    *name,
                    "since_id" | "before_id" | "since_id_entity" | "before_id_entity"
                )
            });
            let kept = kept.fold(String::new(), |kept, (name, value)| {
                format!("{kept}{name}={value}&")
            });
            format!("</tent/posts?{kept}{cursor}={}>", post.id)
        };
        let mut links = format!("{}; rel=\"prev\"", link("since_id", first));
        if page.len() == limit {
            let _ = write!(links, ", {}; rel=\"next\"", link("before_id", last));
        }
        answer.header("link", &links)
    }
}

/// The list that a request asks for.
pub(super) fn received(request: &Seen) -> ListPosts {
    let (headers, body) = (HeaderMap::new(), "".into());
    let path = request.url.path().strip_prefix("/tent").unwrap();
    let received = Received::new(&Method::GET, path, request.url.query(), &headers, &body);
    ListPosts::receive(&received.unwrap()).unwrap()
}

/// Who published everything.
pub(super) fn bob() -> Entity {
    "https://bob.example".parse().unwrap()
}

/// The place of a post among others.
pub(super) fn id(post: &Post) -> PostId {
    PostId::from(post.id.as_str())
}

/// Servers with up to 60 posts, many of them of one second. Where there are links some are hidden;
/// where there are none, servers say nothing of what they hide.
pub(super) fn model() -> impl Strategy<Value = Model> {
    let step = prop_oneof![2 => Just(0), 1 => 1_i64..3];
    let posts = prop::collection::vec((step, prop::bool::weighted(0.2)), 0..60);
    let kind = prop_oneof![
        Just((true, Ties::Both)),
        Just((true, Ties::Ordered)),
        Just((false, Ties::Both)),
        Just((false, Ties::Ordered)),
        Just((false, Ties::Neither)),
    ];
    (posts, kind, 1_u32..12).prop_map(|(posts, (has_links, ties), default_limit)| {
        let mut model = Model {
            posts: Vec::new(),
            ties,
            has_links,
            default_limit,
        };
        for (step, is_hidden) in posts {
            model.publish(&[step]);
            model.posts[0].is_hidden = is_hidden && has_links;
        }
        model
    })
}
