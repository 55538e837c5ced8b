//! Other servers, as this one reaches them.

use std::sync::OnceLock;

use tent_async::{BuildError, Client};
use tent_flow::{AddressRule, Flow, SchemeRule, is_loopback};
use tent_proto::Server;

use crate::error::ApiError;

/// What other servers are asked with.
///
/// What an entity or a notification path names never makes this server ask its own network, unless it
/// is on loopback itself, or was told to. No proxy of the environment is used.
///
/// Source: `docs/protocol.md` §10.4.
#[derive(Debug)]
pub(crate) struct Peers {
    rule: AddressRule,
    scheme: SchemeRule,
    client: OnceLock<Client>,
}

impl Peers {
    /// For a server with this root.
    pub(crate) fn of(root: &Server, own_network: bool) -> Self {
        if own_network || is_loopback(root.url()) {
            Self::near()
        } else {
            Self::far()
        }
    }

    /// Wherever they are.
    pub(crate) fn near() -> Self {
        Self::new(AddressRule::Any, SchemeRule::HttpAnywhere)
    }

    /// Outside of this server's network alone.
    pub(crate) fn far() -> Self {
        Self::new(AddressRule::PublicOnly, SchemeRule::default())
    }

    fn new(rule: AddressRule, scheme: SchemeRule) -> Self {
        Self {
            rule,
            scheme,
            client: OnceLock::new(),
        }
    }

    /// Which schemes may be used.
    pub(crate) const fn scheme(&self) -> SchemeRule {
        self.scheme
    }

    /// The client, made when it is first needed.
    pub(crate) fn client(&self) -> Result<&Client, ApiError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client: Result<Client, BuildError> =
            Client::builder().address_rule(self.rule).no_proxy().build();
        let client = client.map_err(|error| ApiError::internal(&error))?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Runs a flow.
    pub(crate) async fn run<F: Flow>(&self, flow: F) -> Result<F::Output, ApiError> {
        Ok(self.client()?.run(flow).await)
    }
}
