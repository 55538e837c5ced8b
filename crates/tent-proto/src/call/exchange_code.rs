//! `POST /apps/:id/authorizations`

use std::fmt;

use bytes::Bytes;
use http::{Method, Response};
use serde::Serialize;
use tent_flow::Request;

use super::{Access, Call, Replay, request_with_json};
use crate::Secret;
use crate::json::{DecodeError, decode_secret};
use crate::{AppId, BuildError, Server, Timestamp, Token};

/// `POST /apps/:id/authorizations`: exchanges the code of an approval, or a refresh token, for a
/// credential that signs on behalf of the person. A code works once.
///
/// Signed with the app's own registration credential, always.
///
/// Source: tent.io 0.2, app-auth; `docs/protocol.md` §4.5.
#[derive(Clone)]
#[non_exhaustive]
pub struct ExchangeCode {
    /// The app that was approved.
    pub app: AppId,
    /// The code, or the refresh token. A secret.
    pub code: Secret,
    /// When the authorization should expire, in epoch seconds, if it should.
    pub expires_at: Option<Timestamp>,
}

impl ExchangeCode {
    /// Exchanges this code.
    pub const fn new(app: AppId, code: Secret) -> Self {
        Self {
            app,
            code,
            expires_at: None,
        }
    }
}

impl fmt::Debug for ExchangeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangeCode")
            .field("app", &self.app)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Body<'a> {
    code: &'a str,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tent_expires_at: Option<Timestamp>,
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
            tent_expires_at: self.expires_at,
        };
        request_with_json(Method::POST, app.segment("authorizations").url()?, &body)
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Token, DecodeError> {
        decode_secret(answer.body())
    }
}
