//! `POST /followings`

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Replay, request_with_json};
use crate::json::{DecodeError, decode_secret};
use crate::model::Following;
use crate::{BuildError, Entity, Server};

/// `POST /followings`: follows an entity. The server discovers it and asks its server meanwhile, which
/// can take a while: the call may take 60 seconds.
///
/// A `409` says that the person follows it already, a `404` that it cannot be reached.
///
/// Needs the scope `write_followings`.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.4.
#[derive(Debug, Clone)]
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
