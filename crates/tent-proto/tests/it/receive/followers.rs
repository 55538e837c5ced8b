//! Calls on followers.

use proptest::prelude::*;
use tent_proto::call::UpdateFollower;
use tent_proto::model::Follower;

use super::{entity, id, round_trip};

proptest! {
    #[test]
    fn update_follower(id in id(), entity in entity()) {
        let mut follower = Follower::default();
        follower.entity = Some(entity);
        round_trip(&UpdateFollower::new(id, follower))?;
    }
}
