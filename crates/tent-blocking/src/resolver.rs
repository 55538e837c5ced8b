//! From a name to addresses that may be reached, and what fails before anything is sent.

use std::net::{IpAddr, SocketAddr};

use tent_flow::{AddressRefused, AddressRule, Delivery, TransportError, TransportErrorKind};
use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, NextTimeout};

/// Looks up names, and gives only addresses that the rule allows. The connection then goes to one of
/// them, whatever the name says later.
#[derive(Debug)]
pub(crate) struct Resolving {
    rule: AddressRule,
    names: DefaultResolver,
}

impl Resolving {
    pub(crate) fn new(rule: AddressRule) -> Self {
        Self {
            rule,
            names: DefaultResolver::default(),
        }
    }

    fn look_up(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        // The default resolver starts a thread, even for an address.
        if let Some(address) = literal(uri) {
            let mut found = self.empty();
            found.push(address);
            return Ok(found);
        }
        self.names.resolve(uri, config, timeout)
    }
}

impl Resolver for Resolving {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.look_up(uri, config, timeout).map_err(unsent)?;
        if config.proxy().is_some() {
            return Ok(found); // this is the proxy itself, and it was chosen
        }
        let mut allowed = self.empty();
        let mut refused = None;
        for address in &found {
            match self.rule.check(address.ip()) {
                Ok(()) => allowed.push(*address),
                Err(refusal) => refused = Some(refusal),
            }
        }
        match refused {
            Some(refusal) if allowed.is_empty() => Err(Unsent::Refused(refusal).into()),
            _ => Ok(allowed),
        }
    }
}

fn literal(uri: &Uri) -> Option<SocketAddr> {
    let host = uri.host()?;
    let host = host.strip_prefix('[').unwrap_or(host);
    let host = host.strip_suffix(']').unwrap_or(host);
    let address: IpAddr = host.parse().ok()?;
    let port = match uri.port_u16() {
        Some(port) => port,
        None if uri.scheme_str() == Some("https") => 443,
        None => 80,
    };
    Some((address, port).into())
}

/// Marks whatever keeps a connection from being made, so that it is known that nothing was sent.
#[derive(Debug)]
pub(crate) struct Connecting<C>(pub(crate) C);

impl<C: Connector<()>> Connector<()> for Connecting<C> {
    type Out = C::Out;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<Self::Out>, Error> {
        self.0.connect(details, chained).map_err(unsent)
    }
}

/// An error from before anything was sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unsent {
    #[error("no connection")]
    Connect(#[source] Error),
    #[error("forbidden address")]
    Refused(#[source] AddressRefused),
}

impl From<Unsent> for Error {
    fn from(unsent: Unsent) -> Self {
        Self::Other(Box::new(unsent))
    }
}

impl From<Unsent> for TransportError {
    fn from(unsent: Unsent) -> Self {
        match unsent {
            Unsent::Refused(refusal) => Self::address_refused(refusal),
            Unsent::Connect(cause @ Error::Timeout(_)) => {
                Self::new(TransportErrorKind::Timeout, Delivery::NotSent).because(cause)
            }
            Unsent::Connect(Error::Io(cause)) => Self::connect(cause),
            Unsent::Connect(cause) => Self::connect(cause),
        }
    }
}

/// Marks an error, once.
fn unsent(error: Error) -> Error {
    match error {
        Error::Other(cause) if cause.is::<Unsent>() => Error::Other(cause),
        error => Unsent::Connect(error).into(),
    }
}
