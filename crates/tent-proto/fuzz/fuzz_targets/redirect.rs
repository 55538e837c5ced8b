//! No redirect is accepted without the state of its own attempt.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tent_proto::login::PendingApproval;

const STATE: &str = "0123456789012345678901234567890123456789";

fuzz_target!(|redirect: &str| {
    let stored = format!(
        r#"{{"entity":"https://alice.example","state":"{STATE}","redirect_uri":"http://127.0.0.1:1/cb"}}"#
    );
    let pending: PendingApproval = serde_json::from_str(&stored).expect("a pending approval");
    if pending.accept(redirect).is_ok() {
        assert!(redirect.contains("state="));
    }
});
