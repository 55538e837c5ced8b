//! The command line.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};

use crate::command::{
    api, demo, discover, later, login, logout, mac, post, posts, profile, serve, show, use_account,
};

/// Tent from the command line: your posts, your profile, your server
#[derive(Debug, Parser)]
#[command(
    name = "tent",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = "Start with `tent demo` to see it work, or with `tent login ENTITY`."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) everywhere: Everywhere,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What can be said with every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Everywhere {
    /// Act as this account instead of the default
    #[arg(long, global = true, value_name = "ENTITY")]
    pub(crate) account: Option<String>,
    /// Keep credentials in this folder instead of the platform's
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "TENT_CONFIG_DIR",
        hide_env_values = true
    )]
    pub(crate) config: Option<PathBuf>,
    /// Write JSON, for scripts
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Tell what is sent; -vv with the headers
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Show the request, with the secrets masked, and send nothing
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// Give up on an exchange after this many seconds
    #[arg(long, global = true, value_name = "S", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) timeout: Option<u64>,
    /// Allow http beyond this computer
    #[arg(long, global = true)]
    pub(crate) insecure: bool,
    /// When the server says that it was too much
    #[arg(long, global = true, value_name = "MODE", hide = true,
        value_parser = PossibleValuesParser::new(["throw", "wait", "pace"]))]
    pub(crate) rate_limit: Option<String>,
    /// How often to try again
    #[arg(long, global = true, value_name = "N", hide = true)]
    pub(crate) retries: Option<u32>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(demo::Demo),
    Serve(serve::Serve),
    Discover(discover::Discover),
    Login(login::Login),
    Logout(logout::Logout),
    /// List the accounts you are logged in as; * marks the default
    Accounts,
    Use(use_account::Use),
    Profile(profile::Profile),
    Post(post::Publish),
    Posts(posts::Posts),
    Show(show::Show),
    Api(api::Api),
    Mac(mac::Mac),
    #[command(hide = true)]
    Admin(later::Later),
    #[command(hide = true)]
    Thread(later::Later),
    #[command(hide = true)]
    Edit(later::Later),
    #[command(hide = true)]
    Delete(later::Later),
    #[command(hide = true)]
    Versions(later::Later),
    #[command(hide = true)]
    Mentions(later::Later),
    #[command(hide = true)]
    Attachment(later::Later),
    #[command(hide = true)]
    Follow(later::Later),
    #[command(hide = true)]
    Unfollow(later::Later),
    #[command(hide = true)]
    Followings(later::Later),
    #[command(hide = true)]
    Followers(later::Later),
    #[command(hide = true)]
    Block(later::Later),
    #[command(hide = true)]
    Groups(later::Later),
    #[command(hide = true)]
    Apps(later::Later),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Arguments::command().debug_assert();
    }
}
