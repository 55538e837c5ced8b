//! What is kept out of cassettes.

use std::collections::BTreeSet;

use http::HeaderMap;
use url::Url;

use super::exchange::object;
use super::{Exchange, Json, RecordedBody, RecordedRequest};

/// What stands in the place of a secret.
const MASKED: &str = "masked";

/// A value that is shorter may be anything, and is masked only where its name says that it is secret.
const SHORTEST: usize = 8;

/// Which values are secret, by name: of header fields, of members of JSON at any depth, and of
/// parameters of URLs and forms. What was secret once on a cassette is masked wherever it appears again.
///
/// By default it masks `Authorization`, cookies, `mac_key`, codes, tokens, secrets and passwords.
///
/// ```
/// use tent_testkit::cassette::{Cassette, Mask};
///
/// let mask = Mask::default().header("x-api-key").member("pin");
/// let cassette = Cassette::new().with_mask(mask);
/// ```
#[derive(Debug, Clone)]
pub struct Mask {
    headers: BTreeSet<String>,
    members: BTreeSet<String>,
}

impl Default for Mask {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            headers: names(&[
                "authorization",
                "cookie",
                "proxy-authorization",
                "set-cookie",
            ]),
            members: names(&[
                "access_token",
                "client_secret",
                "code",
                "id_token",
                "mac",
                "mac_key",
                "passphrase",
                "password",
                "refresh_token",
                "secret",
                "state",
                "token",
            ]),
        }
    }
}

impl Mask {
    /// Masks a header field, too.
    #[must_use]
    pub fn header(mut self, name: &str) -> Self {
        self.headers.insert(name.to_ascii_lowercase());
        self
    }

    /// Masks members of JSON, and parameters of URLs and forms, that have this name, too.
    #[must_use]
    pub fn member(mut self, name: &str) -> Self {
        self.members.insert(name.to_owned());
        self
    }

    /// Header fields as they are recorded: those of the connection left out, secrets masked, but for
    /// the scheme of an authorization.
    pub(super) fn fields(&self, headers: &HeaderMap, secrets: &mut Secrets) -> Json {
        const OF_THE_CONNECTION: [&str; 4] = [
            "connection",
            "content-length",
            "keep-alive",
            "transfer-encoding",
        ];
        let fields = headers.iter().map(|(name, value)| {
            let name = name.as_str().to_owned();
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            if !self.headers.contains(&name) {
                return (name, value);
            }
            secrets.note_field(&name, &value);
            let masked = match value.split_once(' ') {
                Some((scheme, _)) if name.ends_with("authorization") => {
                    format!("{scheme} {MASKED}")
                }
                _ => MASKED.to_owned(),
            };
            (name, masked)
        });
        object(
            fields
                .filter(|(name, _)| !OF_THE_CONNECTION.contains(&name.as_str()))
                .collect(),
        )
    }

    pub(super) fn url(&self, url: &Url, secrets: &mut Secrets) -> String {
        let mut masked = url.clone();
        if let Some(query) = url.query() {
            masked.set_query(Some(&self.pairs(query, secrets)));
        }
        masked.into()
    }

    pub(super) fn body(
        &self,
        bytes: &[u8],
        is_form: bool,
        secrets: &mut Secrets,
    ) -> Option<RecordedBody> {
        if let (true, Ok(form)) = (is_form, std::str::from_utf8(bytes)) {
            return RecordedBody::of(self.pairs(form, secrets).as_bytes());
        }
        let body = RecordedBody::of(bytes)?;
        match Json::read(bytes).map(|json| (self.json(&json, secrets), json)) {
            Some((masked, json)) if masked != json => Some(RecordedBody::Json(masked)),
            _ => Some(body),
        }
    }

    fn pairs(&self, query: &str, secrets: &mut Secrets) -> String {
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, value)) if self.members.contains(name) => {
                secrets.note(value);
                format!("{name}={MASKED}")
            }
            _ => pair.to_owned(),
        });
        pairs.collect::<Vec<_>>().join("&")
    }

    fn json(&self, json: &Json, secrets: &mut Secrets) -> Json {
        match json {
            Json::Array(items) => {
                Json::Array(items.iter().map(|item| self.json(item, secrets)).collect())
            }
            Json::Object(members) => {
                let masked = members.iter().map(|(name, value)| match value {
                    Json::String(text) if self.members.contains(name) => {
                        secrets.note(text);
                        (name.clone(), Json::String(MASKED.to_owned()))
                    }
                    value => (name.clone(), self.json(value, secrets)),
                });
                Json::Object(masked.collect())
            }
            other => other.clone(),
        }
    }
}

/// The secrets that a cassette met while it was recorded. They are never written.
#[derive(Default)]
pub(super) struct Secrets(BTreeSet<String>);

impl Secrets {
    fn note(&mut self, secret: &str) {
        if secret.len() >= SHORTEST && secret != MASKED {
            self.0.insert(secret.to_owned());
        }
    }

    /// Notes what is secret in a header field: of a cookie its value, and of an authorization the
    /// credentials, unless they are a signature, which is good only once.
    fn note_field(&mut self, name: &str, value: &str) {
        let cookies = value.split(';').filter_map(|pair| pair.split_once('='));
        match name {
            "cookie" => cookies.for_each(|(_, value)| self.note(value)),
            "set-cookie" => cookies.take(1).for_each(|(_, value)| self.note(value)),
            _ if name.ends_with("authorization") => match value.split_once(' ') {
                Some(("MAC", _)) => {}
                Some((_, credentials)) => self.note(credentials),
                None => self.note(value),
            },
            _ => self.note(value),
        }
    }

    /// The exchange, without any secret that another one had.
    pub(super) fn scrub(&self, exchange: &Exchange) -> Exchange {
        let mut scrubbed = exchange.clone();
        let RecordedRequest {
            url, headers, body, ..
        } = &mut scrubbed.request;
        self.scrub_text(url);
        self.scrub_json(headers);
        self.scrub_body(body);
        if let Some(answer) = &mut scrubbed.answer {
            self.scrub_json(&mut answer.headers);
            self.scrub_body(&mut answer.body);
        }
        scrubbed
    }

    fn scrub_text(&self, text: &mut String) {
        for secret in &self.0 {
            if text.contains(secret) {
                *text = text.replace(secret, MASKED);
            }
        }
    }

    fn scrub_json(&self, json: &mut Json) {
        match json {
            Json::String(text) => self.scrub_text(text),
            Json::Array(items) => items.iter_mut().for_each(|item| self.scrub_json(item)),
            Json::Object(members) => {
                for (name, value) in members {
                    self.scrub_text(name);
                    self.scrub_json(value);
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    fn scrub_body(&self, body: &mut Option<RecordedBody>) {
        match body {
            Some(RecordedBody::Json(json)) => self.scrub_json(json),
            Some(RecordedBody::Text(text)) => self.scrub_text(text),
            Some(binary) => {
                let mut bytes = binary.bytes().to_vec();
                for secret in &self.0 {
                    blank(&mut bytes, secret.as_bytes());
                }
                *body = RecordedBody::of(&bytes);
            }
            None => {}
        }
    }
}

/// Overwrites what is found in bytes that have no other form.
fn blank(bytes: &mut [u8], found: &[u8]) {
    let mut from = 0;
    while let Some(place) = bytes.get_mut(from..from + found.len()) {
        if place == found {
            place.fill(b'x');
        }
        from += 1;
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}
