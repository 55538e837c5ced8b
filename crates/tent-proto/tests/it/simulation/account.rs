//! The servers' side.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use tent_flow::script::{Answer, Seen};
use tent_proto::mac::Header;

/// The time by the servers' clock, which stands still, in epoch seconds.
pub(super) const NOW: u64 = 1_356_998_400;
const DATE: &str = "Tue, 01 Jan 2013 00:00:00 GMT";

/// An account that two servers serve, and a third one when it has moved.
#[derive(Default)]
pub(super) struct Account {
    /// The posts as lists show them.
    shown: Vec<String>,
    /// How often each text was published.
    published: BTreeMap<String, usize>,
    signatures: BTreeSet<String>,
    nonces: BTreeSet<String>,
    pub(super) has_moved: bool,
    pub(super) requests: usize,
}

#[derive(Deserialize)]
struct Sent {
    content: Content,
}

#[derive(Deserialize)]
struct Content {
    text: String,
}

impl Account {
    pub(super) fn published(&self, text: &str) -> usize {
        self.published.get(text).copied().unwrap_or_default()
    }

    /// Answers what arrived.
    pub(super) fn answer(&mut self, asked: &Seen) -> Answer {
        self.requests += 1;
        let host = asked.url.host_str().unwrap();
        let is_signed = asked.headers.contains_key("authorization");
        match host {
            "a.example" | "b.example" => {}
            "c.example" => assert!(self.has_moved, "the profile does not name {host}"),
            "alice.example" => {
                assert!(!is_signed, "signed for {host}");
                return self.home(asked);
            }
            // Discovery may be led anywhere, but not with a key.
            _ => {
                assert!(!is_signed, "signed for {host}");
                return Answer::status(404);
            }
        }
        assert!(is_signed);
        self.authorize(asked)
            .unwrap_or_else(|| match asked.method.as_str() {
                "POST" => self.publish(asked),
                _ => self.list(asked),
            })
    }

    /// The entity's page, and its profile.
    fn home(&self, asked: &Seen) -> Answer {
        if asked.url.path() != "/profile" {
            let link = r#"</profile>; rel="https://tent.io/rels/profile""#;
            return Answer::status(200).header("link", link);
        }
        let servers = match self.has_moved {
            true => r#""https://c.example""#,
            false => r#""https://a.example","https://b.example""#,
        };
        Answer::json(format!(
            r#"{{"https://tent.io/types/info/core/v0.1.0":
                {{"entity":"https://alice.example","servers":[{servers}]}}}}"#
        ))
    }

    fn authorize(&mut self, asked: &Seen) -> Option<Answer> {
        let value = asked.header("authorization");
        let header = Header::parse(value).unwrap();
        assert!(self.signatures.insert(value.to_owned()), "{value} twice");
        let nonce = header.nonce().to_owned();
        assert!(self.nonces.insert(nonce), "the nonce of {value} twice");
        // No sequence waits for so long.
        let is_stale = header.timestamp().abs_diff(NOW) > 5 * 3600;
        let refused = Answer::status(401).header("date", DATE);
        is_stale.then(|| refused.body(r#"{"error":"Stale MAC Timestamp"}"#))
    }

    fn publish(&mut self, asked: &Seen) -> Answer {
        let body = std::str::from_utf8(&asked.body).unwrap();
        let sent: Sent = serde_json::from_str(body).unwrap();
        *self.published.entry(sent.content.text).or_default() += 1;
        let id = self.shown.len();
        let members = body.trim_start_matches('{');
        let shown = format!(
            r#"{{"id":"p{id}","entity":"https://alice.example","published_at":{NOW},{members}"#
        );
        self.shown.push(shown.clone());
        Answer::json(shown).header("date", DATE)
    }

    fn list(&self, asked: &Seen) -> Answer {
        let query = asked.url.query().unwrap_or_default();
        let is_first = !query.contains("before_id");
        let posts = if is_first {
            self.shown.join(",")
        } else {
            String::new()
        };
        Answer::json(format!("[{posts}]")).header("date", DATE)
    }
}
