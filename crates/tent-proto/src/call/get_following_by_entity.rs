//! `GET /followings/:entity`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Replay, last_segment_of_location, request};
use crate::json::{DecodeError, decode_secret};
use crate::model::Following;
use crate::{BuildError, Entity, Server};

/// `GET /followings/:entity`: reads the following that is this entity. Since v0.2.
///
/// Old servers answered with an object whose members are all `null`; the id is then taken from the
/// `Content-Location` of the answer, and the rest stays absent.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.4.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GetFollowingByEntity {
    /// Who it is.
    pub entity: Entity,
}

impl GetFollowingByEntity {
    /// Reads the following that is this entity.
    pub const fn new(entity: Entity) -> Self {
        Self { entity }
    }
}

impl Call for GetFollowingByEntity {
    type Answer = Following;

    fn access(&self) -> Access {
        Access::Optional
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server
            .endpoint("followings")
            .segment(self.entity.as_str())
            .url()?;
        Ok(request(Method::GET, url))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Following, DecodeError> {
        let mut found: Following = decode_secret(answer.body())?;
        if found.id.is_none() {
            found.id = last_segment_of_location(&answer).map(Into::into);
        }
        Ok(found)
    }
}
