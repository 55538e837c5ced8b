//! How the entity and the address that is listened at go together.

use std::net::SocketAddr;

use tent_flow::is_loopback;
use tent_proto::{Entity, Server};
use url::Url;

use crate::failure::{Failure, Outcome};
use crate::output::tell;
use crate::post_id::parse_entity;

/// Reads an entity that a server is to answer for, as somebody types it.
pub(crate) fn parse_served(text: &str) -> Result<Entity, String> {
    let entity = parse_entity(text)?;
    match entity.url().ok().map(Server::try_from) {
        Some(Ok(_)) => Ok(entity),
        _ => Err("what a server answers for is a URL of a host and a path alone".to_owned()),
    }
}

/// The entity of a server that is reached at its own address.
pub(crate) fn of_address(address: SocketAddr) -> Outcome<Entity> {
    if address.ip().is_unspecified() {
        return Err(
            Failure::usage(format!("{address} is no address that others can reach"))
                .hint("name the URL that they know with --entity")
                .into(),
        );
    }
    Ok(Entity::typed(&format!("http://{address}"))?)
}

/// Where to listen. When any port will do, an entity on this computer keeps its own.
pub(crate) fn port_of(entity: Option<&Entity>, listen: SocketAddr) -> SocketAddr {
    let url = entity.and_then(|entity| entity.url().ok());
    let port = url.filter(is_plain_loopback).and_then(|url| url.port());
    match port {
        Some(port) if listen.port() == 0 => SocketAddr::new(listen.ip(), port),
        _ => listen,
    }
}

/// Refuses what everybody on the way could read.
pub(crate) fn check(entity: Option<&Entity>, listen: SocketAddr, insecure: bool) -> Outcome {
    let url = entity.map(Entity::url).transpose()?;
    let is_safe = match &url {
        Some(url) if url.scheme() == "https" => true,
        Some(url) => is_loopback(url) && listen.ip().is_loopback(),
        None => listen.ip().is_loopback(),
    };
    if is_safe || insecure {
        return Ok(());
    }
    Err(Failure::usage("beyond this computer, the entity must be an https URL")
        .hint("name it with --entity and put a proxy with TLS before the server, or say --insecure")
        .into())
}

/// As [`check`], for an entity of a server that may listen anywhere.
pub(crate) fn check_url(entity: &Entity, insecure: bool) -> Outcome {
    check(
        Some(entity),
        SocketAddr::from(([127, 0, 0, 1], 0)),
        insecure,
    )
}

/// Without a proxy, nobody finds an entity at a port that is not listened at.
pub(crate) fn warn_of_other_port(entity: &Entity, address: SocketAddr) {
    let Ok(url) = entity.url() else { return };
    if is_plain_loopback(&url) && url.port_or_known_default() != Some(address.port()) {
        tell(&format!(
            "note: the entity is {entity}, but the server listens at {address}"
        ));
    }
}

fn is_plain_loopback(url: &Url) -> bool {
    url.scheme() == "http" && is_loopback(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn entity(text: &str) -> Entity {
        text.parse().unwrap()
    }

    #[test]
    fn nothing_readable_goes_beyond_this_computer_unless_told() {
        for (named, listen, is_safe) in [
            (None, "127.0.0.1:80", true),
            (None, "[::1]:80", true),
            (None, "0.0.0.0:80", false),
            (None, "192.0.2.1:80", false),
            (Some("https://a.example"), "0.0.0.0:80", true),
            (Some("http://a.example"), "127.0.0.1:80", false),
            (Some("http://localhost"), "127.0.0.1:80", true),
            (Some("http://localhost"), "0.0.0.0:80", false),
        ] {
            let named = named.map(entity);
            let checked = check(named.as_ref(), address(listen), false);
            assert_eq!(checked.is_ok(), is_safe, "{named:?} {listen}");
            assert!(check(named.as_ref(), address(listen), true).is_ok());
        }
    }

    #[test]
    fn a_server_answers_for_a_host_and_a_path() {
        for typed in ["alice.example", "https://example.com/~carol"] {
            assert!(parse_served(typed).is_ok(), "{typed}");
        }
        assert!(parse_served("https://alice.example/?page=1").is_err());
    }

    #[test]
    fn an_entity_on_this_computer_keeps_its_port() {
        let any = address("127.0.0.1:0");
        let port = |named: Option<&str>, listen| port_of(named.map(entity).as_ref(), listen).port();
        assert_eq!(port(Some("http://127.0.0.1:4321"), any), 4321);
        assert_eq!(
            port(Some("http://127.0.0.1:4321"), address("127.0.0.1:80")),
            80
        );
        assert_eq!(port(Some("https://a.example:4321"), any), 0);
        assert_eq!(port(None, any), 0);
    }

    #[test]
    fn an_address_that_stands_for_all_is_no_entity() {
        assert!(of_address(address("0.0.0.0:80")).is_err());
        assert_eq!(
            of_address(address("127.0.0.1:81")).unwrap().as_str(),
            "http://127.0.0.1:81"
        );
        assert_eq!(
            of_address(address("[::1]:81")).unwrap().as_str(),
            "http://[::1]:81"
        );
    }
}
