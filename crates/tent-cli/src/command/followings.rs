//! `tent followings`

use clap::Args;
use tent_proto::model::Following;

use crate::failure::Outcome;
use crate::listing::Pages;
use crate::program::Program;
use crate::relation;

/// List whom you follow, newest first
#[derive(Debug, Args)]
pub(crate) struct Followings {
    #[command(flatten)]
    pages: Pages,
}

impl Followings {
    pub(crate) fn run(&self, program: &Program) -> Outcome {
        relation::list::<Following>(program, self.pages)
    }
}
