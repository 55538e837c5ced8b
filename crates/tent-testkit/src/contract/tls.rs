//! Who is trusted.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tent_flow::{Delivery, Request, TransportErrorKind};
use url::Url;

use super::{Driver, Settings, assert_fails, default_driver, send};

/// The root that signed the certificate of the test server, which is for `localhost`, `127.0.0.1`
/// and `::1`. Nobody's platform trusts it.
const ROOT: &str = include_str!("certificate/root.pem");

/// A certificate that no known root has signed.
pub fn an_unknown_root_is_refused<D: Driver>() {
    let outcome = send(&default_driver::<D>(), Request::get(serve("localhost")));
    assert_fails(outcome, TransportErrorKind::Connect, Delivery::NotSent);
}

/// A root that was added is trusted, for names and for addresses.
pub fn an_added_root_is_trusted<D: Driver>() {
    let driver = trusting::<D>();
    for host in ["localhost", "127.0.0.1"] {
        let response = send(&driver, Request::get(serve(host))).unwrap();
        assert_eq!(response.body(), "secret", "{host}");
    }
}

/// A certificate is good only for its names.
pub fn a_certificate_for_another_name_is_refused<D: Driver>() {
    let outcome = send(&trusting::<D>(), Request::get(serve("127.0.0.2")));
    assert_fails(outcome, TransportErrorKind::Connect, Delivery::NotSent);
}

fn trusting<D: Driver>() -> D {
    D::with(&Settings {
        root_certificates: vec![ROOT.into()],
        ..Settings::default()
    })
}

/// Answers one request over TLS, and gives the URL for it.
fn serve(host: &str) -> Url {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let connection = listener.accept()?.0;
        let session = ServerConnection::new(server_config()).expect("the settings are good");
        let mut stream = BufReader::new(StreamOwned::new(session, connection));
        let mut line = String::new();
        while stream.read_line(&mut line)? > 2 {
            line.clear();
        }
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret";
        stream.get_mut().write_all(answer)
    });
    format!("https://{host}:{port}/").parse().unwrap()
}

fn server_config() -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_slice_iter(include_bytes!("certificate/server.pem"));
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("certificate/server.key"));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.map(Result::unwrap).collect(), key.unwrap());
    Arc::new(config.unwrap())
}
