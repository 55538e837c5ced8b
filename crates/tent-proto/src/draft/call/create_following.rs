//! `POST /following`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{created, with_json};
use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::draft::model::Following;
use crate::json::DecodeError;
use crate::{BuildError, FollowingId, Server};

/// `POST /following`: follows an entity.
///
/// The document shows an answer without a body; its id is given where the server tells it.
///
/// Source: `docs/protocol.md` §8.2.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateFollowing {
    /// Whom to follow, and in which groups.
    pub following: Following,
}

impl CreateFollowing {
    /// Follows this entity, a host name.
    pub fn new(entity: impl Into<String>) -> Self {
        let entity = Some(entity.into());
        Self {
            following: Following {
                entity,
                ..Following::default()
            },
        }
    }

    /// In this group, which need not exist.
    #[must_use]
    pub fn in_group(mut self, name: impl Into<String>) -> Self {
        self.following.groups.push(name.into());
        self
    }
}

impl Call for CreateFollowing {
    type Answer = Option<FollowingId>;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::OnlyIfUnsent
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        with_json(
            Method::POST,
            server.endpoint("following").url()?,
            &self.following,
        )
    }

    fn answer(
        &self,
        _: &Server,
        answer: Response<Bytes>,
    ) -> Result<Option<FollowingId>, DecodeError> {
        Ok(created(&answer).map(Into::into))
    }
}

impl Receive for CreateFollowing {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::POST, "following")?;
        let following: Following = request.json()?;
        match &following.entity {
            Some(entity) if !entity.is_empty() => Ok(Self { following }),
            _ => Err(ReceiveError::Body(DecodeError::Missing("entity"))),
        }
    }
}
