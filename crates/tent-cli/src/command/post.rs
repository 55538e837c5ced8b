//! `tent post`

use std::path::PathBuf;

use clap::Args;
use tent_proto::call::CreatePost;
use tent_proto::model::Mention;
use tent_proto::{Entity, Permissions, Post, TypeUri};

use crate::failure::{Failure, Outcome};
use crate::input;
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
    /// The content, for types other than a status; @FILE reads it from a file
    #[arg(long, value_name = "JSON|@FILE")]
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
            (Some(json), _) => Some(input::content(json)?),
            (None, text) => Post::status(input::text(text.unwrap_or_default())?).content,
        };
        let mut post = Post::default();
        post.post_type = Some(self.post_type.map_or_else(TypeUri::status, TypeUri::from));
        post.content = content;
        post.permissions = Some(Permissions::private());
        if self.public {
            post.permissions = Some(Permissions::public());
        }
        for entity in self.to {
            post = post.visible_to(&entity);
        }
        post.mentions = self.mention.into_iter().map(Mention::from).collect();
        Ok(post)
    }
}
