//! Strategies for property tests of signing: of one's own signer, verifier or HTTP stack.
//!
//! Everything that comes out is valid by the protocol, and as odd as it allows.
//!
//! ```
//! use proptest::prelude::*;
//! use tent_proto::mac::{Header, Normalized, Stamp};
//! use tent_proto::strategy;
//!
//! proptest!(|(
//!     credentials in strategy::credentials(),
//!     method in strategy::method(),
//!     url in strategy::url(),
//!     timestamp in strategy::timestamp(),
//!     nonce in strategy::nonce(),
//! )| {
//!     let text = credentials.sign(&method, &url, Stamp { timestamp, nonce: &nonce });
//!     let header = Header::parse(&text).unwrap();
//!     let request = Normalized::for_url(method.as_str(), &url, timestamp, &nonce);
//!     prop_assert!(credentials.verify(&header, &request).is_ok());
//! });
//! ```

use http::Method;
use proptest::prelude::*;
use url::Url;

use crate::Secret;
use crate::mac::{Algorithm, Credentials};

/// Ids of credentials, most of them shaped as servers shape them.
pub fn mac_id() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[aus]:[A-Za-z0-9_-]{22}",
        1 => "[ !#-\\[\\]-~]{1,40}", // all that can stand between quotes
    ]
}

/// Keys: hexadecimal digits that are not to be decoded, or any text.
pub fn mac_key() -> impl Strategy<Value = Secret> {
    prop_oneof![3 => "[0-9a-f]{32}", 1 => ".{1,100}"].prop_map(Secret::new)
}

/// Both algorithms.
pub fn algorithm() -> impl Strategy<Value = Algorithm> {
    prop_oneof![Just(Algorithm::HmacSha256), Just(Algorithm::HmacSha1)]
}

/// Credentials.
pub fn credentials() -> impl Strategy<Value = Credentials> {
    (mac_id(), mac_key(), algorithm()).prop_filter_map("a credential", |(id, key, algorithm)| {
        Credentials::new(id, key, algorithm).ok()
    })
}

/// Nonces, in letters and digits.
pub fn nonce() -> impl Strategy<Value = String> {
    "[A-Za-z0-9]{1,32}"
}

/// Times in epoch seconds: near our own days, and any.
pub fn timestamp() -> impl Strategy<Value = u64> {
    prop_oneof![3 => 1_300_000_000..2_000_000_000_u64, 1 => any::<u64>()]
}

/// The methods of the protocol.
pub fn method() -> impl Strategy<Value = Method> {
    prop_oneof![
        Just(Method::GET),
        Just(Method::HEAD),
        Just(Method::POST),
        Just(Method::PUT),
        Just(Method::DELETE),
    ]
}

/// URLs to be asked: https and http, names and addresses, ports of their own and of the scheme,
/// paths and queries with every character that a URL can hold or has to encode.
pub fn url() -> impl Strategy<Value = Url> {
    let host = prop_oneof![
        Just("tent.alice.example".to_owned()),
        Just("bücher.example".to_owned()),
        Just("127.0.0.1".to_owned()),
        Just("[::1]".to_owned()),
        "[a-z][a-z0-9]{0,10}\\.example",
    ];
    let scheme = prop_oneof![Just("https"), Just("http")];
    let path = prop_oneof!["(/[A-Za-z0-9_-]{1,8}){0,4}", "/[ -~é]{0,40}"];
    let query = proptest::option::of("[ -~é]{0,60}");
    let port = proptest::option::of(1_u16..);
    (scheme, host, port, path, query).prop_filter_map(
        "a URL",
        |(scheme, host, port, path, query)| {
            let mut url = Url::parse(&format!("{scheme}://{host}/")).ok()?;
            url.set_port(port).ok()?;
            url.set_path(&path);
            url.set_query(query.as_deref());
            Some(url)
        },
    )
}
