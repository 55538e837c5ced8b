//! `tent unfollow`

use clap::Args;
use tent_proto::call::DeleteFollowing;
use tent_proto::model::Following;

use crate::failure::Outcome;
use crate::meant::Named;
use crate::program::Program;
use crate::relation;

/// Stop following an entity
#[derive(Debug, Args)]
pub(crate) struct Unfollow {
    /// Whom, or the id that `tent followings` shows
    #[arg(value_name = "ENTITY|ID", allow_hyphen_values = true)]
    following: Named,
}

impl Unfollow {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let session = program.session()?;
        let id = relation::find::<Following>(program, &session, self.following)?;
        program.call(&session, DeleteFollowing::new(id.as_str()))?;
        program.done("unfollowed", &id)
    }
}
