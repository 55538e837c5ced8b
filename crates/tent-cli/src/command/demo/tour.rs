//! What the visitor is shown.

use serde_json::json;
use tent_discovery::Via;
use tent_proto::login::{Account, Proof, Registration};
use tent_proto::{Discovery, Post};

use super::stage::{Person, Stage};
use crate::failure::Outcome;
use crate::output;
use crate::plain::plain;

/// Shows a step a line, or at the end of each client's round one object.
pub(super) struct Tour {
    json: bool,
    client: &'static str,
}

impl Tour {
    pub(super) fn begin(stage: &Stage, json: bool) -> Outcome<Self> {
        let tour = Self { json, client: "" };
        tour.line("A Tent server of its own, for as long as this takes:")?;
        tour.step("serve", stage.entity().as_str())?;
        if let Person::Browser(passphrase) = &stage.person {
            output::tell(&format!("  passphrase  {passphrase}"));
        }
        Ok(tour)
    }

    pub(super) fn client(&mut self, name: &'static str) -> Outcome {
        self.client = name;
        self.line(&format!("\nWith {name}:"))
    }

    pub(super) fn discovered(&self, found: &Discovery) -> Outcome {
        let link = match found.via {
            Via::LinkHeader => "Link header",
            Via::TargetField => "header field",
            Via::HtmlLink => "HTML link",
        };
        let profile = &found.profile_url;
        self.step("discover", &format!("a {link} leads to {profile}"))
    }

    pub(super) fn registered(&self, registration: &Registration) -> Outcome {
        self.step("register", &format!("as app {}", registration.app))
    }

    pub(super) fn approved(&self, stage: &Stage) -> Outcome {
        let how = match stage.person {
            Person::Form(_) => "signed in, pressed Approve, and came back with a code",
            Person::Browser(_) => "the browser came back with a code",
        };
        self.step("approve", how)
    }

    pub(super) fn exchanged(&self, account: &Account) -> Outcome {
        let algorithm = account.credentials.algorithm();
        self.step(
            "exchange",
            &format!("the code for a key to sign with, {algorithm}"),
        )
    }

    pub(super) fn proved(&self, proof: Proof) -> Outcome {
        self.step(
            "prove",
            match proof {
                Proof::Authenticated => "a signed call gave what strangers do not get",
                _ => "a signed call was not refused",
            },
        )
    }

    pub(super) fn posted(&self, post: &Post) -> Outcome {
        let id = post.id.as_ref().map_or("-", |id| id.as_str());
        self.step("post", &format!("a status, which is now {id}"))
    }

    pub(super) fn read_back(&self, post: &Post) -> Outcome {
        if self.json {
            return output::json(&json!({ "client": self.client, "post": post }));
        }
        self.step("read back", &output::post_line(post))
    }

    pub(super) fn end(self) -> Outcome {
        self.line("\nThat was all of it. The server is stopped, and its folder is gone.")
    }

    fn step(&self, name: &str, text: &str) -> Outcome {
        self.line(&format!("  {name:10}  {}", plain(text)))
    }

    fn line(&self, text: &str) -> Outcome {
        if self.json {
            return Ok(());
        }
        output::line(text)
    }
}
