//! Refreshing a credential.

use tent_flow::Seed;

use super::{Account, CodeExchange};
use crate::call::ExchangeCode;
use crate::{Session, Timestamp};

/// The account has no refresh token: servers of v0.1 give none, and their credentials live until they
/// are revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the account has no refresh token")]
#[non_exhaustive]
pub struct NoRefreshToken;

impl Account {
    /// Whether the credential ends before some time. One that does is to be refreshed while it
    /// works: afterwards the person has to be asked again.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// # let key = |id| tent_proto::mac::Credentials::new(id, "k", Default::default());
    /// # let registration = tent_proto::login::Registration::new(
    /// #     "https://alice.example".parse()?, Vec::new(), "app1".into(), key("a:1")?);
    /// # let account = tent_proto::login::Account::new(registration, key("u:1")?);
    /// let tomorrow = SystemTime::now() + Duration::from_secs(24 * 60 * 60);
    /// assert!(!account.expires_before(tomorrow)); // it never does
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn expires_before(&self, time: impl Into<Timestamp>) -> bool {
        let time = time.into();
        self.expires_at.is_some_and(|end| end < time)
    }

    /// Exchanges the refresh token for the next one, and with it the credential, which may be
    /// another or the same. The output is the account from now on: **save it before it is used**,
    /// since the refresh token of before is spent.
    ///
    /// Of two programs that refresh at once one is refused. When the outcome is unknown, the
    /// credential still works and the refresh token may be spent.
    ///
    /// Source: RFC 6749 §6; `docs/protocol.md` §4.6.
    ///
    /// # Errors
    ///
    /// When the account has no refresh token.
    pub fn refresh(&self, seed: Seed) -> Result<CodeExchange, NoRefreshToken> {
        self.refresh_by(&self.registration.session(seed))
    }

    /// The same, by a session that signs as the app.
    pub(crate) fn refresh_by(&self, app: &Session) -> Result<CodeExchange, NoRefreshToken> {
        let token = self.refresh_token.clone().ok_or(NoRefreshToken)?;
        let call = ExchangeCode::new(self.registration.app.clone(), token.clone());
        Ok(CodeExchange::by(app, self.registration.clone(), call).keeping(token))
    }
}
