//! Registering an app.

use tent_flow::{Flow, Input, Moment, SchemeRule, Step, ready};

use super::Registration;
use super::spoken::Spoken;
use crate::call::RegisterApp;
use crate::draft;
use crate::json::DecodeError;
use crate::{App, CallError, Dialect, Discovery, Entity, Exchange, Policy, Server, Session};

/// Registers an app with the servers of a discovered entity. The server that answers comes first in
/// the registration. They are spoken to in the dialect of the discovery.
///
/// Source: `docs/protocol.md` §3.1 and §8.7.
pub fn register(discovery: &Discovery, app: App) -> Register {
    let (entity, servers) = (discovery.entity.clone(), discovery.servers.clone());
    Register::with(entity, servers, app, discovery.dialect)
}

/// The flow of [`register`].
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct Register {
    entity: Entity,
    servers: Vec<Server>,
    dialect: Dialect,
    exchange: Exchange<Spoken<RegisterApp, draft::call::RegisterApp>>,
}

impl Register {
    /// Registers an app with these servers of an entity, which speak v0.1 or v0.2.
    pub fn new(entity: Entity, servers: Vec<Server>, app: App) -> Self {
        Self::with(entity, servers, app, Dialect::V0)
    }

    fn with(entity: Entity, servers: Vec<Server>, app: App, dialect: Dialect) -> Self {
        let session = Session::anonymous(entity.clone(), servers.clone());
        let call = match dialect {
            Dialect::V0 => Spoken::V0(RegisterApp::new(app)),
            Dialect::Draft => Spoken::Draft(draft::call::RegisterApp::new(app)),
        };
        Self {
            exchange: session.call(call),
            entity,
            servers,
            dialect,
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

impl Flow for Register {
    type Output = Result<Registration, CallError>;

    fn step(&mut self, now: Moment, input: Input) -> Step<Self::Output> {
        let app = match ready!(self.exchange.step(now, input)) {
            Ok(app) => app,
            Err(error) => return Step::Done(Err(error)),
        };
        let parts = app.credentials().and_then(|credentials| {
            let id = app.id.ok_or(DecodeError::Missing("id"))?;
            Ok((id, credentials))
        });
        Step::Done(match parts {
            Ok((id, credentials)) => {
                let (entity, servers) = (self.entity.clone(), self.servers.clone());
                let mut registration =
                    Registration::new(entity, servers, id, credentials).in_dialect(self.dialect);
                if let Some(server) = self.exchange.session().preferred() {
                    registration.prefer(server);
                }
                Ok(registration)
            }
            Err(cause) => Err(self.exchange.not_understood(cause)),
        })
    }
}
