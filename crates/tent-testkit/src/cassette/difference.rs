//! Where two requests differ.

use std::fmt::Write;

use super::{Json, RecordedBody, RecordedRequest};

/// Fields that differ from run to run, or from machine to machine.
const IGNORED: [&str; 2] = ["date", "user-agent"];

/// Whether a request is the one that was recorded.
pub(super) fn is_same(recorded: &RecordedRequest, asked: &RecordedRequest) -> bool {
    difference(recorded, asked).is_empty()
}

/// The differences, a line each: `-` is what was recorded, `+` what is asked. Empty when there is none.
pub(super) fn difference(recorded: &RecordedRequest, asked: &RecordedRequest) -> String {
    let mut lines = Lines::default();
    lines.pair("method", Some(&recorded.method), Some(&asked.method));
    lines.pair("url", Some(&recorded.url), Some(&asked.url));
    let (ours, theirs) = (fields(recorded), fields(asked));
    lines.members("header ", &ours, &theirs);
    match (json(&recorded.body), json(&asked.body)) {
        (Some(ours), Some(theirs)) => lines.json("body", &ours, &theirs),
        _ => lines.pair("body", text(recorded).as_ref(), text(asked).as_ref()),
    }
    if lines.text.is_empty() {
        return lines.text;
    }
    format!("  {recorded}\n{}", lines.text)
}

#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn pair(&mut self, what: &str, recorded: Option<&String>, asked: Option<&String>) {
        if recorded == asked {
            return;
        }
        for (sign, value) in [('-', recorded), ('+', asked)] {
            if let Some(value) = value {
                let _ = writeln!(self.text, "  {sign} {what}: {value}"); // a String takes all
            }
        }
    }

    fn json(&mut self, path: &str, recorded: &Json, asked: &Json) {
        match (recorded, asked) {
            _ if recorded.is_same_as(asked) => {}
            (Json::Object(ours), Json::Object(theirs)) => {
                self.members(&format!("{path}."), ours, theirs);
            }
            (Json::Array(ours), Json::Array(theirs)) if ours.len() == theirs.len() => {
                for (index, (one, other)) in ours.iter().zip(theirs).enumerate() {
                    self.json(&format!("{path}[{index}]"), one, other);
                }
            }
            _ => self.pair(path, Some(&recorded.compact()), Some(&asked.compact())),
        }
    }

    fn members(&mut self, prefix: &str, recorded: &[(String, Json)], asked: &[(String, Json)]) {
        let find = |members: &[(String, Json)], name: &String| {
            let mut members = members.iter();
            members
                .find(|(other, _)| other == name)
                .map(|(_, value)| value.clone())
        };
        for (name, value) in recorded {
            let path = format!("{prefix}{name}");
            match find(asked, name) {
                Some(other) => self.json(&path, value, &other),
                None => self.pair(&path, Some(&value.compact()), None),
            }
        }
        for (name, value) in asked {
            if find(recorded, name).is_none() {
                self.pair(&format!("{prefix}{name}"), None, Some(&value.compact()));
            }
        }
    }
}

/// The fields that matter, with any boundary of a form replaced.
fn fields(request: &RecordedRequest) -> Vec<(String, Json)> {
    let Json::Object(members) = &request.headers else {
        return Vec::new();
    };
    let matter = members
        .iter()
        .filter(|(name, _)| !IGNORED.contains(&name.as_str()));
    let boundary = boundary(request);
    matter
        .map(|(name, value)| match (value, &boundary) {
            (Json::String(text), Some(boundary)) if name == "content-type" => (
                name.clone(),
                Json::String(text.replace(boundary, "boundary")),
            ),
            _ => (name.clone(), value.clone()),
        })
        .collect()
}

fn boundary(request: &RecordedRequest) -> Option<String> {
    let Json::Object(members) = &request.headers else {
        return None;
    };
    let mut fields = members.iter();
    match fields.find(|(name, _)| name == "content-type")? {
        (_, Json::String(text)) => {
            let (_, boundary) = text.split_once("boundary=")?;
            Some(boundary.trim_matches('"').to_owned())
        }
        _ => None,
    }
}

fn json(body: &Option<RecordedBody>) -> Option<Json> {
    body.as_ref().and_then(RecordedBody::json)
}

fn text(request: &RecordedRequest) -> Option<String> {
    let body = request.body.as_ref()?;
    let Some(boundary) = boundary(request) else {
        return Some(body.to_string());
    };
    // A boundary is the same in text and in bytes that are none, as far as this is concerned.
    let text = String::from_utf8_lossy(&body.bytes()).into_owned();
    Some(text.replace(&boundary, "boundary"))
}
