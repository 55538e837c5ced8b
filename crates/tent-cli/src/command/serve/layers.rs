//! Where settings come from: a file, the environment, and the command line, which counts most.

mod mistyped;

use std::ffi::OsString;
use std::fmt::{self, Display};
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;

use serde::de::{Deserialize as _, Deserializer, Error, SeqAccess, Visitor};
use tent_proto::{Entity, Secret};
use toml::{Table, Value};

use super::entity::parse_served;
use super::settings::{Settings, parse_address};
use crate::failure::{Failure, Outcome};

/// What the command line says, what it does not say as the environment says it, and the rest from the
/// file.
pub(super) fn read(
    command_line: Settings,
    environment: impl Iterator<Item = (OsString, OsString)>,
    file: Option<&Path>,
) -> Outcome<Settings> {
    let settings = command_line.or(of_environment(environment)?);
    match file {
        Some(file) => Ok(settings.or(of_file(file)?)),
        None => Ok(settings),
    }
}

/// `TENT_` and the name of a setting in capitals. What has no such name, nor nearly, is somebody else's.
fn of_environment(variables: impl Iterator<Item = (OsString, OsString)>) -> Outcome<Settings> {
    let names = Settings::names();
    let mut settings = Settings::default();
    for (variable, value) in variables {
        let Some(variable) = variable.to_str() else {
            continue;
        };
        if value.is_empty() {
            continue; // as good as not there
        }
        let Some(name) = names.iter().find(|name| variable_of(name) == variable) else {
            no_mistake(variable, &names)?;
            continue;
        };
        let value = value.to_str().ok_or_else(|| {
            Failure::usage(format!("{variable} is wrong")).cause("it is not UTF-8")
        })?;
        let one = one(name, value.into());
        let wrong = |cause| Failure::usage(format!("{variable} is wrong")).cause(cause);
        settings = one.map_err(wrong)?.or(settings);
    }
    Ok(settings)
}

/// Refuses a variable that nearly has the name of one.
fn no_mistake(variable: &str, names: &[String]) -> Outcome {
    let known: Vec<_> = names.iter().map(|name| variable_of(name)).collect();
    let Some(meant) = mistyped::meant(variable, &known) else {
        return Ok(());
    };
    let failure = Failure::usage(format!("there is no variable {variable}"));
    Err(failure.hint(format!("there is {meant}")).into())
}

/// The variable of a setting.
fn variable_of(name: &str) -> String {
    format!("TENT_{}", name.replace('-', "_").to_uppercase())
}

fn of_file(file: &Path) -> Outcome<Settings> {
    let text = fs::read_to_string(file).map_err(|error| {
        let what = format!("the settings in {} could not be read", file.display());
        Failure::local(what, &error)
    })?;
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(1, |before| before.matches('\n').count() + 1);
        Failure::usage(format!("line {line} of {} is not TOML", file.display()))
            .cause(error.message())
    })?;
    let names = Settings::names();
    let mut settings = Settings::default();
    for (name, value) in table {
        if !names.contains(&name) {
            let what = format!("there is no setting {name}, as {} has it", file.display());
            let hint = format!("there are {}", names.join(", "));
            return Err(Failure::usage(what).hint(hint).into());
        }
        let wrong = |cause| {
            let what = format!("the setting {name} in {} is wrong", file.display());
            Failure::usage(what).cause(cause)
        };
        settings = one(&name, value).map_err(wrong)?.or(settings);
    }
    Ok(settings)
}

/// One setting, or what is wrong with it.
fn one(name: &str, value: Value) -> Result<Settings, String> {
    let table = Table::from_iter([(name.to_owned(), value)]);
    Settings::deserialize(Value::Table(table)).map_err(|error| error.message().to_owned())
}

/// Reads a value as the command line would, whether it is a string or a number or a truth value.
pub(super) fn value<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let text = deserializer.deserialize_any(Text)?;
    text.parse().map(Some).map_err(D::Error::custom)
}

/// Reads what nobody is to see.
pub(super) fn secret<'de, D>(deserializer: D) -> Result<Option<Secret>, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer
        .deserialize_any(Text)
        .map(|text| Some(text.into()))
}

/// Reads an entity as somebody types it.
pub(super) fn typed<'de, D>(deserializer: D) -> Result<Option<Entity>, D::Error>
where
    D: Deserializer<'de>,
{
    let text = deserializer.deserialize_any(Text)?;
    parse_served(&text).map(Some).map_err(D::Error::custom)
}

/// Reads an address to listen at.
pub(super) fn address<'de, D>(deserializer: D) -> Result<Option<SocketAddr>, D::Error>
where
    D: Deserializer<'de>,
{
    let text = deserializer.deserialize_any(Text)?;
    parse_address(&text).map(Some).map_err(D::Error::custom)
}

/// Reads a list, or one string with commas.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let texts = deserializer.deserialize_any(Texts)?;
    let texts = texts.iter().filter(|text| !text.is_empty());
    let values = texts.map(|text| text.parse().map_err(D::Error::custom));
    values.collect()
}

struct Text;

impl Visitor<'_> for Text {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a number")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<String, E> {
        Ok(truth.to_string())
    }
}

struct Texts;

impl<'de> Visitor<'de> for Texts {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of strings")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<String>, E> {
        Ok(text.split(',').map(|part| part.trim().to_owned()).collect())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<String>, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = sequence.next_element()? {
            texts.push(text);
        }
        Ok(texts)
    }
}

#[cfg(test)]
mod tests;
