//! `PUT /profile/:type`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Replay, request_with_json};
use crate::json::{DecodeError, decode};
use crate::model::Content;
use crate::{BuildError, Profile, Server, TypeUri};

/// `PUT /profile/:type`: replaces a section of the profile, or adds it. The answer is the whole
/// profile.
///
/// It replaces: read, change, write, and leave out `version` and `tent_version`, which are the
/// server's. Without `permissions` a section keeps who may see it, and a new one is private.
///
/// Needs the scope `write_profile`.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.2.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PutProfileSection {
    /// The type of the section.
    pub section: TypeUri,
    /// What it shall hold.
    pub content: Content,
}

impl PutProfileSection {
    /// Makes this the content of the section.
    pub const fn new(section: TypeUri, content: Content) -> Self {
        Self { section, content }
    }
}

impl Call for PutProfileSection {
    type Answer = Profile;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
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
