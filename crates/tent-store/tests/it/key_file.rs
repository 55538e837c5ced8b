//! Key files of old clients.

use proptest::prelude::*;
use tent_proto::login::Account;
use tent_proto::mac::{Algorithm, Credentials};
use tent_store::{KeyFile, OldKeys, OldKeysError};

fn keys(json: &str) -> Result<OldKeys, OldKeysError> {
    let file = format!("{{\"https://alice.example\": {json}}}");
    let mut entries = KeyFile::parse(file.as_bytes()).unwrap().into_iter();
    entries.next().unwrap().1
}

fn account(json: &str) -> Account {
    let servers = vec!["https://t.example".parse().unwrap()];
    let entity = "https://alice.example".parse().unwrap();
    keys(json).unwrap().account(entity, servers)
}

fn key(id: &str, key: &str) -> Credentials {
    Credentials::new(id, key, Algorithm::HmacSha256).unwrap()
}

#[test]
fn every_version_of_the_client_is_read() {
    let whole = account(
        r#"{"appID":"as3yqy","registration_mac_key_id":"a:1","registration_mac_key":"5ecret-r",
            "permanent_mac_key_id":"u:2","permanent_mac_key":"5ecret-p","state":"x","more":[1],
            "mac_key_id":"u:0","mac_key":null}"#,
    );
    assert_eq!(whole.registration.app.as_str(), "as3yqy");
    assert_eq!(whole.registration.credentials, key("a:1", "5ecret-r"));
    assert_eq!(whole.credentials, key("u:2", "5ecret-p"));
    let first = account(r#"{"appID":"as3yqy","mac_key":"5ecret","mac_key_id":"u:6b"}"#);
    assert_eq!(first.credentials, key("u:6b", "5ecret"));
    assert_eq!(first.registration.credentials, first.credentials);
    let sha1 = keys(r#"{"appID":"a","mac_key":"k","mac_key_id":"u","mac_algorithm":"hmac-sha-1"}"#);
    assert_eq!(sha1.unwrap().grant.algorithm(), Algorithm::HmacSha1);
}

#[test]
fn what_is_of_no_use_says_why_and_shows_no_key() {
    let registered =
        r#"{"appID":"a","registration_mac_key_id":"a:1","registration_mac_key":"5ecret"}"#;
    for (json, why) in [
        (registered, OldKeysError::NeverApproved),
        (r#"{"appID":"a"}"#, OldKeysError::NoKey),
        (r#"{"appID":"a","mac_key_id":"u:1"}"#, OldKeysError::NoKey),
        (
            r#"{"mac_key":"5ecret","mac_key_id":"u:1"}"#,
            OldKeysError::NoApp,
        ),
        (r#"["5ecret"]"#, OldKeysError::NotKeys),
        (r#""5ecret""#, OldKeysError::NotKeys),
        (
            r#"{"appID":"a","mac_key":["5ecret"],"mac_key_id":"u"}"#,
            OldKeysError::NotKeys,
        ),
        ("null", OldKeysError::NotKeys),
    ] {
        assert_eq!(keys(json).unwrap_err(), why, "{json}");
    }
    let unquotable = keys(r#"{"appID":"a","mac_key":"5ecret","mac_key_id":"\n"}"#);
    assert!(matches!(unquotable, Err(OldKeysError::Unusable(_))));
    let md5 = keys(r#"{"appID":"a","mac_key":"k","mac_key_id":"u","mac_algorithm":"md5"}"#);
    assert!(matches!(md5, Err(OldKeysError::Algorithm(_))));
    let file = KeyFile::parse(br#"{"a":{"appID":"a","mac_key":"5ecret","mac_key_id":"u"}}"#);
    assert!(!format!("{file:?}").contains("5ecret"));
}

#[test]
fn what_is_no_key_file_says_where() {
    for text in [
        "",
        "[]",
        "{\n\"5ecret\": x}",
        "mac_key = 5ecret",
        "{\"a\":1",
    ] {
        let error = KeyFile::parse(text.as_bytes()).unwrap_err().to_string();
        assert!(
            error.contains("line") && !error.contains("5ecret"),
            "{error}"
        );
    }
    assert_eq!(KeyFile::parse(b" {}\n").unwrap().into_iter().count(), 0);
}

proptest! {
    #[test]
    fn no_text_panics(text in ".{0,40}", keys in "[\\[\\]{}:,\"a-z0-9]{0,40}") {
        let _ = KeyFile::parse(text.as_bytes());
        let _ = KeyFile::parse(format!("{{\"a\":{keys}}}").as_bytes());
    }
}
