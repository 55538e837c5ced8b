//! From a name to addresses that may be reached.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

use reqwest::dns::{Addrs, Name, Resolve};
use tent_flow::{AddressRefused, AddressRule};

/// Looks up names, and gives only addresses that the rule allows. The connection then goes to one of
/// them, whatever the name says later.
#[derive(Debug)]
pub(crate) struct Resolving(pub(crate) AddressRule);

impl Resolve for Resolving {
    fn resolve(&self, name: Name) -> reqwest::dns::Resolving {
        let rule = self.0;
        Box::pin(async move {
            let found = tokio::task::spawn_blocking(move || look_up(name.as_str())).await??;
            Ok(allowed(rule, found)?)
        })
    }
}

fn look_up(name: &str) -> io::Result<std::vec::IntoIter<SocketAddr>> {
    (name, 0).to_socket_addrs() // the port comes from the URL
}

fn allowed(
    rule: AddressRule,
    found: impl Iterator<Item = SocketAddr>,
) -> Result<Addrs, AddressRefused> {
    let mut allowed = Vec::new();
    let mut refused = None;
    for address in found {
        match rule.check(address.ip()) {
            Ok(()) => allowed.push(address),
            Err(refusal) => refused = Some(refusal),
        }
    }
    match refused {
        Some(refusal) if allowed.is_empty() => Err(refusal),
        _ => Ok(Box::new(allowed.into_iter())),
    }
}

/// The refusal among the causes of an error.
pub(crate) fn refusal(error: &(dyn std::error::Error + 'static)) -> Option<AddressRefused> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(refusal) = error.downcast_ref::<AddressRefused>() {
            return Some(*refusal);
        }
        cause = error.source();
    }
    None
}
