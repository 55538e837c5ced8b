//! `POST /followers`, from server to server

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request_with_json};
use crate::follow::NotificationPath;
use crate::json::{DecodeError, decode_secret};
use crate::model::{Follower, Permissions};
use crate::{BuildError, Entity, Server, TypeUri};

/// `POST /followers`, unsigned: a server asks another one to let somebody follow. The answer is the
/// follower with a credential, after the asking server has been
/// [challenged](super::ChallengeFollower) meanwhile; the call may take 60 seconds.
///
/// Who follows already gets a new key for the old id of the credential, and nothing else changes: a
/// [`PUT`](super::UpdateFollower) changes types and licenses. So of two requests at once only one key
/// works, and the call is sent again only when it cannot have been received.
///
/// [`follow`](crate::follow::follow) is the flow that makes it.
///
/// Source: tent.io 0.2, server-protocol; `docs/protocol.md` §6.8.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestFollow {
    /// Who wants to follow.
    pub entity: Entity,
    /// Where posts shall be delivered and the challenge be put, below the API root of the entity.
    pub notification_path: NotificationPath,
    /// The types of posts to deliver; `all`, or none named, for all.
    pub types: Vec<TypeUri>,
    /// URIs of licenses.
    pub licenses: Vec<String>,
    /// Who may see that the entity follows. Public unless something else is said.
    pub permissions: Option<Permissions>,
}

impl RequestFollow {
    /// Asks for all posts, to be delivered to this path.
    pub fn new(entity: Entity, notification_path: NotificationPath) -> Self {
        Self {
            entity,
            notification_path,
            types: vec![TypeUri::all()],
            licenses: Vec::new(),
            permissions: None,
        }
    }

    /// Asks for posts of these types alone.
    #[must_use]
    pub fn types(mut self, types: impl IntoIterator<Item = TypeUri>) -> Self {
        self.types = types.into_iter().collect();
        self
    }

    /// Names a license.
    #[must_use]
    pub fn license(mut self, uri: impl Into<String>) -> Self {
        self.licenses.push(uri.into());
        self
    }

    /// Says who may see that the entity follows.
    #[must_use]
    pub fn permissions(mut self, permissions: Permissions) -> Self {
        self.permissions = Some(permissions);
        self
    }
}

impl Call for RequestFollow {
    type Answer = Follower;

    fn access(&self) -> Access {
        Access::Public
    }

    fn replay(&self) -> Replay {
        Replay::OnlyIfUnsent
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let follower = Follower {
            entity: Some(self.entity.clone()),
            types: self.types.clone(),
            licenses: self.licenses.clone(),
            permissions: self.permissions.clone(),
            notification_path: Some(self.notification_path.as_str().to_owned()),
            ..Follower::default()
        };
        let url = server.endpoint("followers").url()?;
        let request = request_with_json(Method::POST, url, &follower)?;
        Ok(request.with_timeout(Duration::from_secs(60)))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Follower, DecodeError> {
        decode_secret(answer.body())
    }
}

impl Receive for RequestFollow {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::POST, "followers")?;
        let follower: Follower = request.secret_json()?;
        let path = follower.notification_path;
        let path = path.ok_or(DecodeError::Missing("notification_path"));
        let path = path.and_then(|path| {
            let path = path.parse();
            path.map_err(|cause| DecodeError::Unusable("notification_path", Box::new(cause)))
        });
        let entity = follower.entity.ok_or(DecodeError::Missing("entity"));
        let entity = entity.and_then(|entity| match entity.url() {
            Ok(_) => Ok(entity),
            Err(cause) => Err(DecodeError::Unusable("entity", Box::new(cause))),
        });
        Ok(Self {
            entity: entity.map_err(ReceiveError::Body)?,
            notification_path: path.map_err(ReceiveError::Body)?,
            types: follower.types,
            licenses: follower.licenses,
            permissions: follower.permissions,
        })
    }
}
