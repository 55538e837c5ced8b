//! Exchanging a code.

use tent_flow::{Flow, Input, Moment, SchemeRule, Seed, Step, ready};

use super::spoken::Spoken;
use super::{Account, Code, Registration};
use crate::call::ExchangeCode;
use crate::draft;
use crate::{CallError, Dialect, Entity, Exchange, Policy, Secret, Session, Timestamp};

/// The code belongs to another entity than the registration, and is sent nowhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the code is one of {code}, the registration one of {registration}")]
#[non_exhaustive]
pub struct OtherEntity {
    /// Whose code it is.
    pub code: Entity,
    /// Whose registration it is.
    pub registration: Entity,
}

impl Registration {
    /// Exchanges the code of an approval for the account's credential. The code is spent with this,
    /// whatever comes.
    ///
    /// Source: `docs/protocol.md` §4.5 and §8.7.
    ///
    /// # Errors
    ///
    /// When the code is another entity's. It goes to the servers of its own entity alone.
    pub fn exchange(&self, code: Code, seed: Seed) -> Result<CodeExchange, OtherEntity> {
        if *code.entity() != self.entity {
            return Err(OtherEntity {
                code: code.entity().clone(),
                registration: self.entity.clone(),
            });
        }
        let call = ExchangeCode::new(self.app.clone(), code.into_key());
        Ok(CodeExchange::new(self.clone(), call, seed))
    }
}

/// The flow of [`Registration::exchange`] and [`Account::refresh`].
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct CodeExchange {
    exchange: Exchange<Spoken<ExchangeCode, draft::call::ExchangeCode>>,
    registration: Registration,
    /// The refresh token that stays when the server gives no new one (RFC 6749 §6).
    kept: Option<Secret>,
}

impl CodeExchange {
    pub(super) fn new(registration: Registration, call: ExchangeCode, seed: Seed) -> Self {
        let session = registration.session(seed);
        Self::by(&session, registration, call)
    }

    /// The same, by a session that signs as the app.
    pub(super) fn by(session: &Session, registration: Registration, call: ExchangeCode) -> Self {
        let call = match registration.dialect {
            Dialect::V0 => Spoken::V0(call),
            Dialect::Draft => Spoken::Draft(draft::call::ExchangeCode::new(call.app, call.code)),
        };
        Self {
            exchange: session.call(call),
            registration,
            kept: None,
        }
    }

    pub(super) fn keeping(self, refresh_token: Secret) -> Self {
        Self {
            kept: Some(refresh_token),
            ..self
        }
    }

    /// Wishes for an end of what was granted, in epoch seconds. Without a wish a new authorization has
    /// none, and a refreshed one keeps the one it has. Since v0.2.
    pub fn expiring_at(self, time: impl Into<Timestamp>) -> Self {
        let time = time.into();
        Self {
            exchange: self.exchange.map_call(|call| match call {
                Spoken::V0(call) => Spoken::V0(call.expiring_at(time)),
                call @ Spoken::Draft(_) => call,
            }),
            ..self
        }
    }

    /// Says which schemes may be used. By default `http` is for loopback alone.
    pub fn with_scheme_rule(self, rule: SchemeRule) -> Self {
        Self {
            exchange: self.exchange.with_scheme_rule(rule),
            ..self
        }
    }

    /// Says what is done about limits, failures and dead servers.
    pub fn with_policy(self, policy: Policy) -> Self {
        Self {
            exchange: self.exchange.with_policy(policy),
            ..self
        }
    }
}

impl Flow for CodeExchange {
    type Output = Result<Account, CallError>;

    fn step(&mut self, now: Moment, input: Input) -> Step<Self::Output> {
        let token = match ready!(self.exchange.step(now, input)) {
            Ok(token) => token,
            Err(error) => return Step::Done(Err(error)),
        };
        Step::Done(match token.credentials() {
            Ok(credentials) => Ok(Account {
                refresh_token: token.refresh_token.or_else(|| self.kept.take()),
                expires_at: token.tent_expires_at,
                lifetime: token.tent_expires_at.and_then(|end| lifetime(now, end)),
                ..Account::new(self.registration.clone(), credentials)
            }),
            Err(cause) => Err(self.exchange.not_understood(cause)),
        })
    }
}

/// How many seconds are left of what was given just now.
fn lifetime(now: Moment, end: Timestamp) -> Option<i64> {
    let now = i64::try_from(now.epoch_seconds()).ok()?;
    end.epoch_seconds()
        .checked_sub(now)
        .filter(|left| *left > 0)
}
