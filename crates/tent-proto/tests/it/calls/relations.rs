//! Calls about followers and followings.

use tent_flow::script::Answer;
use tent_proto::GroupId;
use tent_proto::call::*;
use tent_proto::model::{Follower, Following, Group, Permissions};

use super::{BOB, bob, make, nothing};

#[test]
fn followers() {
    let bob_follows = || Answer::json(format!(r#"{{"id":"r3","entity":"{BOB}","types":["all"]}}"#));
    let follower: Follower = make(
        GetFollower::new("r3"),
        "GET followers/r3",
        "",
        bob_follows(),
    );
    assert_eq!(follower.entity, Some(bob()));
    make(
        GetFollowerByEntity::new(bob()),
        "GET followers/https%3A%2F%2Fbob.example",
        "",
        bob_follows(),
    );
    let mut changes = Follower::default();
    changes.permissions = Some(Permissions::public());
    make(
        UpdateFollower::new("r3", changes),
        "PUT followers/r3",
        r#"{"permissions":{"public":true}}"#,
        bob_follows(),
    );
    make(
        DeleteFollower::new("r3"),
        "DELETE followers/r3",
        "",
        nothing(),
    );
    let list = ListFollowers::new().limit(5).entity(&bob());
    let request = "followers?limit=5&entity=https%3A%2F%2Fbob.example";
    assert_eq!(
        make(
            CountFollowers::new(list.clone()),
            &format!("HEAD {request}"),
            "",
            nothing().header("count", "1")
        ),
        1
    );
    let page = make(
        list,
        &format!("GET {request}"),
        "",
        Answer::json(r#"[{"id":"r3"},{"id":"r2"}]"#),
    );
    make(
        page.next.unwrap(),
        &format!("GET {request}&before_id=r2"),
        "",
        Answer::json("[]"),
    );
    make(
        page.previous.unwrap(),
        &format!("GET {request}&since_id=r3"),
        "",
        Answer::json("[]"),
    );
}

#[test]
fn an_old_server_names_the_follower_in_the_location_alone() {
    let nulls = Answer::json(r#"{"id":null,"entity":null}"#);
    let nulls = nulls.header(
        "content-location",
        "https://a.example/tent/followers/r%2D3?x",
    );
    let found = make(
        GetFollowerByEntity::new(bob()),
        "GET followers/https%3A%2F%2Fbob.example",
        "",
        nulls,
    );
    assert_eq!(found.id.unwrap().as_str(), "r-3");
}

#[test]
fn followings() {
    let follows_bob = || {
        Answer::json(format!(
            r#"{{"id":"f0","entity":"{BOB}","remote_id":"r3"}}"#
        ))
    };
    let sent = format!(r#"{{"entity":"{BOB}"}}"#);
    let following: Following = make(
        CreateFollowing::new(bob()),
        "POST followings",
        &sent,
        follows_bob(),
    );
    assert_eq!(following.remote_id.unwrap().as_str(), "r3");
    make(
        GetFollowing::new("f0"),
        "GET followings/f0",
        "",
        follows_bob(),
    );
    make(
        GetFollowingByEntity::new(bob()),
        "GET followings/https%3A%2F%2Fbob.example",
        "",
        follows_bob(),
    );
    let mut changes = Following::default();
    let mut friends = Group::default();
    friends.id = Some(GroupId::from("g7"));
    changes.groups.push(friends);
    make(
        UpdateFollowing::new("f0", changes),
        "PUT followings/f0",
        r#"{"groups":[{"id":"g7"}]}"#,
        follows_bob(),
    );
    make(
        DeleteFollowing::new("f0"),
        "DELETE followings/f0",
        "",
        nothing(),
    );
    let list = ListFollowings::new().since(&"f0".into());
    make(
        list.clone(),
        "GET followings?since_id=f0",
        "",
        Answer::json("[]"),
    );
    assert_eq!(
        make(
            CountFollowings::new(list),
            "HEAD followings?since_id=f0",
            "",
            nothing().header("count", "9")
        ),
        9
    );
}
