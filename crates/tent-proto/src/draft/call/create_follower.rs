//! `POST /followers`

use bytes::Bytes;
use http::{Method, Response};
use serde::{Deserialize, Serialize};
use tent_flow::Request;

use super::{accepting, created, with_json};
use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::draft::model::{License, Registered, TypeReference};
use crate::json::{DecodeError, decode_secret};
use crate::{BuildError, Server};

/// `POST /followers`: a server asks another one to follow an entity there. The answer holds the
/// credential that signs what passes between the two.
///
/// There is no challenge, as the later dialects have one, and nothing says where to deliver:
/// notifications go to the follower's API root.
///
/// Source: `docs/protocol.md` §8.7.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateFollower {
    /// Who wants to follow, a host name.
    pub entity: String,
    /// Licenses.
    #[serde(default, alias = "licences", skip_serializing_if = "Vec::is_empty")]
    pub licenses: Vec<License>,
    /// The types of posts to be delivered, in which views; the view `ignore` is not delivered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<TypeReference>,
}

impl CreateFollower {
    /// This entity, a host name, wants to follow.
    pub fn new(entity: impl Into<String>) -> Self {
        Self {
            entity: entity.into(),
            licenses: Vec::new(),
            types: Vec::new(),
        }
    }

    /// Under this license.
    #[must_use]
    pub fn under(mut self, license: License) -> Self {
        self.licenses.push(license);
        self
    }

    /// Wants posts of this type, in its view if it has one.
    #[must_use]
    pub fn post_type(mut self, post_type: TypeReference) -> Self {
        self.types.push(post_type);
        self
    }
}

impl Call for CreateFollower {
    type Answer = Registered;

    fn access(&self) -> Access {
        Access::Public
    }

    fn replay(&self) -> Replay {
        Replay::OnlyIfUnsent
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server.endpoint("followers").url()?;
        Ok(accepting(with_json(Method::POST, url, self)?))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Registered, DecodeError> {
        let mut registered: Registered = decode_secret(answer.body())?;
        registered.id = registered.id.or_else(|| created(&answer));
        Ok(registered)
    }
}

impl Receive for CreateFollower {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::POST, "followers")?;
        request.json()
    }
}
