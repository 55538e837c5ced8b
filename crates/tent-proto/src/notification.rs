//! Receiving posts that a server sends to an app.
//!
//! # Asking
//!
//! The app says where it receives when it asks to be approved, with
//! [`ApprovalRequest::notification_url`](crate::login::ApprovalRequest::notification_url). From then on
//! the server sends the posts that the person publishes, and with the scope `read_posts` those that
//! come from others, of the types that were granted. Nobody puts a challenge to the app.
//!
//! # Keeping it
//!
//! The URL is one of the approval, not of the app. The reference server loses it when an app is
//! approved again with another one (`docs/protocol.md` §7.6). So an app looks after each login:
//!
//! ```
//! use tent_flow::Seed;
//! use tent_flow::script::{Answer, Script};
//! use tent_proto::call::{GetApp, RevokeAuthorization};
//!
//! # let registration = tent_proto::login::Registration::new(
//! #     "https://alice.example".parse()?,
//! #     vec!["https://tent.alice.example".parse()?],
//! #     "Hk3pQz9v".into(),
//! #     tent_proto::mac::Credentials::new("a:Yw2m8", "5f0c2e8a", Default::default())?,
//! # );
//! let mut server = Script::new()
//!     .on("GET", "https://tent.alice.example/apps/Hk3pQz9v", Answer::json(
//!         r#"{"id": "Hk3pQz9v", "authorizations": [{"id": "z1", "notification_url": null}]}"#))
//!     .on("DELETE", "https://tent.alice.example/apps/Hk3pQz9v/authorizations/z1", Answer::status(200));
//!
//! let session = registration.session(Seed::new([7; 32]));
//! let app = server.run(session.call(GetApp::new(registration.app.clone())))?;
//! let url = Some("https://app.example/notify");
//! for granted in app.authorizations {
//!     if granted.notification_url.as_deref() != url && let Some(id) = granted.id {
//!         // It was lost: what was granted is given back, and the person asked once more.
//!         server.run(session.call(RevokeAuthorization::new(registration.app.clone(), id)))?;
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An app with the scope `write_apps` may instead set it, with an
//! [`UpdateAuthorization`](crate::call::UpdateAuthorization) that names the `post_types` too.
//!
//! # Receiving
//!
//! A [`Receiver`] verifies each request, refuses what was sent before, and reads the posts. The example
//! `receive_notifications` is one on axum. Servers receive posts from one another in the same form; for
//! those there is [`NotifyFollower`](crate::call::NotifyFollower).

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use serde::Deserialize;
use serde::de::IgnoredAny;
use tent_flow::Moment;
use url::Url;

use crate::Post;
use crate::draft;
use crate::draft::convert::Converter;
use crate::draft::model::Removed;
use crate::json::{self, DecodeError};
use crate::mac::{Credentials, Header, HeaderError, Normalized};
use crate::model::Content;

/// How far the clock of a server may be off, in seconds.
const WINDOW: u64 = 10 * 60;

/// Receives what servers send to an app's notification URL: a signed `POST` of one post, or of a list
/// of posts from a server of the [draft].
///
/// An app asks for it with
/// [`ApprovalRequest::notification_url`](crate::login::ApprovalRequest::notification_url). Whoever
/// serves the URL hands each request on, and answers with `200` soon, or with the status of the error.
/// A request is signed with the credential of the account that it belongs to.
///
/// That the signature is good says that the person's own server sent it, not that the post's entity
/// wrote it. The same post can come again, and in any order: entity and id tell which it is, and the
/// higher version counts.
///
/// Source: tent.io 0.2, server-protocol; `docs/protocol.md` §6.9 and §8.7.
///
/// ```
/// use tent_flow::Moment;
/// use tent_proto::mac::{Algorithm, Credentials, Stamp};
/// use tent_proto::notification::Receiver;
///
/// let url: url::Url = "https://app.example/notify".parse()?;
/// let mut receiver = Receiver::new(url.clone());
/// let credentials = Credentials::new("u:7nC2", "0f1e2d3c", Algorithm::HmacSha256)?;
///
/// # let stamp = Stamp { timestamp: 1356998400, nonce: "3721c8" };
/// # let authorization = credentials.sign(&http::Method::POST, &url, stamp);
/// let now = Moment::at_epoch_seconds(1356998401); // the clock, in a program
/// let body = br#"{"id":"p0Lk3","entity":"https://bob.example"}"#;
/// let find = |id: &str| (id == "u:7nC2").then(|| credentials.clone());
/// let received = receiver.receive(now, Some(&authorization), body, find)?;
/// assert_eq!(received.posts[0].id.as_ref().unwrap().as_str(), "p0Lk3");
///
/// // What was captured on the way is of no use.
/// let again = receiver.receive(now, Some(&authorization), body, find).unwrap_err();
/// assert_eq!(again.status(), 401);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Receiver {
    url: Url,
    /// Ids and nonces by timestamp, of what was received within the window.
    seen: BTreeMap<u64, BTreeSet<(String, String)>>,
}

/// What a server sent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Notification {
    /// The id of the credential it is signed with, which says whose server sent it.
    pub mac_id: String,
    /// The posts: one, or any number from a server of the draft before v0.1. Those of the draft are
    /// [converted](crate::draft::convert).
    pub posts: Vec<Post>,
}

/// What a server of the draft says has ended: followings and followers.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Removal {
    /// The id of the credential it is signed with, which says whose server sent it.
    pub mac_id: String,
    /// What has ended.
    pub removed: Vec<Removed>,
}

