//! The help of the whole program: commands by what they are for.

use clap::{Command, CommandFactory as _};

use crate::arguments::Arguments;

/// What commands are for, and which they are.
const GROUPS: [(&str, &[&str]); 6] = [
    ("Begin", &["demo", "login"]),
    (
        "Posts",
        &[
            "post",
            "posts",
            "show",
            "thread",
            "edit",
            "delete",
            "versions",
            "mentions",
            "attachment",
        ],
    ),
    (
        "You and others",
        &[
            "profile",
            "follow",
            "unfollow",
            "followings",
            "followers",
            "block",
            "groups",
        ],
    ),
    ("Accounts", &["accounts", "use", "import", "logout", "apps"]),
    ("Your server", &["serve", "admin"]),
    ("Protocol", &["discover", "api", "mac"]),
];

/// The command line, with its commands in groups.
pub(crate) fn command() -> Command {
    let command = Arguments::command();
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{}{}\n{{options}}{{after-help}}",
        groups(&command),
        heading(&command, "Everywhere"),
    );
    command.help_template(template)
}

fn groups(command: &Command) -> String {
    let mut text = String::new();
    for (name, members) in GROUPS {
        text.push_str(&heading(command, name));
        text.push('\n');
        for member in members {
            let found = command.find_subcommand(member);
            let about = found.and_then(Command::get_about);
            let about = about.map_or_else(String::new, ToString::to_string);
            let literal = command.get_styles().get_literal();
            text.push_str(&format!("  {literal}{member:11}{literal:#} {about}\n"));
        }
        text.push('\n');
    }
    text
}

fn heading(command: &Command, name: &str) -> String {
    let style = command.get_styles().get_header();
    format!("{style}{name}:{style:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_in_one_group_or_hidden() {
        let command = Arguments::command();
        let shown = command.get_subcommands();
        let mut shown: Vec<_> = shown
            .filter(|command| !command.is_hide_set())
            .map(Command::get_name)
            .collect();
        let groups = GROUPS.iter().flat_map(|(_, members)| members.iter());
        let mut grouped: Vec<_> = groups.copied().collect();
        shown.sort_unstable();
        grouped.sort_unstable();
        assert_eq!(shown, grouped);
    }

    #[test]
    fn lines_of_help_are_broken_where_the_terminal_ends() {
        let mut commands = vec![Arguments::command()];
        while let Some(command) = commands.pop() {
            let after = command.get_after_help().map(ToString::to_string);
            for paragraph in after.unwrap_or_default().split("\n\n") {
                assert!(!paragraph.contains('\n'), "{paragraph}");
            }
            commands.extend(command.get_subcommands().cloned());
        }
    }

    #[test]
    fn every_command_says_in_a_line_what_it_does() {
        for command in Arguments::command().get_subcommands() {
            let about = command.get_about().map(ToString::to_string);
            let about = about.unwrap_or_default();
            assert!((9..=76).contains(&about.len()), "{about}");
        }
    }
}
