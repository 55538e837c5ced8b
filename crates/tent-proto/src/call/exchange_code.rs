//! `POST /apps/:id/authorizations`

use std::fmt;

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request_with_json};
use crate::Secret;
use crate::json::{DecodeError, decode_secret};
use crate::model::object::object;
use crate::{AppId, BuildError, Server, Timestamp, Token};

/// `POST /apps/:id/authorizations`: exchanges the code of an approval, or a refresh token, for a
/// credential that signs on behalf of the person. Either works once, so when it is not known whether it
/// was received, it may be spent.
///
/// Each exchange replaces the refresh token; the credential stays the same on the reference server,
/// and need not on others. [`Registration::exchange`](crate::login::Registration::exchange) and
/// [`Account::refresh`](crate::login::Account::refresh) make the call and read what it gives.
///
/// Signed with the app's own registration credential, always.
///
/// Source: tent.io 0.2, app-auth; `docs/protocol.md` §4.5 and §4.6.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExchangeCode {
    /// The app that was approved.
    pub app: AppId,
    /// The code, or the refresh token. A secret.
    pub code: Secret,
    /// When the authorization should expire, in epoch seconds. Without it the end stays as it is, and
    /// a new authorization has none. Since v0.2.
    pub expires_at: Option<Timestamp>,
    /// Where the code came to (RFC 6749 §4.1.3), which servers of that time do not look at; ours takes
    /// the code for no other place, if it is named.
    pub redirect_uri: Option<String>,
}

impl ExchangeCode {
    /// Exchanges this code.
    pub const fn new(app: AppId, code: Secret) -> Self {
        Self {
            app,
            code,
            expires_at: None,
            redirect_uri: None,
        }
    }

    /// Wishes for an end of the authorization, in epoch seconds.
    #[must_use]
    pub const fn expiring_at(mut self, time: Timestamp) -> Self {
        self.expires_at = Some(time);
        self
    }

    /// Names the place that the code came to.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uri = Some(uri.into());
        self
    }
}

impl fmt::Debug for ExchangeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangeCode")
            .field("app", &self.app)
            .field("expires_at", &self.expires_at)
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}

object! {
    /// What is sent.
    struct Body {
        pub code: Option<Secret> = "code",
        pub token_type: Option<String> = "token_type",
        pub tent_expires_at: Option<Timestamp> = "tent_expires_at",
        pub redirect_uri: Option<String> = "redirect_uri",
    }
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
            code: Some(self.code.clone()),
            token_type: Some("mac".to_owned()),
            tent_expires_at: self.expires_at,
            redirect_uri: self.redirect_uri.clone(),
            ..Body::default()
        };
        request_with_json(Method::POST, app.segment("authorizations").url()?, &body)
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Token, DecodeError> {
        decode_secret(answer.body())
    }
}

impl Receive for ExchangeCode {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [app] = request.matching(&Method::POST, "apps/:id/authorizations")?;
        let body: Body = request.secret_json()?;
        let missing = ReceiveError::Body(DecodeError::Missing("code"));
        Ok(Self {
            expires_at: body.tent_expires_at,
            redirect_uri: body.redirect_uri,
            ..Self::new(app.into(), body.code.ok_or(missing)?)
        })
    }
}
