//! Which addresses are reached.

use std::time::Duration;

use tent_flow::{AddressRule, Delivery, Request, TransportErrorKind};

use super::server::{Reply, Server};
use super::{Driver, Settings, assert_fails, default_driver, send};

fn public_only() -> Settings {
    Settings {
        address_rule: AddressRule::PublicOnly,
        ..Settings::default()
    }
}

fn refuses<D: Driver>(host: &str) {
    let server = Server::start([Reply::ok("reached")]);
    let driver = D::with(&public_only());
    let outcome = send(&driver, Request::get(server.url_at(host, "/")));
    assert_fails(
        outcome,
        TransportErrorKind::AddressRefused,
        Delivery::NotSent,
    );
    assert_eq!(server.connections(), 0, "{host}");
}

/// An address in the URL, however it is written.
pub fn written_addresses_are_refused<D: Driver>() {
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "169.254.169.254",
        "192.168.0.1",
    ] {
        refuses::<D>(host);
    }
}

/// A name, for the addresses it has now.
pub fn names_are_refused_for_their_addresses<D: Driver>() {
    refuses::<D>("localhost");
}

/// A person's own program reaches everything.
pub fn any_address_is_reached_by_default<D: Driver>() {
    let driver = default_driver::<D>();
    for host in ["127.0.0.1", "localhost", "0x7f000001", "[::ffff:127.0.0.1]"] {
        let server = Server::start([Reply::ok("reached")]);
        let response = send(&driver, Request::get(server.url_at(host, "/"))).unwrap();
        assert_eq!(response.body(), "reached", "{host}");
    }
}

/// A proxy was chosen, so it may be on this machine. It looks up names; addresses are refused still.
pub fn a_proxy_may_be_anywhere<D: Driver>() {
    let refusal = || Reply::raw("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    for host in ["127.0.0.1", "localhost"] {
        let proxy = Server::start([refusal()]);
        let driver = D::with(&Settings {
            proxy: Some(proxy.url_at(host, "/")),
            ..public_only()
        });
        let named = "https://alice.example/".parse().unwrap();
        let outcome = send(&driver, Request::get(named));
        assert_fails(outcome, TransportErrorKind::Connect, Delivery::NotSent);
        assert_eq!(proxy.received().len(), 1);
        let written = Request::get("https://127.0.0.1/".parse().unwrap());
        let outcome = send(&driver, written.with_timeout(Duration::from_secs(600)));
        assert_fails(
            outcome,
            TransportErrorKind::AddressRefused,
            Delivery::NotSent,
        );
        assert_eq!(proxy.received().len(), 1);
    }
}
