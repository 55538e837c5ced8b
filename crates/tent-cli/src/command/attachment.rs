//! `tent attachment`

use std::error::Error;
use std::io;
use std::path::PathBuf;

use clap::Args;
use tent_flow::TransportErrorKind;
use tent_proto::call::GetAttachment;
use tent_proto::{CallError, Entity, Post, Unconfirmed};

use crate::destination::Destination;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome, Stop};
use crate::output;
use crate::plain::plain;
use crate::post_id::{PostName, parse_entity};
use crate::program::Program;
use crate::progress::Bar;

/// Download a file that is attached to a post
#[derive(Debug, Args)]
#[command(after_help = "\
`tent show` names the files of a post. Without -o the file goes to standard output, unless that is a \
terminal. With -o it has its name once it is whole: until then, what had that name stays.")]
pub(crate) struct Attachment {
    /// The post
    #[arg(value_name = "[ENTITY#]ID", allow_hyphen_values = true)]
    id: PostName,
    /// The name of the file
    name: String,
    /// Where to put it; - for standard output, be it a terminal
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Which of several files of that name
    #[arg(long = "type", value_name = "MEDIA-TYPE")]
    media_type: Option<String>,
    /// Whose post it is, when not your own
    #[arg(long, value_name = "ENTITY", value_parser = parse_entity)]
    entity: Option<Entity>,
}

impl Attachment {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let destination = Destination::new(self.output.as_deref())?;
        if program.json() && destination.is_output() {
            let failure = Failure::usage("--json and the file cannot both go to standard output");
            return Err(failure.hint("name a file with -o FILE").into());
        }
        let session = program.session()?;
        let name = PostName {
            entity: self.entity.clone().or_else(|| self.id.entity.clone()),
            id: self.id.id.clone(),
        };
        let post = name.get(&session);
        let (entity, id) = (post.entity.clone(), post.id.clone());
        // The server gives a file to whoever names its type, which is in the post.
        let post = program.call(&session, post)?;
        let file = self.find(&post)?;

        let bar = Bar::new();
        let mut call = GetAttachment::new(id, &self.name, &file.media_type).on_progress(bar.tell());
        call.entity = entity;
        let writer = destination.writer()?;
        let came = program.try_call(&session, call.into_writer(writer))?;
        let progress = bar.last();
        drop(bar);
        came.map_err(|error| broken_off(error, session.entity()))?;
        // When a server announces no length, the end may have been a break.
        let size = progress.total.or(file.size);
        if let Some(size) = size.filter(|size| *size != progress.bytes) {
            let came = progress.bytes;
            let failure = Failure::new(Exit::NoAnswer, "the file did not come whole");
            return Err(failure.cause(format!("{came} bytes came of {size}")).into());
        }
        destination.finish()?;
        match self.output {
            Some(path) if program.json() => output::json(&serde_json::json!({
                "name": self.name,
                "type": file.media_type,
                "size": progress.bytes,
                "file": path,
            })),
            _ => Ok(()),
        }
    }

    /// The file of that name, and of that type if one was said.
    fn find(&self, post: &Post) -> Result<Found, Failure> {
        let of_name = post.attachments.iter();
        let of_name = of_name.filter(|file| file.name.as_ref() == Some(&self.name));
        let of_type = of_name.map(|file| Found {
            media_type: file.media_type.clone().unwrap_or_else(unknown_type),
            size: file.size,
        });
        let is_wanted = |file: &Found| {
            let wanted = self.media_type.as_ref();
            wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(&file.media_type))
        };
        let mut found: Vec<_> = of_type.filter(is_wanted).collect();
        match (found.pop(), found.pop()) {
            (Some(file), None) => Ok(file),
            (Some(one), Some(other)) => {
                let Found { media_type, .. } = other;
                let what = format!("the post has several files of the name {}", self.name);
                let hint = format!("say which with --type {media_type}, or {}", one.media_type);
                Err(Failure::usage(what).hint(hint))
            }
            (None, _) => {
                let names = post
                    .attachments
                    .iter()
                    .filter_map(|file| file.name.as_deref());
                let names: Vec<_> = names.collect();
                let hint = match names.as_slice() {
                    [] => "it has none".to_owned(),
                    names => format!("it has {}", plain(&names.join(", "))),
                };
                let what = format!("the post has no such file: {}", self.name);
                Err(Failure::new(Exit::Refused, what).hint(hint))
            }
        }
    }
}

/// What the post says of the file.
struct Found {
    media_type: String,
    size: Option<u64>,
}

fn unknown_type() -> String {
    "application/octet-stream".to_owned()
}

/// Why the file is not there. Nothing was done that could be unknown.
fn broken_off(error: CallError, entity: &Entity) -> Stop {
    let error = match error {
        CallError::OutcomeUnknown {
            url,
            cause: Unconfirmed::NoAnswer(cause),
            ..
        } => CallError::NoAnswer { url, cause },
        other => other,
    };
    if let CallError::NoAnswer { cause, .. } = &error
        && cause.kind() == TransportErrorKind::Sink
    {
        let written = cause.source().and_then(|cause| cause.downcast_ref());
        // Whoever reads standard output may have seen enough.
        if written.is_some_and(|error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe) {
            return Stop::Silently(Exit::Done);
        }
    }
    Failure::of_call(error, entity).into()
}
