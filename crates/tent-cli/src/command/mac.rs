//! `tent mac`

use std::io;

use clap::{Args, Subcommand, ValueEnum};
use http::Method;
use serde_json::json;
use tent_proto::mac::{self, Credentials, Header, Normalized, Stamp};
use url::{Position, Url};

use crate::exit::Exit;
use crate::failure::{Failure, Outcome, Stop};
use crate::output;

/// Sign and verify by hand, without a network
#[derive(Debug, Args)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Mac {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Sign(Sign),
    Verify(Verify),
}

/// The key of a credential.
#[derive(Debug, Args)]
struct Key {
    /// The key; - reads it from standard input, and TENT_MAC_KEY hides it from the process list
    #[arg(
        long,
        env = "TENT_MAC_KEY",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    key: String,
    /// The algorithm
    #[arg(long, value_enum, default_value_t)]
    algorithm: Algorithm,
}

/// The algorithm of a MAC.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Algorithm {
    #[default]
    #[value(name = "hmac-sha-256")]
    HmacSha256,
    #[value(name = "hmac-sha-1")]
    HmacSha1,
}

impl From<Algorithm> for mac::Algorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::HmacSha256 => Self::HmacSha256,
            Algorithm::HmacSha1 => Self::HmacSha1,
        }
    }
}

/// Print the value of the Authorization header for a request
#[derive(Debug, Args)]
struct Sign {
    /// The id of the credential
    #[arg(long)]
    id: String,
    #[command(flatten)]
    key: Key,
    /// The time, in epoch seconds
    #[arg(long, value_name = "N")]
    ts: u64,
    /// The nonce
    #[arg(long, value_name = "S")]
    nonce: String,
    /// The method
    method: String,
    /// The whole URL
    url: String,
}

/// Print whether the Authorization header of a request is valid; if not, exit with 1
#[derive(Debug, Args)]
struct Verify {
    #[command(flatten)]
    key: Key,
    /// The method
    method: String,
    /// The whole URL
    url: String,
    /// The header, or its value alone
    header: String,
}

impl Mac {
    pub(crate) fn run(self, json: bool) -> Outcome {
        match self.action {
            Action::Sign(sign) => sign.run(json),
            Action::Verify(verify) => verify.run(json),
        }
    }
}

impl Key {
    fn credentials(self, id: &str) -> Outcome<Credentials> {
        let key = if self.key == "-" {
            read_key()?
        } else {
            self.key
        };
        let credentials = Credentials::new(id, key, self.algorithm.into());
        Ok(credentials
            .map_err(|error| Failure::usage("that is not a credential").because(&error))?)
    }
}

impl Sign {
    fn run(self, json: bool) -> Outcome {
        let (method, url) = (parse_method(&self.method)?, parse_url(&self.url)?);
        let credentials = self.key.credentials(&self.id)?;
        let stamp = Stamp {
            timestamp: self.ts,
            nonce: &self.nonce,
        };
        let value = credentials.sign(&method, &url, stamp);
        // What a header cannot carry would be signed, and then read as something else.
        Header::parse(&value).map_err(|error| {
            Failure::usage("the nonce cannot stand in a header").because(&error)
        })?;
        if json {
            output::json(&json!({ "authorization": value }))
        } else {
            output::line(&value)
        }
    }
}

impl Verify {
    fn run(self, json: bool) -> Outcome {
        let (method, url) = (parse_method(&self.method)?, parse_url(&self.url)?);
        let value = header_value(&self.header);
        let reason = match Header::parse(value) {
            Ok(header) => {
                let credentials = self.key.credentials(header.id())?;
                let host = url.host_str().unwrap_or_default();
                let port = url.port_or_known_default().unwrap_or_default();
                let target = &url[Position::BeforePath..Position::AfterQuery];
                let request = Normalized::new(&header, method.as_str(), target, host, port);
                let verified = credentials.verify(&header, &request);
                verified.err().map(|error| error.to_string())
            }
            Err(error) => Some(error.to_string()),
        };
        if json {
            output::json(&json!({ "valid": reason.is_none() }))?;
        } else {
            let word = if reason.is_none() { "valid" } else { "invalid" };
            output::line(word)?;
        }
        match reason {
            None => Ok(()),
            Some(reason) => {
                if !json {
                    output::tell(&reason);
                }
                Err(Stop::Silently(Exit::Refused))
            }
        }
    }
}

/// Without the name of the header, if it is there.
fn header_value(header: &str) -> &str {
    const NAME: &str = "authorization:";
    let header = header.trim();
    match header.get(..NAME.len()) {
        Some(name) if name.eq_ignore_ascii_case(NAME) => header[NAME.len()..].trim_start(),
        _ => header,
    }
}

fn parse_method(text: &str) -> Outcome<Method> {
    let method = Method::from_bytes(text.to_ascii_uppercase().as_bytes());
    Ok(method.map_err(|error| Failure::usage("that is not a method").because(&error))?)
}

fn parse_url(text: &str) -> Outcome<Url> {
    let wrong = |error| Failure::usage(format!("{text} is not a whole URL")).because(&error);
    let url = Url::parse(text).map_err(wrong)?;
    if matches!(url.scheme(), "http" | "https") {
        Ok(url)
    } else {
        Err(Failure::usage("only http and https requests are signed").into())
    }
}

fn read_key() -> Outcome<String> {
    let mut line = String::new();
    let read = io::stdin().read_line(&mut line);
    read.map_err(|error| Failure::local("the key could not be read", &error))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
