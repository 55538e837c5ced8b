//! What a proxy that is believed says of a request: where it comes from, and which host it is for.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use http::request::Parts;
use http::{Extensions, HeaderMap};

use crate::resources::Resources;

/// The address of whoever sent a request: the other end of the connection, or, when that is a proxy
/// that is believed, the one that it names. Not known where an embedding program does not tell.
pub(crate) fn client(parts: &Parts, resources: &Resources) -> Option<IpAddr> {
    let peer = peer(&parts.extensions)?;
    if resources.proxies.contains(&peer) {
        return Some(address(&parts.headers).unwrap_or(peer));
    }
    Some(peer)
}

/// The host that a request was for when it reached the proxy, with its port if there is one, when a
/// proxy that is believed says so. Signatures are made for that one, whatever `Host` says here.
pub(crate) fn host(request: &Request, resources: &Resources) -> Option<String> {
    let peer = peer(request.extensions())?;
    if !resources.proxies.contains(&peer) {
        return None;
    }
    let headers = request.headers();
    let host = last(headers, "x-forwarded-host")?;
    // A port after the host, which may be an IPv6 address in brackets.
    let has_port = host.rfind(':') > host.rfind(']');
    match last(headers, "x-forwarded-port") {
        Some(port) if !has_port => Some(format!("{host}:{port}")),
        _ => Some(host.to_owned()),
    }
}

/// The other end of the connection.
fn peer(extensions: &Extensions) -> Option<IpAddr> {
    let ConnectInfo(peer) = extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(peer.ip().to_canonical())
}

/// The address that the proxy itself has added.
fn address(headers: &HeaderMap) -> Option<IpAddr> {
    let address: IpAddr = last(headers, "x-forwarded-for")?.parse().ok()?;
    Some(address.to_canonical())
}

/// The last part of a field: the proxy's own word. Those before are what the client said.
fn last<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let last = headers.get_all(name).iter().next_back()?;
    let last = last.to_str().ok()?.rsplit(',').next()?.trim();
    Some(last).filter(|last| !last.is_empty())
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
                super::address(&headers),
                address.map(|address| address.parse().unwrap())
            );
        }
    }
}
