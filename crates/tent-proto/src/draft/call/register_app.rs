//! `POST /apps`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{accepting, created, with_json};
use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::draft::model::Registered;
use crate::json::{DecodeError, decode_secret};
use crate::{App, BuildError, Server};

/// `POST /apps`: registers an app with a server. The answer holds its credential, which is shown
/// only this once.
///
/// The app is written as in the later dialects. What the answer says is read into the same app: its id
/// is the `client_id` and the id of the credential in one.
///
/// Source: `docs/protocol.md` §8.7.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegisterApp {
    /// The app, without id and credential.
    pub app: App,
}

impl RegisterApp {
    /// Registers this app.
    pub const fn new(app: App) -> Self {
        Self { app }
    }
}

impl Call for RegisterApp {
    type Answer = App;

    fn access(&self) -> Access {
        Access::Public
    }

    fn replay(&self) -> Replay {
        Replay::OnlyIfUnsent
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server.endpoint("apps").url()?;
        Ok(accepting(with_json(Method::POST, url, &self.app)?))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<App, DecodeError> {
        let registered: Registered = decode_secret(answer.body())?;
        let id = registered.id.clone().or_else(|| created(&answer));
        Ok(App {
            id: id.as_deref().map(Into::into),
            mac_key_id: id,
            mac_key: registered.secret,
            mac_algorithm: registered.mac_algorithm,
            extra: registered.extra,
            ..self.app.clone()
        })
    }
}

impl Receive for RegisterApp {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::POST, "apps")?;
        Ok(Self::new(request.secret_json()?))
    }
}
