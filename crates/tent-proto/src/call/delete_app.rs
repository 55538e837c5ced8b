//! `DELETE /apps/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request};
use crate::json::DecodeError;
use crate::{AppId, BuildError, Server};

/// `DELETE /apps/:id`: deletes a registration. All that people have granted the app dies with it.
///
/// Signed with the app's own registration credential, or with scope `write_apps`. It may be sent again,
/// and is refused when it was carried out already.
///
/// Source: tent.io 0.2, app-auth; `docs/protocol.md` §3.4.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteApp {
    /// Which app.
    pub id: AppId,
}

impl DeleteApp {
    /// Deletes the app of this id.
    pub fn new(id: impl Into<AppId>) -> Self {
        Self { id: id.into() }
    }
}

impl Call for DeleteApp {
    type Answer = ();

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server.endpoint("apps").segment(self.id.as_str()).url()?;
        Ok(request(Method::DELETE, url))
    }

    fn answer(&self, _: &Server, _: Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl Receive for DeleteApp {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::DELETE, "apps/:id")?;
        Ok(Self::new(id))
    }
}
