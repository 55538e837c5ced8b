//! `tent followers`

use clap::Args;
use tent_proto::model::Follower;

use crate::failure::Outcome;
use crate::listing::Pages;
use crate::program::Program;
use crate::relation;

/// List who follows you, newest first
#[derive(Debug, Args)]
pub(crate) struct Followers {
    #[command(flatten)]
    pages: Pages,
}

impl Followers {
    pub(crate) fn run(&self, program: &Program) -> Outcome {
        relation::list::<Follower>(program, self.pages)
    }
}
