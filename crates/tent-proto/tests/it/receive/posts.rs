//! Calls on posts.

use proptest::prelude::*;
use tent_proto::call::GetPost;

use super::{entity, id, round_trip};

proptest! {
    #[test]
    fn get_post(id in id(), entity in proptest::option::of(entity()), version in any::<Option<u64>>()) {
        let mut call = GetPost::new(id);
        call.entity = entity;
        call.version = version;
        round_trip(&call)?;
    }
}
