//! `tent versions`

use clap::Args;
use tent_proto::Post;
use tent_proto::call::ListVersions;

use crate::failure::Outcome;
use crate::listing::Pages;
use crate::output;
use crate::post_id::PostName;
use crate::program::Program;
use crate::time;

/// List the versions of a post of yours, newest first
#[derive(Debug, Args)]
pub(crate) struct Versions {
    /// Its id
    #[arg(value_name = "ID", allow_hyphen_values = true)]
    id: PostName,
    #[command(flatten)]
    pages: Pages,
}

impl Versions {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let session = program.session()?;
        let mut list = ListVersions::new(self.id.own(&session)?);
        if let Some(limit) = self.pages.limit {
            list = list.limit(limit);
        }
        let show = |post| show(program, &post);
        self.pages.show(program, &session, list, show)
    }
}

fn show(program: &Program, post: &Post) -> Outcome {
    if program.json() {
        return output::json(post);
    }
    let version = post
        .version
        .map_or_else(|| "-".to_owned(), |n| n.to_string());
    let time = post.updated_at.or(post.received_at).or(post.published_at);
    let time = time.map_or_else(|| "-".to_owned(), time::show);
    output::line(&format!(
        "{version:>3}  {time:16}  {}",
        output::first_line(post)
    ))
}
