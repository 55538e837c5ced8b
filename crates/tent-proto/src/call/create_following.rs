//! `POST /followings`

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request_with_json};
use crate::json::{DecodeError, decode_secret};
use crate::model::Following;
use crate::{BuildError, Entity, Server};

/// `POST /followings`: follows an entity. The server discovers it and asks its server meanwhile, which
/// can take a while: the call may take 60 seconds.
///
/// A `409` says that the person follows it already, a `404` that it cannot be reached; any other
/// refusal may be that of the other server. What failed halfway can be tried again, and is then
/// resumed; but since no answer tells how far it came, that is left to the caller, and the call is
/// sent again by itself only when it cannot have been received.
///
/// The entity of the answer is the canonical one, and can differ from the one that was asked for.
///
/// Needs the scope `write_followings`, and for the `mac_*` members `write_secrets` too.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.4.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateFollowing {
    /// Whom to follow, and in which groups.
    pub following: Following,
}

impl CreateFollowing {
    /// Follows this entity.
    pub fn new(entity: Entity) -> Self {
        let entity = Some(entity);
        Self {
            following: Following {
                entity,
                ..Following::default()
            },
        }
    }
}

impl Call for CreateFollowing {
    type Answer = Following;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::OnlyIfUnsent
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server.endpoint("followings").url()?;
        let request = request_with_json(Method::POST, url, &self.following)?;
        Ok(request.with_timeout(Duration::from_secs(60)))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Following, DecodeError> {
        decode_secret(answer.body())
    }
}

impl Receive for CreateFollowing {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::POST, "followings")?;
        let following: Following = request.secret_json()?;
        if following.entity.is_none() {
            return Err(ReceiveError::Body(DecodeError::Missing("entity")));
        }
        Ok(Self { following })
    }
}
