//! Any body is read or refused; what is read survives being written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tent_proto::Post;
use tent_proto::json::decode;

fuzz_target!(|body: &[u8]| {
    let Ok(posts) = decode::<Vec<Post>>(body) else {
        return;
    };
    let written = serde_json::to_vec(&posts).expect("posts");
    assert_eq!(
        decode::<Vec<Post>>(&written).expect("what was written"),
        posts
    );
});
