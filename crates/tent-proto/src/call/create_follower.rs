//! `POST /followers`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request_with_json};
use crate::json::{DecodeError, decode_secret};
use crate::model::Follower;
use crate::{BuildError, Server};

/// `POST /followers`, signed: brings in a follower from another server, with the credential that it
/// has, as one does who moves. The answer is the follower.
///
/// Doing it twice may make two followers, so it is sent again only when it cannot have been received.
/// An unsigned one is a [`RequestFollow`](super::RequestFollow).
///
/// Needs the scopes `write_followers` and `write_secrets`.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.3.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateFollower {
    /// Who follows, from which server, by which credential.
    pub follower: Follower,
}

impl CreateFollower {
    /// Brings in this follower.
    pub const fn new(follower: Follower) -> Self {
        Self { follower }
    }
}

impl Call for CreateFollower {
    type Answer = Follower;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::OnlyIfUnsent
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server.endpoint("followers").url()?;
        request_with_json(Method::POST, url, &self.follower)
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Follower, DecodeError> {
        decode_secret(answer.body())
    }
}

impl Receive for CreateFollower {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::POST, "followers")?;
        let follower: Follower = request.secret_json()?;
        if follower.entity.is_none() {
            return Err(ReceiveError::Body(DecodeError::Missing("entity")));
        }
        Ok(Self { follower })
    }
}
