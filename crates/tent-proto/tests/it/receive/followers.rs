//! Calls on followers, those between servers among them.

use proptest::option::of;
use proptest::prelude::*;
use tent_flow::Seed;
use tent_proto::call::{
    ChallengeFollower, CreateFollower, DeleteFollower, GetFollower, GetFollowerByEntity,
    NotifyFollower, ReceiveError, RequestFollow, UpdateFollower,
};
use tent_proto::follow::{Challenge, NotificationPath};
use tent_proto::model::Follower;

use super::any_post::{permissions, post};
use super::any_relation::{follower, licenses, types};
use super::{entity, id, read, round_trip};

fn path() -> impl Strategy<Value = NotificationPath> {
    prop_oneof![
        id().prop_map(|id| NotificationPath::of(&id.into())),
        "[a-z0-9:@,;=+~_.-]{1,8}(/[A-Za-z0-9%25é]{1,8}){0,3}"
            .prop_filter_map("a path", |text| text.parse().ok()),
    ]
}

/// As it looks when it has gone through a URL.
fn sent(path: &NotificationPath) -> NotificationPath {
    let url = url::Url::parse(&format!("https://a.example/{path}")).unwrap();
    url.path().trim_start_matches('/').parse().unwrap()
}

proptest! {
    #[test]
    fn get_follower(id in id(), secrets in any::<bool>()) {
        let mut call = GetFollower::new(id);
        call.secrets = secrets;
        round_trip(&call)?;
    }

    #[test]
    fn get_follower_by_entity(entity in entity(), secrets in any::<bool>()) {
        let mut call = GetFollowerByEntity::new(entity);
        call.secrets = secrets;
        round_trip(&call)?;
    }

    #[test]
    fn create_follower(mut follower in follower(), entity in entity()) {
        follower.entity = Some(entity);
        round_trip(&CreateFollower::new(follower))?;
    }

    #[test]
    fn update_follower(id in id(), follower in follower()) {
        round_trip(&UpdateFollower::new(id, follower))?;
    }

    #[test]
    fn delete_follower(id in id()) {
        round_trip(&DeleteFollower::new(id))?;
    }

    #[test]
    fn request_follow(
        entity in entity(),
        path in path(),
        types in types(),
        licenses in licenses(),
        permissions in of(permissions()),
    ) {
        let mut call = RequestFollow::new(entity, path).types(types);
        call.licenses = licenses;
        call.permissions = permissions;
        round_trip(&call)?;
    }

    #[test]
    fn challenge_follower(path in path(), seed in any::<[u8; 32]>()) {
        round_trip(&ChallengeFollower::new(sent(&path), Challenge::new(Seed::new(seed))))?;
    }

    #[test]
    fn notify_follower(path in path(), post in post()) {
        round_trip(&NotifyFollower::new(sent(&path), post))?;
    }

    #[test]
    fn a_follower_survives_being_written(follower in follower()) {
        let json = serde_json::to_vec(&follower).unwrap();
        prop_assert_eq!(serde_json::from_slice::<Follower>(&json).unwrap(), follower);
    }
}

#[test]
fn a_follower_is_named_by_its_id_or_its_entity() {
    let entity = "followers/http%3A%2F%2Fbob.example?secrets=true";
    let by_id = read::<GetFollower>("GET", entity, "");
    assert!(matches!(by_id, Err(ReceiveError::OtherCall)), "{by_id:?}");
    let by_entity: GetFollowerByEntity = read("GET", entity, "").unwrap();
    assert_eq!(by_entity.entity.as_str(), "http://bob.example");
    assert!(by_entity.secrets);
    let other = read::<GetFollowerByEntity>("GET", "followers/bob.example", "");
    assert!(matches!(other, Err(ReceiveError::OtherCall)), "{other:?}");
    let plain: GetFollower = read("GET", "followers/r3?secrets=false", "").unwrap();
    assert!(!plain.secrets);
}

#[test]
fn a_request_to_follow_says_who_and_where() {
    let request: RequestFollow = read(
        "POST",
        "followers",
        r#"{"entity":"https://bob.example","notification_path":"notifications/Fb3","types":null,
            "licences":["https://l.example"],"x":1}"#,
    )
    .unwrap();
    assert_eq!(request.notification_path.as_str(), "notifications/Fb3");
    assert_eq!(request.notification_path.following(), Some("Fb3".into()));
    assert_eq!(request.licenses, ["https://l.example"]);
    assert!(request.types.is_empty());
    for body in [
        r#"{"notification_path":"n/F"}"#,
        r#"{"entity":"https://bob.example"}"#,
        r#"{"entity":"https://bob.example","notification_path":null}"#,
        r#"{"entity":"https://bob.example","notification_path":"/n/F"}"#,
        r#"{"entity":"https://bob.example","notification_path":"https://evil.example/F"}"#,
        r#"{"entity":"bob.example","notification_path":"n/F"}"#,
        "[]",
        "",
    ] {
        assert!(
            read::<RequestFollow>("POST", "followers", body).is_err(),
            "{body}"
        );
    }
    let error = read::<CreateFollower>("POST", "followers", r#"{"mac_key":"5ecret"}"#);
    assert!(matches!(error, Err(ReceiveError::Body(_))), "{error:?}");
}

#[test]
fn a_challenge_that_is_a_page_is_not_repeated() {
    let path = "notifications/F?challenge=%3Cscript%3E";
    let error = read::<ChallengeFollower>("GET", path, "").unwrap_err();
    assert!(matches!(error, ReceiveError::Parameter { .. }), "{error:?}");
    let error = read::<ChallengeFollower>("GET", "notifications/F", "").unwrap_err();
    assert!(matches!(error, ReceiveError::OtherCall), "{error:?}");
    let error = read::<ChallengeFollower>("POST", "notifications/F?challenge=a", "").unwrap_err();
    assert!(matches!(error, ReceiveError::OtherCall), "{error:?}");
    let error = read::<NotifyFollower>("PUT", "notifications/F", "{}").unwrap_err();
    assert!(matches!(error, ReceiveError::OtherCall), "{error:?}");
}
