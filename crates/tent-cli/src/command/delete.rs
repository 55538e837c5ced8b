//! `tent delete`

use clap::Args;
use tent_proto::call::DeletePost;

use crate::failure::Outcome;
use crate::post_id::PostName;
use crate::program::Program;

/// Delete a post of yours, or one version of it
#[derive(Debug, Args)]
#[command(after_help = "Those who got the post are told. The last version gone, the post is gone.")]
pub(crate) struct Delete {
    /// Its id
    #[arg(value_name = "ID", allow_hyphen_values = true)]
    id: PostName,
    /// This version alone
    #[arg(long, value_name = "N")]
    version: Option<u64>,
}

impl Delete {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let session = program.session()?;
        let id = self.id.own(&session)?;
        let mut call = DeletePost::new(id.clone());
        call.version = self.version;
        program.call(&session, call)?;
        program.done("deleted", id.as_str())
    }
}