/// Why a notification is not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotificationError {
    /// It is not signed, so anybody may have sent it.
    #[error("the notification is not signed")]
    Unsigned,
    /// Its `Authorization` header cannot be read.
    #[error("the notification's signature cannot be read")]
    Header(#[source] HeaderError),
    /// It is signed with a credential that the app does not have.
    #[error("the notification is signed with a credential that is not known")]
    UnknownId,
    /// It is not signed by who has the key, or for another URL.
    #[error("the notification's signature does not fit")]
    Mismatch,
    /// It was signed too long ago, or too far in the future.
    #[error("the notification was signed {0} seconds from now, which is too far off")]
    Stale(u64),
    /// It was received before.
    #[error("the notification was received before")]
    Replayed,
    /// Its body is not what a notification holds.
    #[error("the notification cannot be read")]
    Body(#[source] DecodeError),
}

impl NotificationError {
    /// The status to answer with.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Mismatch => StatusCode::FORBIDDEN,
            Self::Body(_) => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNAUTHORIZED,
        }
    }
}

impl Receiver {
    /// Receives at this URL: the one that was registered, as servers see it, whatever proxies are
    /// in between.
    pub const fn new(url: Url) -> Self {
        Self {
            url,
            seen: BTreeMap::new(),
        }
    }

    /// Accepts a request, given its `Authorization` header and its body. `find` finds the credential of
    /// an id among those of the app's accounts.
    ///
    /// # Errors
    ///
    /// [`NotificationError`] says why it is not accepted, and [how to answer](NotificationError::status).
    pub fn receive(
        &mut self,
        now: Moment,
        authorization: Option<&str>,
        body: &[u8],
        find: impl FnOnce(&str) -> Option<Credentials>,
    ) -> Result<Notification, NotificationError> {
        let mac_id = self.verify("POST", now, authorization, find)?;
        let bodies = each(body).map_err(NotificationError::Body)?;
        let posts = bodies.iter().map(post).collect::<Result<_, _>>();
        Ok(Notification {
            mac_id,
            posts: posts.map_err(NotificationError::Body)?,
        })
    }

    /// Accepts a `DELETE` of the draft, whose servers tell so that a following or a follower is no
    /// more. What its body holds is not specified further; a list is read, and a single object.
    ///
    /// # Errors
    ///
    /// As [`receive`](Self::receive).
    pub fn receive_removal(
        &mut self,
        now: Moment,
        authorization: Option<&str>,
        body: &[u8],
        find: impl FnOnce(&str) -> Option<Credentials>,
    ) -> Result<Removal, NotificationError> {
        let mac_id = self.verify("DELETE", now, authorization, find)?;
        let bodies = each(body).map_err(NotificationError::Body)?;
        let removed = bodies.iter().map(Content::read).collect::<Result<_, _>>();
        Ok(Removal {
            mac_id,
            removed: removed.map_err(NotificationError::Body)?,
        })
    }

    /// The id of the credential that a request is signed with, if it is, and was not received before.
    fn verify(
        &mut self,
        method: &'static str,
        now: Moment,
        authorization: Option<&str>,
        find: impl FnOnce(&str) -> Option<Credentials>,
    ) -> Result<String, NotificationError> {
        let header = authorization.ok_or(NotificationError::Unsigned)?;
        let header = match Header::parse(header) {
            Err(HeaderError::NotMac) => return Err(NotificationError::Unsigned),
            header => header.map_err(NotificationError::Header)?,
        };
        let credentials = find(header.id()).ok_or(NotificationError::UnknownId)?;
        let request = Normalized::for_url(method, &self.url, header.timestamp(), header.nonce());
        let verified = credentials.verify(&header, &request);
        verified.map_err(|_| NotificationError::Mismatch)?;
        self.admit(now.epoch_seconds(), &header)?;
        Ok(header.id().to_owned())
    }

    /// Notes a request whose signature is good, unless it is old or was noted before. So what it takes
    /// to fill the memory is a key.
    fn admit(&mut self, now: u64, header: &Header<'_>) -> Result<(), NotificationError> {
        let off = now.abs_diff(header.timestamp());
        if off > WINDOW {
            return Err(NotificationError::Stale(off));
        }
        self.seen = self.seen.split_off(&now.saturating_sub(WINDOW));
        let seen = self.seen.entry(header.timestamp()).or_default();
        let is_new = seen.insert((header.id().to_owned(), header.nonce().to_owned()));
        is_new.then_some(()).ok_or(NotificationError::Replayed)
    }
}

/// The elements of a list, or the one thing that there is.
fn each(body: &[u8]) -> Result<Vec<Content>, DecodeError> {
    if body.trim_ascii_start().starts_with(b"[") {
        json::decode(body)
    } else {
        Ok(vec![json::decode(body)?])
    }
}

/// A post of any dialect: in the draft its type is within its content.
fn post(body: &Content) -> Result<Post, DecodeError> {
    #[derive(Deserialize)]
    struct Shape {
        #[serde(rename = "type")]
        post_type: Option<IgnoredAny>,
        content: Option<Content>,
    }
    #[derive(Deserialize)]
    struct Typed {
        #[serde(rename = "type")]
        _type: BTreeMap<String, IgnoredAny>,
    }
    let shape: Shape = body.read()?;
    let is_draft = |content: Content| content.read::<Typed>().is_ok();
    if shape.post_type.is_some() || !shape.content.is_some_and(is_draft) {
        return body.read();
    }
    let post: draft::model::Post = body.read()?;
    let converted = Converter::new().post_to_v0(&post);
    converted.map_err(|cause| DecodeError::Unusable("post", cause.into()))
}

#[cfg(test)]
mod tests;
