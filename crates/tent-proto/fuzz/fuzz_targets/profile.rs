//! Any body is read or refused as a profile, and its core section too.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tent_proto::Profile;
use tent_proto::json::decode;

fuzz_target!(|body: &[u8]| {
    let Ok(profile) = decode::<Profile>(body) else {
        return;
    };
    if let Ok(core) = profile.core() {
        assert!(core.usable_servers().len() <= core.servers.len());
    }
    let written = serde_json::to_vec(&profile).expect("a profile");
    let again = decode::<Profile>(&written).expect("what was written");
    assert!(again.iter().eq(profile.iter()));
});
