//! `tent post`

use std::path::{Path, PathBuf};

use clap::Args;
use tent_blocking::FileSource;
use tent_proto::call::CreatePost;
use tent_proto::model::Mention;
use tent_proto::{CallError, Entity, Permissions, Post, Session, TypeUri, Upload};

use crate::failure::{Failure, Outcome};
use crate::input;
use crate::output;
use crate::plain::plain;
use crate::post_id::{Mentioned, id_of, parse_entity};
use crate::post_type::parse_type;
use crate::program::Program;
use crate::progress::Bar;

/// Publish a post
#[derive(Debug, Args)]
#[command(after_help = "\
It is a status unless --type says otherwise, and nobody but your own apps sees it unless --public or \
--to says otherwise. What is printed is its id. A file that is attached is a photo, a video, audio or \
just a file, by its type: its category is photos, videos, audio or files.")]
pub(crate) struct Publish {
    /// What you have to say; - reads it from standard input
    #[arg(
        value_name = "TEXT",
        required_unless_present_any = ["content", "attach"],
        conflicts_with = "content"
    )]
    text: Option<String>,
    /// The type of the post, as `essay` for short
    #[arg(long = "type", value_name = "URI", value_parser = parse_type)]
    post_type: Option<TypeUri>,
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
    /// Attach a file; may be repeated
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
}

impl Publish {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let session = program.session()?;
        let uploads: Vec<_> = self
            .attach
            .iter()
            .map(|path| upload(path))
            .collect::<Result<_, _>>()?;
        let bar = (!uploads.is_empty()).then(Bar::new);
        let mut call = CreatePost::new(&self.post()?);
        if let Some(bar) = &bar {
            let seed = program.client().seed();
            call = call.attaching(uploads, seed).on_progress(bar.tell());
        }
        let published = program.try_call(&session, call)?;
        drop(bar);
        let post = match published {
            Ok(post) => post,
            Err(error) => look_for(program, &session, error)?,
        };
        if program.json() {
            return output::json(&post);
        }
        output::line(&plain(id_of(&post)?.as_str()))
    }

    fn post(self) -> Outcome<Post> {
        let content = match (self.content, self.text) {
            (Some(json), _) => Some(input::content(json)?),
            (None, Some(text)) => Post::status(input::text(text)?).content,
            (None, None) => Post::status("").content, // a file says enough
        };
        let mut post = Post::default();
        post.post_type = Some(self.post_type.unwrap_or_else(TypeUri::status));
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

/// A file to attach.
fn upload(path: &Path) -> Result<Upload, Failure> {
    let name = path.file_name().and_then(|name| name.to_str());
    let source = FileSource::open(path)
        .map_err(|error| Failure::local(format!("{} could not be read", path.display()), &error))?;
    let Some(name) = name else {
        let what = format!("{} has no name that can be sent", path.display());
        return Err(Failure::usage(what));
    };
    let upload = Upload::source("files", name, source);
    let (kind, _) = upload.media_type().split_once('/').unwrap_or_default();
    let category = match kind {
        "image" => "photos",
        "video" => "videos",
        "audio" => "audio",
        _ => "files",
    };
    Ok(upload.with_category(category))
}

/// Of a post that may have been published or not: looks whether it is there.
fn look_for(program: &Program, session: &Session, mut error: CallError) -> Outcome<Post> {
    let search = match &mut error {
        CallError::OutcomeUnknown { search, .. } => search.take(),
        _ => None,
    };
    let failure = Failure::of_call(error, session.entity());
    let Some(search) = search else {
        return Err(failure.into());
    };
    let say = |text| (!program.json()).then(|| program.say(text));
    say("tent: nothing says whether the post was published; looking for it");
    match program.run(*search)? {
        Ok(Some(post)) => {
            say("tent: it is there");
            Ok(post)
        }
        Ok(None) => Err(failure.hint(MISSING).into()),
        Err(_) => Err(failure.into()),
    }
}

const MISSING: &str =
    "the post is not there so far, and may still arrive: look again before you repeat it";
