//! `tent edit`

use std::collections::BTreeSet;

use clap::Args;
use serde_json::Value;
use tent_proto::Post;
use tent_proto::call::{GetPost, RevertPost, UpdatePost};
use tent_proto::model::{Content, Mention, Status};

use crate::failure::{Failure, Outcome};
use crate::input;
use crate::output;
use crate::plain::plain;
use crate::post_id::{Mentioned, PostName};
use crate::program::Program;

/// Make a new version of a post of yours
#[derive(Debug, Args)]
#[command(after_help = "\
The post is read first, so that what it mentions and its licenses stay. Servers never change the \
type of a post, or who may see it. What came out otherwise than meant is told.")]
pub(crate) struct Edit {
    /// Its id
    #[arg(value_name = "ID", allow_hyphen_values = true)]
    id: PostName,
    /// What a status shall say; - reads it from standard input
    #[arg(value_name = "TEXT", conflicts_with = "content",
        required_unless_present_any = ["content", "mention", "revert"])]
    text: Option<String>,
    /// What it shall hold, for types other than a status; @FILE reads it from a file
    #[arg(long, value_name = "JSON|@FILE")]
    content: Option<String>,
    /// Mention an entity too, or reply to its post; may be repeated
    #[arg(long, value_name = "ENTITY[#POST]")]
    mention: Vec<Mentioned>,
    /// Go back to this version
    #[arg(long, value_name = "N", conflicts_with_all = ["text", "content", "mention"])]
    revert: Option<u64>,
}

impl Edit {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let session = program.session()?;
        let id = self.id.clone().own(&session)?;
        if let Some(version) = self.revert {
            let post = program.call(&session, RevertPost::new(id, version))?;
            return show(program, &post);
        }
        let content = self.content.map(input::content).transpose()?;
        let text = self.text.map(input::text).transpose()?;
        let mut meant = program.call(&session, GetPost::new(id.clone()))?;
        if let Some(text) = text {
            meant.content = Some(with_text(&meant, text)?);
        }
        meant.content = content.or(meant.content);
        add(&mut meant.mentions, self.mention);
        let after = program.call(&session, UpdatePost::new(id, meant.clone()))?;
        for what in differences(&meant, &after) {
            program.say(&format!(
                "warning: the {what} came out otherwise than meant"
            ));
        }
        show(program, &after)
    }
}

/// Adds those that are not there yet.
fn add(mentions: &mut Vec<Mention>, more: Vec<Mentioned>) {
    for mention in more.into_iter().map(Mention::from) {
        let is_there = |other: &Mention| mentioned(other) == mentioned(&mention);
        if !mentions.iter().any(is_there) {
            mentions.push(mention);
        }
    }
}

/// The content of a status with another text, and all else that it has.
fn with_text(post: &Post, text: String) -> Outcome<Content> {
    if !output::is_status(post) {
        return Err(Failure::usage("the post is no status, so it has no text")
            .hint("--content says what it shall hold")
            .into());
    }
    let mut status: Status = post.content().unwrap_or_default();
    status.text = Some(text);
    let content = Content::new(&status);
    Ok(content.map_err(|error| Failure::local("the text is not JSON", &error))?)
}

/// What a server made otherwise than was meant.
fn differences(meant: &Post, after: &Post) -> Vec<&'static str> {
    let set = |post: &Post| -> BTreeSet<_> { post.mentions.iter().map(mentioned).collect() };
    let licenses = |post: &Post| -> BTreeSet<_> { post.licenses.iter().cloned().collect() };
    let kinds = [
        ("content", value(meant) == value(after)),
        ("mentions", set(meant) == set(after)),
        ("licenses", licenses(meant) == licenses(after)),
    ];
    let differ = kinds.into_iter().filter(|(_, is_same)| !is_same);
    differ.map(|(what, _)| what).collect()
}

/// Whom a mention is of, whatever else servers tell of it.
fn mentioned(mention: &Mention) -> (Option<String>, Option<String>) {
    let entity = mention.entity.as_ref().map(ToString::to_string);
    (entity, mention.post.as_ref().map(ToString::to_string))
}

fn value(post: &Post) -> Option<Value> {
    post.content().ok()
}

fn show(program: &Program, post: &Post) -> Outcome {
    if program.json() {
        return output::json(post);
    }
    let id = post.id.as_ref().map_or("-", |id| id.as_str());
    let version = post.version.map(|version| format!("  version {version}"));
    output::line(&plain(&format!("{id}{}", version.unwrap_or_default())))
}
