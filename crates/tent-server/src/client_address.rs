//! Where a request comes from.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::HeaderMap;
use http::request::Parts;

use crate::resources::Resources;

/// The address of whoever sent a request: the other end of the connection, or, when that is a proxy
/// that is believed, the one that it names. Not known where an embedding program does not tell.
pub(crate) fn of(parts: &Parts, resources: &Resources) -> Option<IpAddr> {
    let ConnectInfo(peer) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
    let peer = peer.ip().to_canonical();
    if resources.proxies.contains(&peer) {
        return Some(named(&parts.headers).unwrap_or(peer));
    }
    Some(peer)
}

/// The last address that `X-Forwarded-For` names: the one that the proxy itself has added. Those
/// before are what the client said.
fn named(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    let last = last.to_str().ok()?.rsplit(',').next()?.trim();
    let address: IpAddr = last.parse().ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxys_own_word_is_the_last_one() {
        for (fields, address) in [
            (&["192.0.2.1"][..], Some("192.0.2.1")),
            (&["10.0.0.1, 192.0.2.1"], Some("192.0.2.1")),
            (&["10.0.0.1", "::ffff:192.0.2.1"], Some("192.0.2.1")),
            (&["192.0.2.1, unknown"], None),
            (&[""], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for field in fields {
                headers.append("x-forwarded-for", field.parse().unwrap());
            }
            assert_eq!(
                named(&headers),
                address.map(|address| address.parse().unwrap())
            );
        }
    }
}
