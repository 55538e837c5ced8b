//! `tent profile`

use clap::Args;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tent_proto::TypeUri;
use tent_proto::call::GetProfile;

use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::plain::plain_lines;
use crate::program::Program;

/// Show your profile, or one section of it
#[derive(Debug, Args)]
pub(crate) struct Profile {
    /// The type URI of a section; `core` and `basic` for short
    #[arg(value_name = "TYPE")]
    section: Option<String>,
    #[arg(hide = true)]
    rest: Vec<String>,
}

impl Profile {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        match self.section.as_deref() {
            Some(verb @ ("set" | "delete")) => {
                return Err(Failure::not_there_yet(&format!("`tent profile {verb}`")).into());
            }
            _ if !self.rest.is_empty() => {
                return Err(
                    Failure::usage("a profile is shown whole, or one section of it").into(),
                );
            }
            _ => {}
        }
        let profile = program.call(&program.session()?, GetProfile::default())?;
        match self.section.as_deref().map(section_type) {
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
}

fn section_type(name: &str) -> TypeUri {
    match name {
        "core" => TypeUri::from("https://tent.io/types/info/core/v0.1.x"),
        "basic" => TypeUri::from("https://tent.io/types/info/basic/v0.1.x"),
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
