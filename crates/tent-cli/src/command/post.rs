//! `tent post`

use std::io::{self, Read as _};
use std::path::PathBuf;

use clap::Args;
use tent_proto::call::CreatePost;
use tent_proto::model::{Content, Mention, Status};
use tent_proto::{Entity, Permissions, Post, TypeUri};

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::plain::plain;
use crate::post_id::{Mentioned, id_of, parse_entity};
use crate::program::Program;

/// Publish a post
#[derive(Debug, Args)]
#[command(after_help = "\
It is a status unless --type says otherwise, and nobody but your own apps sees it unless --public or
--to says otherwise. What is printed is its id.")]
pub(crate) struct Publish {
    /// What you have to say; - reads it from standard input
    #[arg(
        value_name = "TEXT",
        required_unless_present = "content",
        conflicts_with = "content"
    )]
    text: Option<String>,
    /// The type of the post
    #[arg(long = "type", value_name = "URI")]
    post_type: Option<String>,
    /// The content, for types other than a status
    #[arg(long, value_name = "JSON")]
    content: Option<String>,
    /// Let everybody see it
    #[arg(long)]
    public: bool,
    /// Let this entity see it; may be repeated
    #[arg(long, value_name = "ENTITY", value_parser = parse_entity)]
    to: Vec<Entity>,
    /// Mention an entity, or reply to its post; may be repeated
    #[arg(long, value_name = "ENTITY[#POST]")]
    mention: Vec<Mentioned>,
    #[arg(long, value_name = "FILE", hide = true)]
    attach: Vec<PathBuf>,
}

impl Publish {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        if !self.attach.is_empty() {
            return Err(Failure::not_there_yet("--attach").into());
        }
        let session = program.session()?;
        let post = program.call(&session, CreatePost::new(&self.post()?))?;
        if program.json() {
            return output::json(&post);
        }
        output::line(&plain(id_of(&post)?.as_str()))
    }

    fn post(self) -> Outcome<Post> {
        let content = match (self.content, self.text) {
            (Some(json), _) => Content::from_json(json),
            (None, text) => Content::new(&status(text.unwrap_or_default())?),
        };
        let content =
            content.map_err(|error| Failure::usage("the content is not JSON").because(&error))?;
        let post_type = self.post_type.map_or_else(TypeUri::status, TypeUri::from);
        let mut post = Post::new(post_type, content);
        if self.public {
            post.permissions = Some(Permissions::public());
        }
        for entity in self.to {
            post = post.visible_to(entity);
        }
        let mentions = self.mention.into_iter();
        post.mentions = mentions
            .map(|mentioned| match mentioned.post {
                Some(id) => Mention::post(mentioned.entity, id),
                None => Mention::entity(mentioned.entity),
            })
            .collect();
        Ok(post)
    }
}

fn status(text: String) -> Outcome<Status> {
    let text = if text == "-" { read_input()? } else { text };
    let text = text.trim_end_matches(['\r', '\n']);
    if text.trim().is_empty() {
        return Err(Failure::usage("there is nothing to post").into());
    }
    let mut status = Status::default();
    status.text = Some(text.to_owned());
    Ok(status)
}

fn read_input() -> Outcome<String> {
    let mut text = String::new();
    let read = io::stdin().lock().read_to_string(&mut text);
    read.map_err(|error| Failure::local("the text could not be read", &error))?;
    Ok(text)
}
