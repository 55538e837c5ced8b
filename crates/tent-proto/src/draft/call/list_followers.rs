//! `GET /followers`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::accepting;
use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::draft::model::Follower;
use crate::json::{DecodeError, decode};
use crate::{BuildError, Server};

/// `GET /followers`: lists who follows the person, all at once.
///
/// Source: `docs/protocol.md` §8.2.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListFollowers;

impl Call for ListFollowers {
    type Answer = Vec<Follower>;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        Ok(accepting(Request::new(
            Method::GET,
            server.endpoint("followers").url()?,
        )))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Vec<Follower>, DecodeError> {
        decode(answer.body())
    }
}

impl Receive for ListFollowers {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::GET, "followers")?;
        Ok(Self)
    }
}
