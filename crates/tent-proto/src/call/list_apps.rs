//! `GET /apps`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Replay, request};
use crate::json::{DecodeError, decode_secret};
use crate::{App, BuildError, Server};

/// `GET /apps`: lists the apps of the account, all at once.
///
/// Needs the scope `read_apps`.
///
/// Source: tent.io 0.2, app-auth; `docs/protocol.md` §3.4.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct ListApps;

impl Call for ListApps {
    type Answer = Vec<App>;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        Ok(request(Method::GET, server.endpoint("apps").url()?))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Vec<App>, DecodeError> {
        decode_secret(answer.body())
    }
}
