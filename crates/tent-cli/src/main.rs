//! Tent from the command line: `tent --help` tells what it does.

mod account;
mod approval;
mod arguments;
mod browser;
mod command;
mod data;
mod destination;
mod exit;
mod failure;
mod help;
mod input;
mod listing;
mod loopback;
mod meant;
mod new_passphrase;
mod output;
mod patience;
mod plain;
mod post_id;
mod post_type;
mod program;
mod progress;
mod relation;
mod signal;
mod time;
mod trace;
mod watch;

use std::process::ExitCode;

fn main() -> ExitCode {
    command::run(std::env::args_os()).into()
}
