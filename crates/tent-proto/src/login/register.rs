//! Registering an app.

use tent_flow::{Flow, Input, Moment, SchemeRule, Step, ready};

use super::Registration;
use crate::call::RegisterApp;
use crate::json::DecodeError;
use crate::{App, CallError, Discovery, Entity, Exchange, Server, Session};

/// Registers an app with the servers of a discovered entity. The server that answers comes first in
/// the registration.
///
/// Source: `docs/protocol.md` §3.1.
pub fn register(discovery: &Discovery, app: App) -> Register {
    Register::new(discovery.entity.clone(), discovery.servers.clone(), app)
}

/// The flow of [`register`].
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct Register {
    entity: Entity,
    servers: Vec<Server>,
    exchange: Exchange<RegisterApp>,
}

impl Register {
    /// Registers an app with these servers of an entity.
    pub fn new(entity: Entity, servers: Vec<Server>, app: App) -> Self {
        let session = Session::anonymous(entity.clone(), servers.clone());
        Self {
            exchange: session.call(RegisterApp::new(app)),
            entity,
            servers,
        }
    }

    /// Says which schemes may be used. By default `http` is for loopback alone.
    pub fn with_scheme_rule(self, rule: SchemeRule) -> Self {
        Self {
            exchange: self.exchange.with_scheme_rule(rule),
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
                let mut registration = Registration::new(entity, servers, id, credentials);
                if let Some(server) = self.exchange.session().preferred() {
                    registration.prefer(server);
                }
                Ok(registration)
            }
            Err(cause) => Err(self.exchange.not_understood(cause)),
        })
    }
}
