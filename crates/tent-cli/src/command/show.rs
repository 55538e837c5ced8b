//! `tent show`

use clap::Args;
use tent_proto::Entity;

use crate::failure::Outcome;
use crate::output;
use crate::post_id::{PostName, parse_entity};
use crate::program::Program;

/// Show a post
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Its id
    #[arg(value_name = "[ENTITY#]ID", allow_hyphen_values = true)]
    id: PostName,
    /// Whose it is, when not your own
    #[arg(long, value_name = "ENTITY", value_parser = parse_entity)]
    entity: Option<Entity>,
    /// Which version, when not the newest
    #[arg(long, value_name = "N")]
    version: Option<u64>,
    /// By which of its views: full, meta, or one that its publisher defined
    #[arg(long, value_name = "NAME")]
    view: Option<String>,
}

impl Show {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let session = program.session()?;
        let name = PostName {
            entity: self.entity.or(self.id.entity),
            id: self.id.id,
        };
        let mut call = name.get(&session);
        call.version = self.version;
        call.view = self.view;
        let post = program.call(&session, call)?;
        if program.json() {
            output::json(&post)
        } else {
            output::line(&output::post_page(&post))
        }
    }
}
