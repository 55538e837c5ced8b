//! Tests an independent implementation of signing against any request, with strategies that
//! tent-proto exports:
//!
//! ```text
//! cargo run --example property_test_signing
//! ```
//!
//! In a project of one's own this would be a `#[test]`. Here it tests a signer that splits the URL by
//! hand, as programs in other languages do, and finds that it is right for any request.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tent_proto::mac::{Header, Normalized, Stamp};
use tent_proto::strategy;

/// The normalized string as one writes it from the protocol's text alone.
fn normalized(method: &str, url: &str, timestamp: u64, nonce: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let (authority, _) = rest.split_once('/').unwrap_or((rest, ""));
    let target = &rest[authority.len()..];
    let default = if scheme == "https" { "443" } else { "80" };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, default),
    };
    format!("{timestamp}\n{nonce}\n{method}\n{target}\n{host}\n{port}\n\n")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let request = (
        strategy::credentials(),
        strategy::method(),
        strategy::url(),
        strategy::timestamp(),
        strategy::nonce(),
    );
    let mut runner = TestRunner::new(Config {
        failure_persistence: None, // a program has no test file to keep failures beside
        ..Config::default()
    });
    runner.run(&request, |(credentials, method, url, timestamp, nonce)| {
        let nonce = nonce.as_str();
        let ours = Normalized::for_url(method.as_str(), &url, timestamp, nonce).to_string();
        prop_assert_eq!(
            ours,
            normalized(method.as_str(), url.as_str(), timestamp, nonce)
        );

        // And what is signed verifies, where a server sees it.
        let text = credentials.sign(&method, &url, Stamp { timestamp, nonce });
        let header = Header::parse(&text)?;
        let received =
            Normalized::for_url(method.as_str(), &url, header.timestamp(), header.nonce());
        prop_assert!(credentials.verify(&header, &received).is_ok());
        Ok(())
    })?;
    println!("{} requests were signed alike", runner.config().cases);
    Ok(())
}
