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

/// What says nothing to a command that looks after a server.
const OF_CLIENTS: &[&str] = &[
    "account",
    "config",
    "dry_run",
    "timeout",
    "rate_limit",
    "retries",
];
/// What `tent admin move` has in other words, once for each place.
const OF_A_PLACE: &[&str] = &["database", "attachments"];

/// The command line, with its commands in groups.
pub(crate) fn command() -> Command {
    let mut command = Arguments::command();
    command.build(); // so that all have what can be said everywhere
    let command = command.mut_subcommand("admin", |admin| {
        let admin = without(without(admin, OF_CLIENTS), &["verbose"]);
        admin.mut_subcommand("move", |way| without(way, OF_A_PLACE))
    });
    let command = command.mut_subcommand("serve", |serve| without(serve, OF_CLIENTS));
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{}{}\n{{options}}{{after-help}}",
        groups(&command),
        heading(&command, "Everywhere"),
    );
    command.help_template(template)
}

/// The same, and the commands below it, without these in the help.
fn without(command: Command, names: &[&str]) -> Command {
    let command = command.mut_args(|argument| {
        let is_of_them = names.contains(&argument.get_id().as_str());
        let is_hidden = is_of_them || argument.is_hide_set();
        argument.hide(is_hidden)
    });
    command.mut_subcommands(|command| without(command, names))
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
    fn what_says_nothing_to_a_command_is_not_in_its_help() {
        let mut command = command();
        let mut shown = |names: &[&str]| {
            let command = names.iter().fold(&mut command, |command, name| {
                command.find_subcommand_mut(name).unwrap()
            });
            command.render_long_help().to_string()
        };
        for names in [&["admin"][..], &["admin", "entities", "create"], &["serve"]] {
            let help = shown(names);
            assert!(
                help.contains("--database") && help.contains("--json"),
                "{help}"
            );
            assert!(
                !help.contains("--account") && !help.contains("--retries"),
                "{help}"
            );
        }
        let help = shown(&["admin", "move"]);
        assert!(
            help.contains("--from-attachments") && help.contains("--data "),
            "{help}"
        );
        assert!(
            !help.contains("--database") && !help.contains(" --attachments"),
            "{help}"
        );
        assert!(shown(&["posts"]).contains("--account"));
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
