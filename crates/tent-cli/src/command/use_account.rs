//! `tent use`

use clap::Args;
use serde_json::json;
use tent_store::CredentialStore as _;

use crate::account;
use crate::failure::Outcome;
use crate::output;
use crate::plain::plain;
use crate::program::Program;

/// Choose the default account
#[derive(Debug, Args)]
pub(crate) struct Use {
    /// One that you are logged in as
    entity: String,
}

impl Use {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let entity = account::find(program.store(), &self.entity)?;
        account::of(program.store(), &entity)?;
        if !program.is_dry_run() {
            program.store().set_default_entity(&entity)?;
        }
        if program.json() {
            output::json(&json!({ "default": entity }))
        } else {
            output::line(&format!("using {}", plain(entity.as_str())))
        }
    }
}
