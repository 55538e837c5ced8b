//! `tent follow`

use clap::Args;
use tent_proto::Entity;
use tent_proto::call::CreateFollowing;

use crate::failure::{Failure, Outcome};
use crate::post_id::parse_entity;
use crate::program::Program;
use crate::relation;

/// Follow an entity: get its posts
#[derive(Debug, Args)]
pub(crate) struct Follow {
    /// Whom
    #[arg(value_parser = parse_entity)]
    entity: Entity,
}

impl Follow {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let session = program.session()?;
        let call = CreateFollowing::new(self.entity.clone());
        let following = program.try_call(&session, call)?.map_err(|error| {
            let is_unreachable = error.status().is_some_and(|status| status == 404);
            let failure = Failure::of_call(error, session.entity());
            if is_unreachable {
                failure.hint(format!(
                    "the server did not find it; `tent discover {}` looks from here",
                    self.entity
                ))
            } else {
                failure
            }
        })?;
        relation::show(program, following)
    }
}
