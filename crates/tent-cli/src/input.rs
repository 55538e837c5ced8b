//! What a person gives a command: as an argument, in a file, or on standard input.

use std::fs;
use std::io;

use serde_json::value::RawValue;
use tent_proto::model::Content;

use crate::failure::{Failure, Outcome};

/// A text that says something; `-` reads it from standard input.
pub(crate) fn text(text: String) -> Outcome<String> {
    let text = match text.as_str() {
        "-" => standard_input().map_err(|error| unreadable("text", &error))?,
        _ => text,
    };
    let text = text.trim_end_matches(['\r', '\n']);
    if text.trim().is_empty() {
        return Err(Failure::usage("there is no text").into());
    }
    Ok(text.to_owned())
}

/// The text of some JSON; `@FILE` reads it from a file, `@-` from standard input.
pub(crate) fn json(text: String) -> Outcome<String> {
    let text = match text.strip_prefix('@') {
        Some(path) => file(path, "JSON")?,
        None => text,
    };
    let parsed: Result<&RawValue, _> = serde_json::from_str(&text);
    parsed.map_err(|error| Failure::usage("that is not JSON").because(&error))?;
    Ok(text)
}

/// The content of a post or of a section of a profile, which is an object. There are servers that
/// store anything else, and cannot read it any more.
pub(crate) fn content(text: String) -> Outcome<Content> {
    let text = json(text)?;
    if !text.trim_start().starts_with('{') {
        return Err(Failure::usage("the content must be a JSON object").into());
    }
    let content = Content::from_json(text.trim());
    Ok(content.map_err(|error| Failure::usage("that is not JSON").because(&error))?)
}

/// The text of a file; `-` reads it from standard input.
pub(crate) fn file(path: &str, what: &str) -> Outcome<String> {
    let read = match path {
        "-" => standard_input().map_err(|error| unreadable(what, &error)),
        path => fs::read_to_string(path)
            .map_err(|error| unreadable(&format!("{what} in {path}"), &error)),
    };
    Ok(read?)
}

fn standard_input() -> io::Result<String> {
    io::read_to_string(io::stdin().lock())
}

fn unreadable(what: &str, error: &io::Error) -> Failure {
    Failure::local(format!("the {what} could not be read"), error)
}
