//! Any header is read or refused; what is read is written so that it reads the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tent_proto::mac::{Algorithm, Credentials, Header, Normalized};

fuzz_target!(|text: &str| {
    let Ok(header) = Header::parse(text) else {
        return;
    };
    let written = header.to_string();
    let again = Header::parse(&written).expect("what was written");
    assert_eq!(
        (again.id(), again.timestamp(), again.nonce(), again.mac()),
        (
            header.id(),
            header.timestamp(),
            header.nonce(),
            header.mac()
        )
    );
    let credentials = Credentials::new("u:1", "key", Algorithm::HmacSha1).expect("a credential");
    let request = Normalized::new(&header, "GET", "/", "alice.example", 443);
    assert!(credentials.verify(&header, &request).is_err());
});
