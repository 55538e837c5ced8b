//! `tent mentions`

use clap::Args;
use tent_proto::call::ListMentions;
use tent_proto::model::Mention;

use crate::failure::Outcome;
use crate::listing::Pages;
use crate::output;
use crate::plain::plain;
use crate::post_id::PostName;
use crate::program::Program;

/// List the public posts that mention a post of yours, oldest first
#[derive(Debug, Args)]
#[command(after_help = "`tent thread` shows what they say, those that are not public too.")]
pub(crate) struct Mentions {
    /// Its id
    #[arg(value_name = "ID", allow_hyphen_values = true)]
    id: PostName,
    #[command(flatten)]
    pages: Pages,
}

impl Mentions {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let session = program.session()?;
        let mut list = ListMentions::new(self.id.own(&session)?);
        if let Some(limit) = self.pages.limit {
            list = list.limit(limit);
        }
        let show = |mention| show(program, &mention);
        self.pages.show(program, &session, list, show)
    }
}

fn show(program: &Program, mention: &Mention) -> Outcome {
    if program.json() {
        return output::json(mention);
    }
    let entity = mention
        .entity
        .as_ref()
        .map_or("-", |entity| entity.as_str());
    let post = mention.post.as_ref().map_or("-", |post| post.as_str());
    let post_type = mention.post_type.as_ref().map_or("-", |uri| uri.as_str());
    output::line(&plain(&format!("{post_type}  {entity}#{post}")))
}
