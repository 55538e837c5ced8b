//! Tent from the command line: `tent --help` tells what it does.

mod account;
mod approval;
mod arguments;
mod browser;
mod command;
mod exit;
mod failure;
mod loopback;
mod output;
mod plain;
mod post_id;
mod program;
mod signal;
mod time;
mod watch;

use std::process::ExitCode;

fn main() -> ExitCode {
    command::run(std::env::args_os()).into()
}
