//! `tent profile`

use clap::{Args, Subcommand};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tent_proto::TypeUri;
use tent_proto::call::{DeleteProfileSection, GetProfile, PutProfileSection};

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::input;
use crate::output;
use crate::plain::plain_lines;
use crate::program::Program;

/// Show your profile, or one section of it, or change it
#[derive(Debug, Args)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Profile {
    /// The type URI of a section; `core` and `basic` for short
    #[arg(value_name = "TYPE")]
    section: Option<String>,
    #[command(subcommand)]
    change: Option<Change>,
}

#[derive(Debug, Subcommand)]
enum Change {
    /// Replace a section, or add it
    #[command(after_help = "\
The section is replaced as a whole, but for who may see it, which stays unless the JSON has other \
permissions. A new one is private unless it has some: {\"name\":\"Alice\",\"permissions\":{\"public\":true}}")]
    Set {
        /// The type URI of the section; `core` and `basic` for short
        #[arg(value_name = "TYPE")]
        section: String,
        /// What it shall hold; @FILE reads it from a file
        #[arg(value_name = "JSON|@FILE")]
        content: String,
    },
    /// Delete a section
    Delete {
        /// The type URI of the section; `core` and `basic` for short
        #[arg(value_name = "TYPE")]
        section: String,
    },
}

impl Profile {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        match (self.change, self.section) {
            (Some(_), Some(_)) => Err(Failure::usage("TYPE comes after `set` or `delete`").into()),
            (Some(Change::Set { section, content }), None) => set(program, &section, content),
            (Some(Change::Delete { section }), None) => {
                let section = exact_type(&section);
                let call = DeleteProfileSection::new(section.clone());
                program.call(&program.session()?, call)?;
                program.done("deleted", section.as_str())
            }
            (None, section) => show(program, section.as_deref()),
        }
    }
}

fn show(program: &Program, section: Option<&str>) -> Outcome {
    let profile = program.call(&program.session()?, GetProfile::default())?;
    match section.map(any_type) {
        Some(wanted) => match profile.section(&wanted) {
            Some(text) => show_section(program, text),
            None => Err(no_section(&wanted).into()),
        },
        None if program.json() => output::json(&profile),
        None => {
            for (number, (uri, text)) in profile.iter().enumerate() {
                let gap = if number > 0 { "\n" } else { "" };
                let members = members(text);
                output::line(&format!(
                    "{gap}{}",
                    plain_lines(&format!("{uri}\n{members}"))
                ))?;
            }
            Ok(())
        }
    }
}
/// Replaces a section, and shows it as the server has it then.
fn set(program: &Program, section: &str, content: String) -> Outcome {
    let section = exact_type(section);
    let content = input::content(content)?;
    let meant: Map<String, Value> = content.read()?;
    let call = PutProfileSection::new(section.clone(), content);
    let profile = program.call(&program.session()?, call)?;
    let Some(text) = profile.section(&section) else {
        return Err(no_section(&section).into());
    };
    let kept: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
    for (name, value) in &meant {
        // Of permissions everybody is shown a part.
        if name != "permissions" && kept.get(name) != Some(value) {
            program.say(&format!("warning: {name} came out otherwise than meant"));
        }
    }
    show_section(program, text)
}

/// A section, in whatever version of its type.
fn any_type(name: &str) -> TypeUri {
    match name {
        "core" => TypeUri::from("https://tent.io/types/info/core/v0.1.x"),
        "basic" => TypeUri::from("https://tent.io/types/info/basic/v0.1.x"),
        uri => uri.into(),
    }
}

fn exact_type(name: &str) -> TypeUri {
    match name {
        "core" => TypeUri::core(),
        "basic" => TypeUri::basic(),
        uri => uri.into(),
    }
}

fn no_section(wanted: &TypeUri) -> Failure {
    Failure::new(
        Exit::Refused,
        format!("the profile has no section {wanted}"),
    )
    .hint("`tent profile` shows those it has, as far as the approval covers them")
}

fn show_section(program: &Program, text: &str) -> Outcome {
    if program.json() {
        let raw: Result<&RawValue, _> = serde_json::from_str(text);
        let raw = raw.map_err(|error| Failure::local("the section is not JSON", &error))?;
        return output::json(raw);
    }
    output::line(&plain_lines(&members(text)))
}

/// The members of a section, a line each.
fn members(text: &str) -> String {
    let Ok(members) = serde_json::from_str::<Map<String, Value>>(text) else {
        return output::pretty(text);
    };
    let width = members.keys().map(|name| name.chars().count()).max();
    let lines = members.iter().map(|(name, value)| {
        let value = match value {
            Value::String(text) => text.replace('\n', " "),
            other => other.to_string(),
        };
        format!("  {name:0$}  {value}", width.unwrap_or_default())
    });
    lines.collect::<Vec<_>>().join("\n")
}
