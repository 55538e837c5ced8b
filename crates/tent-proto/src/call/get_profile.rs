//! `GET /profile`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request};
use crate::json::{DecodeError, decode};
use crate::{BuildError, Profile, Server};

/// `GET /profile`: reads the profile. Without a credential, or without the scope `read_profile`, it
/// holds the public sections alone.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct GetProfile;

impl Call for GetProfile {
    type Answer = Profile;

    fn access(&self) -> Access {
        Access::Optional
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        Ok(request(Method::GET, server.endpoint("profile").url()?))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Profile, DecodeError> {
        decode(answer.body())
    }
}

impl Receive for GetProfile {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::GET, "profile")?;
        Ok(Self)
    }
}
