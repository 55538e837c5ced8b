//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::command::{
    admin, api, apps, attachment, block, delete, demo, discover, edit, follow, followers,
    followings, groups, import, login, logout, mac, mentions, post, posts, profile, serve, show,
    thread, unfollow, use_account, versions,
};
use crate::patience::{RETRIES, RateLimitMode};

/// Tent from the command line: your posts, your profile, your server
#[derive(Debug, Parser)]
#[command(
    name = "tent",
    version,
    max_term_width = 100,
    after_help = "`tent help COMMAND` tells all of a command. Begin with `tent demo` to see it work."
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
    /// Show the first request, with the secrets masked, and send nothing
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// Give up on an exchange after this many seconds
    #[arg(long, global = true, value_name = "S", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) timeout: Option<u64>,
    /// Allow http beyond this computer
    #[arg(long, global = true)]
    pub(crate) insecure: bool,
    /// Fail when it was too much for the server, wait then, or spread requests so that it never is
    #[arg(long, global = true, value_name = "MODE", value_enum, default_value_t = RateLimitMode::Wait)]
    pub(crate) rate_limit: RateLimitMode,
    /// How often to try again what failed and can be repeated
    #[arg(long, global = true, value_name = "N", default_value_t = RETRIES)]
    pub(crate) retries: u32,
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
    Import(import::Import),
    Use(use_account::Use),
    Profile(profile::Profile),
    Post(post::Publish),
    Posts(posts::Posts),
    Show(show::Show),
    Thread(thread::Thread),
    Edit(edit::Edit),
    Delete(delete::Delete),
    Versions(versions::Versions),
    Mentions(mentions::Mentions),
    Attachment(attachment::Attachment),
    Follow(follow::Follow),
    Unfollow(unfollow::Unfollow),
    Followings(followings::Followings),
    Followers(followers::Followers),
    Block(block::Block),
    Groups(groups::Groups),
    Apps(apps::Apps),
    Api(api::Api),
    Mac(mac::Mac),
    Admin(admin::Admin),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Arguments::command().debug_assert();
    }

    /// The words of a line for a shell, without its comment.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut quoted) = (Vec::new(), false);
        let mut word = String::new();
        for c in line.split(" #").next().unwrap().chars() {
            match c {
                '"' => quoted = !quoted,
                ' ' if !quoted => words.push(std::mem::take(&mut word)),
                c => word.push(c),
            }
        }
        words.push(word);
        words.retain(|word| !word.is_empty());
        words
    }

    #[test]
    fn every_command_of_the_readme_can_be_typed() {
        let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
        let readme = std::fs::read_to_string(readme).unwrap();
        let blocks = readme.split("```sh\n").skip(1);
        let lines = blocks.flat_map(|block| block.split("```").next().unwrap().lines());
        let lines: Vec<_> = lines.filter(|line| line.starts_with("tent ")).collect();
        assert!(lines.len() > 5, "{lines:?}");
        for line in lines {
            let parsed = Arguments::try_parse_from(words(line));
            assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
        }
    }
}
