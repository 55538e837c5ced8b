//! `PATCH /apps/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{accepting, with_json};
use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::json::{DecodeError, decode_secret};
use crate::{App, AppId, BuildError, Server};

/// `PATCH /apps/:id`: changes the registration of an app. All members are sent.
///
/// What the answer holds is not said: it is the app, where there is one.
///
/// Source: `docs/protocol.md` §8.7.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdateApp {
    /// Which app.
    pub id: AppId,
    /// What it shall be, without id and credential.
    pub app: App,
}

impl UpdateApp {
    /// Changes this app.
    pub fn new(id: impl Into<AppId>, app: App) -> Self {
        Self { id: id.into(), app }
    }
}

impl Call for UpdateApp {
    type Answer = Option<App>;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server.endpoint("apps").segment(self.id.as_str()).url()?;
        Ok(accepting(with_json(Method::PATCH, url, &self.app)?))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Option<App>, DecodeError> {
        match decode_secret(answer.body()) {
            Err(DecodeError::Empty) => Ok(None),
            app => app.map(Some),
        }
    }
}

impl Receive for UpdateApp {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::PATCH, "apps/:id")?;
        Ok(Self::new(id, request.secret_json()?))
    }
}
