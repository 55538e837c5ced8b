//! `PUT /profile/:type`

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Response};
use serde_json::value::RawValue;
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request_with_json};
use crate::json::{DecodeError, decode};
use crate::model::{Content, Section};
use crate::{BuildError, Profile, Server, TypeUri};

/// `PUT /profile/:type`: replaces a section of the profile, or adds it. The answer is the whole
/// profile.
///
/// It replaces, so what others have put there is to be read first:
/// [`Session::edit_profile`](crate::Session::edit_profile) does. Without `permissions` a section keeps
/// who may see it, and a new one is private. `version` and `tent_version` are the server's.
///
/// Needs the scope `write_profile`. It is never sent again when it might have been received, since each
/// makes a version and publishes a post (`docs/protocol.md` §7.11.6).
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.2.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutProfileSection {
    /// The type of the section.
    pub section: TypeUri,
    /// What it shall hold, in an object.
    pub content: Content,
}

impl PutProfileSection {
    /// Makes this the content of the section, but for `version` and `tent_version`, which a server
    /// adds to what it shows and does not take back.
    pub fn new(section: TypeUri, content: Content) -> Self {
        let content = own_members(&content).unwrap_or(content);
        Self { section, content }
    }

    /// Makes this the content of the section of its type.
    ///
    /// # Errors
    ///
    /// When it cannot be written as JSON.
    pub fn of<S: Section>(section: &S) -> Result<Self, serde_json::Error> {
        Ok(Self::new(S::type_uri(), Content::new(section)?))
    }
}

/// The content without what the server adds, where it has some of that.
fn own_members(content: &Content) -> Option<Content> {
    let mut members: BTreeMap<String, Box<RawValue>> = content.read().ok()?;
    let count = members.len();
    members.retain(|name, _| name != "version" && name != "tent_version");
    if members.len() == count {
        return None;
    }
    Content::new(&members).ok()
}

impl Call for PutProfileSection {
    type Answer = Profile;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::OnlyIfUnsent
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        request_with_json(
            Method::PUT,
            server
                .endpoint("profile")
                .segment(self.section.as_str())
                .url()?,
            &self.content,
        )
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Profile, DecodeError> {
        decode(answer.body())
    }
}

impl Receive for PutProfileSection {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [section] = request.matching(&Method::PUT, "profile/:type")?;
        let content: Content = request.json()?;
        if !content.as_json().starts_with('{') {
            return Err(ReceiveError::NotAnObject);
        }
        Ok(Self::new(section.into(), content))
    }
}
