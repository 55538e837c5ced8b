//! `PATCH /profile`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{accepting, with_json};
use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::draft::model::Info;
use crate::json::{DecodeError, decode};
use crate::{BuildError, Server};

/// `PATCH /profile`: replaces the profile. All parts are sent, with what shall change changed; the answer
/// is the profile as it then is. An app may be allowed to change some parts alone.
///
/// It may be sent again: the draft has no versions, so that the profile is the same then.
///
/// Source: `docs/protocol.md` §8.2.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdateProfile {
    /// The profile, whole.
    pub profile: Vec<Info>,
}

impl UpdateProfile {
    /// Makes this the profile.
    pub const fn new(profile: Vec<Info>) -> Self {
        Self { profile }
    }
}

impl Call for UpdateProfile {
    type Answer = Vec<Info>;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server.endpoint("profile").url()?;
        Ok(accepting(with_json(Method::PATCH, url, &self.profile)?))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Vec<Info>, DecodeError> {
        decode(answer.body())
    }
}

impl Receive for UpdateProfile {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::PATCH, "profile")?;
        Ok(Self::new(request.json_list()?))
    }
}
