//! `GET /profile`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::accepting;
use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::draft::model::Info;
use crate::json::{DecodeError, decode};
use crate::{BuildError, Server};

/// `GET /profile`: reads the profile, a list of parts.
///
/// Source: `docs/protocol.md` §8.2.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetProfile;

impl Call for GetProfile {
    type Answer = Vec<Info>;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        Ok(accepting(Request::new(
            Method::GET,
            server.endpoint("profile").url()?,
        )))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Vec<Info>, DecodeError> {
        decode(answer.body())
    }
}

impl Receive for GetProfile {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::GET, "profile")?;
        Ok(Self)
    }
}
