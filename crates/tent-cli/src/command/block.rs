//! `tent block`

use clap::Args;
use tent_proto::call::DeleteFollower;
use tent_proto::model::Follower;

use crate::failure::Outcome;
use crate::meant::Named;
use crate::program::Program;
use crate::relation;

/// Block a follower from getting your posts
#[derive(Debug, Args)]
#[command(after_help = "It is no follower any more, and can still read what is public.")]
pub(crate) struct Block {
    /// Whom, or the id that `tent followers` shows
    #[arg(value_name = "ENTITY|ID", allow_hyphen_values = true)]
    follower: Named,
}

impl Block {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let session = program.session()?;
        let id = relation::find::<Follower>(program, &session, self.follower)?;
        program.call(&session, DeleteFollower::new(id.as_str()))?;
        program.done("blocked", &id)
    }
}
