//! `tent api`

use clap::Args;
use http::{HeaderMap, Method, StatusCode};
use serde_json::value::RawValue;

use crate::failure::{Failure, Outcome};
use crate::input;
use crate::output;
use crate::plain::plain;
use crate::program::Program;

/// Make any call, signed, and print the answer as it comes
#[derive(Debug, Args)]
pub(crate) struct Api {
    /// GET, HEAD, POST, PUT or DELETE
    method: String,
    /// What comes after the server's URL, as it shall be sent: posts?limit=2
    path: String,
    /// The body; @FILE reads it from a file, @- from standard input
    #[arg(long, value_name = "JSON|@FILE")]
    data: Option<String>,
    /// Print the status line and the headers too
    #[arg(long, short)]
    include: bool,
}

impl Api {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let method = Method::from_bytes(self.method.to_ascii_uppercase().as_bytes())
            .map_err(|error| Failure::usage("that is not a method").because(&error))?;
        let mut call = tent_proto::call::Api::new(method, self.path);
        if let Some(data) = self.data {
            call = call.with_body(input::json(data)?);
        }
        let session = program.session()?;
        let show = |status, headers: &HeaderMap, body: &[u8]| {
            if program.json() {
                show_json(status, headers, body, self.include)
            } else {
                show_as_it_came(status, headers, body, self.include)
            }
        };
        match program.try_call(&session, call)? {
            Ok(answer) => show(answer.status(), answer.headers(), answer.body()),
            Err(error) => {
                // A refusal is an answer too, and what it says is why somebody asked.
                if let Some(refusal) = error.refusal() {
                    show(refusal.status(), refusal.headers(), refusal.body())?;
                }
                Err(Failure::of_call(error, session.entity()).into())
            }
        }
    }
}

fn show_as_it_came(status: StatusCode, headers: &HeaderMap, body: &[u8], include: bool) -> Outcome {
    if include {
        output::line(&format!("HTTP/1.1 {status}"))?;
        for (name, value) in headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            output::line(&format!("{name}: {}", plain(&value)))?;
        }
        output::line("")?;
    }
    output::body(body)
}

fn show_json(status: StatusCode, headers: &HeaderMap, body: &[u8], include: bool) -> Outcome {
    let text = String::from_utf8_lossy(body);
    let raw = match serde_json::from_slice::<&RawValue>(body) {
        Ok(raw) => Ok(raw.to_owned()),
        Err(_) if body.is_empty() => serde_json::value::to_raw_value(&()),
        Err(_) => serde_json::value::to_raw_value(&text),
    };
    let raw = raw.map_err(|error| Failure::local("the answer could not be shown", &error))?;
    if !include {
        return output::json(&raw);
    }
    #[derive(serde::Serialize)]
    struct Answer<'a> {
        status: u16,
        headers: Vec<(&'a str, String)>,
        body: &'a RawValue,
    }
    let headers = headers.iter();
    let headers = headers.map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str(), value.into_owned())
    });
    output::json(&Answer {
        status: status.as_u16(),
        headers: headers.collect(),
        body: &raw,
    })
}
