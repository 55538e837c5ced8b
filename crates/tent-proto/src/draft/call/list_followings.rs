//! `GET /following`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::accepting;
use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::draft::model::Following;
use crate::json::{DecodeError, decode};
use crate::{BuildError, Server};

/// `GET /following`: lists whom the person follows, all at once.
///
/// Source: `docs/protocol.md` §8.2.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListFollowings;

impl Call for ListFollowings {
    type Answer = Vec<Following>;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        Ok(accepting(Request::new(
            Method::GET,
            server.endpoint("following").url()?,
        )))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Vec<Following>, DecodeError> {
        decode(answer.body())
    }
}

impl Receive for ListFollowings {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::GET, "following")?;
        Ok(Self)
    }
}
