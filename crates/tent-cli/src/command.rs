//! Commands: one file each.

pub(crate) mod accounts;
pub(crate) mod admin;
pub(crate) mod api;
pub(crate) mod apps;
pub(crate) mod attachment;
pub(crate) mod block;
pub(crate) mod delete;
pub(crate) mod demo;
pub(crate) mod discover;
pub(crate) mod edit;
pub(crate) mod follow;
pub(crate) mod followers;
pub(crate) mod followings;
pub(crate) mod groups;
pub(crate) mod import;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod mac;
pub(crate) mod mentions;
pub(crate) mod post;
pub(crate) mod posts;
pub(crate) mod profile;
pub(crate) mod serve;
pub(crate) mod show;
pub(crate) mod thread;
pub(crate) mod unfollow;
pub(crate) mod use_account;
pub(crate) mod versions;

use std::ffi::OsString;

use clap::FromArgMatches as _;
use clap::error::ErrorKind;

use crate::arguments::{Arguments, Command};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome, Stop};
use crate::help;
use crate::output;
use crate::program::Program;

/// Runs the command that the arguments name, and tells what failed.
pub(crate) fn run(arguments: impl Iterator<Item = OsString>) -> Exit {
    let arguments: Vec<OsString> = arguments.collect();
    let mut json = arguments.iter().any(|argument| argument == "--json");
    let stop = match parse(&arguments) {
        Ok(arguments) => {
            json = arguments.everywhere.json;
            dispatch(arguments).err()
        }
        Err(error) if error.use_stderr() && json => Some(usage(&error).into()),
        Err(error) if error.kind() == ErrorKind::MissingSubcommand => {
            output::tell(help(&arguments).trim_end());
            Some(Stop::Silently(Exit::Usage))
        }
        Err(error) if error.use_stderr() => {
            let text = error.to_string();
            let text = text.strip_prefix("error:").unwrap_or(&text);
            output::tell(&format!("tent:{}", text.trim_end()));
            Some(Stop::Silently(Exit::Usage))
        }
        Err(error) => {
            let _ = error.print(); // there is nowhere else to say that this failed
            Some(Stop::Silently(Exit::Done))
        }
    };
    match stop {
        None => Exit::Done,
        Some(Stop::Silently(exit)) => exit,
        Some(Stop::Failed(failure)) => {
            failure.tell(json);
            failure.exit
        }
    }
}

fn parse(arguments: &[OsString]) -> Result<Arguments, clap::Error> {
    let mut command = help::command();
    let matches = command.try_get_matches_from_mut(arguments)?;
    Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

fn dispatch(arguments: Arguments) -> Outcome {
    let Arguments {
        everywhere,
        command,
    } = arguments;
    let program = || Program::new(everywhere.clone());
    match command {
        Command::Demo(command) => command.run(&everywhere),
        Command::Serve(command) => command.run(&everywhere),
        Command::Discover(command) => command.run(&program()?),
        Command::Login(command) => command.run(&program()?),
        Command::Logout(command) => command.run(&program()?),
        Command::Accounts => accounts::run(&program()?),
        Command::Import(command) => command.run(&program()?),
        Command::Use(command) => command.run(&program()?),
        Command::Profile(command) => command.run(&program()?),
        Command::Post(command) => command.run(&program()?),
        Command::Posts(command) => command.run(&program()?),
        Command::Show(command) => command.run(&program()?),
        Command::Thread(command) => command.run(&program()?),
        Command::Edit(command) => command.run(&program()?),
        Command::Delete(command) => command.run(&program()?),
        Command::Versions(command) => command.run(&program()?),
        Command::Mentions(command) => command.run(&program()?),
        Command::Attachment(command) => command.run(&program()?),
        Command::Follow(command) => command.run(&program()?),
        Command::Unfollow(command) => command.run(&program()?),
        Command::Followings(command) => command.run(&program()?),
        Command::Followers(command) => command.run(&program()?),
        Command::Block(command) => command.run(&program()?),
        Command::Groups(command) => command.run(&program()?),
        Command::Apps(command) => command.run(&program()?),
        Command::Api(command) => command.run(&program()?),
        Command::Mac(command) => command.run(everywhere.json),
        Command::Admin(command) => command.run(&everywhere),
    }
}

/// The help of the command that was named and is none by itself, as `tent` and `tent mac` are.
fn help(arguments: &[OsString]) -> String {
    let mut command = help::command();
    command.build();
    for argument in arguments {
        if let Some(named) = command.find_subcommand(argument).cloned() {
            command = named;
        }
    }
    command.render_help().to_string()
}

/// What is wrong with the command line, in one clause.
fn usage(error: &clap::Error) -> Failure {
    let text = error.to_string();
    let clause = text.lines().map(str::trim);
    let clause: Vec<_> = clause.take_while(|line| !line.is_empty()).collect();
    Failure::usage(clause.join(" ").trim_start_matches("error: ")).hint("see `tent --help`")
}
