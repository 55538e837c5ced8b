//! Calls on followings.

use proptest::prelude::*;
use tent_proto::call::{
    CreateFollowing, DeleteFollowing, GetFollowing, GetFollowingByEntity, GetPost,
    GetThroughFollowing, ReceiveError, UpdateFollowing,
};
use tent_proto::model::Following;

use super::any_relation::following;
use super::{entity, id, read, round_trip};

proptest! {
    #[test]
    fn get_following(id in id(), secrets in any::<bool>()) {
        let mut call = GetFollowing::new(id);
        call.secrets = secrets;
        round_trip(&call)?;
    }

    #[test]
    fn get_following_by_entity(entity in entity(), secrets in any::<bool>()) {
        let mut call = GetFollowingByEntity::new(entity);
        call.secrets = secrets;
        round_trip(&call)?;
    }

    #[test]
    fn get_through_following(id in id(), post in id(), version in any::<u64>()) {
        round_trip(&GetThroughFollowing::new(id, GetPost::new(post).version(version)))?;
    }

    #[test]
    fn create_following(following in following(), entity in entity()) {
        let mut call = CreateFollowing::new(entity.clone());
        call.following = following;
        call.following.entity = Some(entity);
        round_trip(&call)?;
    }

    #[test]
    fn update_following(id in id(), following in following()) {
        round_trip(&UpdateFollowing::new(id, following))?;
    }

    #[test]
    fn delete_following(id in id()) {
        round_trip(&DeleteFollowing::new(id))?;
    }

    #[test]
    fn a_following_survives_being_written(following in following()) {
        let json = serde_json::to_vec(&following).unwrap();
        prop_assert_eq!(serde_json::from_slice::<Following>(&json).unwrap(), following);
    }
}

#[test]
fn whom_to_follow_must_be_said() {
    let error = read::<CreateFollowing>("POST", "followings", r#"{"groups":[]}"#).unwrap_err();
    assert!(matches!(error, ReceiveError::Body(_)), "{error:?}");
}

#[test]
fn what_goes_through_a_following_is_below_its_id() {
    for path in ["followings/f", "followers/f/posts/p", "followings//posts/p"] {
        let other = read::<GetThroughFollowing<GetPost>>("GET", path, "").unwrap_err();
        assert!(matches!(other, ReceiveError::OtherCall), "{path}");
    }
    let posted = read::<GetThroughFollowing<GetPost>>("POST", "followings/f/posts/p", "");
    assert!(matches!(posted, Err(ReceiveError::OtherCall)));
    let entity = read::<GetFollowing>("GET", "followings/https%3A%2F%2Fbob.example", "");
    assert!(matches!(entity, Err(ReceiveError::OtherCall)));
    let id = read::<GetFollowingByEntity>("GET", "followings/f", "");
    assert!(matches!(id, Err(ReceiveError::OtherCall)));
}
