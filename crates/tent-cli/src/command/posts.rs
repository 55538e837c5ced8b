//! `tent posts`

mod follow;

use std::path::PathBuf;

use clap::Args;
use tent_proto::call::{CountPosts, ListPosts};
use tent_proto::json::DecodeError;
use tent_proto::{CallError, Entity, Post, Session, Timestamp, TypeUri};

use crate::failure::{Failure, Outcome};
use crate::listing::Pages;
use crate::output;
use crate::post_id::{PostName, parse_entity};
use crate::post_type::parse_type;
use crate::program::Program;
use crate::time;

/// List posts, newest first
#[derive(Debug, Args)]
#[command(after_help = "\
It is one page of them unless --limit or --all is said. Times are epoch seconds, or dates such as 2026-11-24 and \
2026-11-24T09:30.")]
pub(crate) struct Posts {
    #[command(flatten)]
    pages: Pages,
    /// Newer than this post
    #[arg(long, value_name = "[ENTITY#]ID", allow_hyphen_values = true)]
    since_id: Option<PostName>,
    /// Older than this post
    #[arg(long, value_name = "[ENTITY#]ID", allow_hyphen_values = true)]
    before_id: Option<PostName>,
    /// Received after this time
    #[arg(long, value_name = "T", value_parser = time::parse, allow_negative_numbers = true)]
    since_time: Option<Timestamp>,
    /// Received before this time
    #[arg(long, value_name = "T", value_parser = time::parse, allow_negative_numbers = true)]
    before_time: Option<Timestamp>,
    /// Of this type, as `status` for short; may be repeated
    #[arg(long = "type", value_name = "URI", value_parser = parse_type)]
    post_type: Vec<TypeUri>,
    /// Of this entity
    #[arg(long, value_name = "ENTITY", value_parser = parse_entity)]
    entity: Option<Entity>,
    /// That mention this entity
    #[arg(long, value_name = "ENTITY", value_parser = parse_entity)]
    mentioning: Option<Entity>,
    /// Say how many there are instead
    #[arg(long, conflicts_with = "all")]
    count: bool,
    /// Go on with new posts as they come, oldest first; --limit begins with so many of those there are
    #[arg(long, conflicts_with_all = ["all", "count", "before_id", "before_time"])]
    follow: bool,
    /// With --follow, go on from the place kept in this file, and keep it there
    #[arg(long, value_name = "FILE", requires = "follow")]
    place: Option<PathBuf>,
}

impl Posts {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let session = program.session()?;
        if self.follow {
            return self.follow(program, &session);
        }
        let list = self.list();
        if self.count {
            return count(program, &session, list);
        }
        let show = |post| show(program, &post);
        self.pages.show(program, &session, list, show)
    }

    fn list(&self) -> ListPosts {
        let list = ListPosts::new();
        self.select(match self.pages.limit {
            Some(limit) => list.limit(limit),
            None => list,
        })
    }

    /// Which posts, of however many.
    fn select(&self, mut list: ListPosts) -> ListPosts {
        if let Some(post) = &self.since_id {
            list = list.since(post.entity.as_ref(), &post.id);
        }
        if let Some(post) = &self.before_id {
            list = list.before(post.entity.as_ref(), &post.id);
        }
        if let Some(time) = self.since_time {
            list = list.since_time(time);
        }
        if let Some(time) = self.before_time {
            list = list.before_time(time);
        }
        if let Some(entity) = &self.entity {
            list = list.entity(entity);
        }
        if let Some(entity) = &self.mentioning {
            list = list.mentioning(entity);
        }
        let types = self.post_type.iter();
        types.fold(list, |list, uri| list.post_type(uri))
    }
}

fn show(program: &Program, post: &Post) -> Outcome {
    if program.json() {
        output::json(post)
    } else {
        output::line(&output::post_line(post))
    }
}

/// Counts with `HEAD`, and where a server does not do that, as v0.1 counts.
fn count(program: &Program, session: &Session, list: ListPosts) -> Outcome {
    let call = CountPosts::new(list);
    let count = match program.try_call(session, call.clone())? {
        Err(error) if is_without_count(&error) => program.call(session, call.below())?,
        counted => counted.map_err(|error| Failure::of_call(error, session.entity()))?,
    };
    if program.json() {
        output::json(&serde_json::json!({ "count": count }))
    } else {
        output::line(&count.to_string())
    }
}

fn is_without_count(error: &CallError) -> bool {
    match error {
        CallError::Decode { cause, .. } => matches!(cause, DecodeError::Header(_)),
        CallError::Refused(refusal) => matches!(refusal.status().as_u16(), 404 | 405 | 501),
        _ => false,
    }
}
