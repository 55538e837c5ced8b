//! `POST /apps/:id/access_token`

use std::fmt;

use bytes::Bytes;
use http::{Method, Response};
use serde::{Deserialize, Serialize};
use tent_flow::Request;

use super::{accepting, with_json};
use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::json::{DecodeError, decode_secret};
use crate::{AppId, BuildError, Secret, Server, Token};

/// `POST /apps/:id/access_token`: exchanges the code of an approval for a credential that signs on
/// behalf of the person.
///
/// Signed with the app's own registration credential.
///
/// Source: `docs/protocol.md` §8.7.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExchangeCode {
    /// The app that was approved.
    pub app: AppId,
    /// The code. A secret.
    pub code: Secret,
}

impl ExchangeCode {
    /// Exchanges this code.
    pub const fn new(app: AppId, code: Secret) -> Self {
        Self { app, code }
    }
}

impl fmt::Debug for ExchangeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangeCode")
            .field("app", &self.app)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Body<'a> {
    code: &'a str,
    token_type: &'static str,
}

impl Call for ExchangeCode {
    type Answer = Token;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::OnlyIfUnsent
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let app = server.endpoint("apps").segment(self.app.as_str());
        let body = Body {
            code: self.code.expose(),
            token_type: "mac",
        };
        let url = app.segment("access_token").url()?;
        Ok(accepting(with_json(Method::POST, url, &body)?))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Token, DecodeError> {
        decode_secret(answer.body())
    }
}

impl Receive for ExchangeCode {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        #[derive(Deserialize)]
        struct Body {
            code: Secret,
        }
        let [app] = request.matching(&Method::POST, "apps/:id/access_token")?;
        let app = app.into();
        let Body { code } = request.secret_json()?;
        Ok(Self::new(app, code))
    }
}
