//! Commands that are not there yet.

use std::ffi::OsString;

use clap::Args;

use crate::failure::{Failure, Outcome};

/// Not there yet.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Later {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _rest: Vec<OsString>,
}

pub(crate) fn run(name: &str) -> Outcome {
    Err(Failure::not_there_yet(&format!("`{name}`")).into())
}
