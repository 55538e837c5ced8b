//! Followers, followings and groups, beyond what every call does: docs/protocol.md §6.3 to §6.5, §9.3.

use http::Method;
use tent_flow::Seed;
use tent_flow::script::{Answer, Script};
use tent_proto::call::*;
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::model::{Follower, Following};
use tent_proto::{BuildError, CallError, Entity, Session};

const ROOT: &str = "https://a.example/tent";

fn session() -> Session {
    let entity: Entity = "https://alice.example".parse().unwrap();
    let credentials = Credentials::new("u:1", "k", Algorithm::HmacSha256).unwrap();
    let servers = vec![ROOT.parse().unwrap()];
    Session::new(entity, servers, credentials, Seed::new([7; 32]))
}

fn bob() -> Entity {
    "https://bob.example".parse().unwrap()
}

fn on(script: Script, request: &str, answer: Answer) -> Script {
    let (method, path) = request.split_once(' ').unwrap();
    script.on(method, &format!("{ROOT}/{path}"), answer)
}

#[test]
fn the_credential_of_a_relation_is_asked_for() {
    let key = || Answer::json(r#"{"id":"r","mac_key_id":"s:1","mac_key":"k"}"#);
    let mut script = on(Script::new(), "GET followers/r?secrets=true", key());
    script = on(script, "GET followings/r?secrets=true", key());
    let by_entity = "https%3A%2F%2Fbob.example?secrets=true";
    script = on(script, &format!("GET followers/{by_entity}"), key());
    script = on(script, &format!("GET followings/{by_entity}"), key());
    let follower = script.run(session().call(GetFollower::new("r").with_secrets()));
    assert_eq!(follower.unwrap().credentials().unwrap().id(), "s:1");
    let following = script.run(session().call(GetFollowing::new("r").with_secrets()));
    assert_eq!(following.unwrap().credentials().unwrap().id(), "s:1");
    let call = GetFollowerByEntity::new(bob()).with_secrets();
    assert!(script.run(session().call(call)).is_ok());
    let call = GetFollowingByEntity::new(bob()).with_secrets();
    assert!(script.run(session().call(call)).is_ok());
    script.finish();
}

#[test]
fn who_moves_brings_followers_and_followings_and_groups() {
    let key = Credentials::new("s:1", "k", Algorithm::HmacSha256).unwrap();
    let mut follower = Follower::default().with_credentials(&key);
    follower.entity = Some(bob());
    let mut following = CreateFollowing::new(bob());
    following.following.remote_id = Some("r3".into());
    following.following = following.following.with_credentials(&key);
    let mut script = on(Script::new(), "POST followers", Answer::json("{}"));
    script = on(script, "POST followings", Answer::json("{}"));
    script = on(script, "POST groups", Answer::json("{}"));
    script
        .run(session().call(CreateFollower::new(follower)))
        .unwrap();
    script.run(session().call(following)).unwrap();
    let group = CreateGroup::new("friends").with_id("g7");
    assert_eq!(group.replay(), Replay::Always);
    script.run(session().call(group)).unwrap();
    let bodies = script
        .seen()
        .iter()
        .map(|seen| std::str::from_utf8(&seen.body).unwrap());
    assert_eq!(
        bodies.collect::<Vec<_>>(),
        [
            r#"{"entity":"https://bob.example","mac_key_id":"s:1","mac_key":"k","mac_algorithm":"hmac-sha-256"}"#,
            r#"{"entity":"https://bob.example","remote_id":"r3","mac_key_id":"s:1","mac_key":"k","mac_algorithm":"hmac-sha-256"}"#,
            r#"{"id":"g7","name":"friends"}"#,
        ]
    );
    assert!(
        script
            .seen()
            .iter()
            .all(|seen| !seen.header("authorization").is_empty())
    );
}

#[test]
fn what_can_be_done_twice_is_said() {
    let replays = [
        CreateFollower::new(Follower::default()).replay(),
        CreateGroup::new("x").replay(),
        RequestFollow::new(bob(), "n/F".parse().unwrap()).replay(),
    ];
    assert_eq!(replays, [Replay::OnlyIfUnsent; 3]);
    let session = Session::anonymous(bob(), vec![ROOT.parse().unwrap()]);
    let mut script = Script::new();
    let error = script.run(session.call(CreateFollower::new(Follower::default())));
    assert!(matches!(
        error,
        Err(CallError::Build(BuildError::NoCredentials))
    ));
}

#[test]
fn an_object_of_nulls_is_read_again_by_its_id() {
    let nulls = || {
        let nulls = Answer::json(r#"{"id":null,"entity":null,"permissions":{"public":null}}"#);
        // Whatever host it names, the own server is asked.
        nulls.header("content-location", "https://evil.example/tent/x/r%2D3?x")
    };
    let whole = || Answer::json(r#"{"id":"r-3","entity":"https://bob.example"}"#);
    let entity = "https%3A%2F%2Fbob.example";
    let mut script = on(Script::new(), &format!("GET followers/{entity}"), nulls());
    script = on(script, "GET followers/r-3", whole());
    script = on(script, &format!("GET followings/{entity}"), nulls());
    script = on(script, "GET followings/r-3", whole());
    // A server that gives the whole is asked once; one that says nothing is believed.
    script = on(script, &format!("GET followers/{entity}"), whole());
    script = on(
        script,
        &format!("GET followings/{entity}"),
        Answer::json(r#"{"id":null}"#),
    );
    script = on(
        script,
        &format!("GET followings/{entity}"),
        Answer::status(404),
    );
    let follower = script.run(session().find_follower(bob())).unwrap();
    assert_eq!(follower.entity, Some(bob()));
    let following = script.run(session().find_following(bob())).unwrap();
    assert_eq!(following.entity, Some(bob()));
    let follower = script.run(session().find_follower(bob())).unwrap();
    assert_eq!(follower.id, Some("r-3".into()));
    let nothing = script.run(session().find_following(bob())).unwrap();
    assert_eq!(nothing.id, None);
    let missing = script.run(session().find_following(bob())).unwrap_err();
    assert_eq!(missing.status().unwrap(), 404);
    script.finish();
}

#[test]
fn the_followed_are_read_through_the_own_server() {
    // As the server of the followed entity answers: its links are relative to itself.
    let page = Answer::json(r#"[{"id":"p2","entity":"https://bob.example"}]"#);
    let page = page.header(
        "link",
        "</other/root/posts?limit=1&before_id=p2>; rel=\"next\"",
    );
    let mut script = on(Script::new(), "GET followings/f%2F0/posts?limit=1", page);
    script = on(
        script,
        "GET followings/f%2F0/posts?limit=1&before_id=p2",
        Answer::json("[]"),
    );
    script = on(script, "GET followings/f%2F0/profile", Answer::json("{}"));
    script = on(
        script,
        "GET followings/f%2F0/posts/p2?x=1",
        Answer::json("{\"id\":\"p2\"}"),
    );
    let posts = ListPosts::new().limit(1);
    let page = script
        .run(session().call(GetThroughFollowing::new("f/0", posts)))
        .unwrap();
    assert_eq!(page.items[0].entity, Some(bob()));
    let next = GetThroughFollowing::new("f/0", page.next.unwrap());
    assert!(script.run(session().call(next)).unwrap().items.is_empty());
    let profile = GetThroughFollowing::new("f/0", GetProfile::default());
    script.run(session().call(profile)).unwrap();
    let any = Api::new(Method::GET, "posts/p2?x=1");
    let raw = script
        .run(session().call(GetThroughFollowing::new("f/0", any)))
        .unwrap();
    assert_eq!(raw.body(), "{\"id\":\"p2\"}");
    let signed = |seen: &tent_flow::script::Seen| !seen.header("authorization").is_empty();
    assert!(script.seen().iter().all(signed));
    script.finish();
}

#[test]
fn nothing_but_get_is_passed_on() {
    let mut script = Script::new();
    let delete = GetThroughFollowing::new("f", DeleteGroup::new("g"));
    let error = script.run(session().call(delete)).unwrap_err();
    assert!(
        matches!(
            error,
            CallError::Build(BuildError::NotPassedOn(Method::DELETE))
        ),
        "{error:?}"
    );
    let out = GetThroughFollowing::new("f", Api::new(Method::GET, "../../posts"));
    let error = script.run(session().call(out)).unwrap_err();
    assert!(
        matches!(error, CallError::Build(BuildError::Path(_))),
        "{error:?}"
    );
    let collapsed = GetThroughFollowing::new("..", GetProfile::default());
    let error = script.run(session().call(collapsed)).unwrap_err();
    assert!(
        matches!(error, CallError::Build(BuildError::Segment(_))),
        "{error:?}"
    );
}

#[test]
fn what_came_empty_counts_as_absent() {
    for json in [
        r#"{"id":"f","licenses":null,"types":[],"groups":null,"profile":{},"remote_id":"","created_at":"7"}"#,
        r#"{"id":"f","licences":[],"notification_path":null,"permissions":{},"created_at":7.0}"#,
    ] {
        let following: Following = serde_json::from_str(json).unwrap();
        assert!(following.licenses.is_empty() && following.groups.is_empty());
        assert_eq!(following.created_at.unwrap().epoch_seconds(), 7);
        let follower: Follower = serde_json::from_str(json).unwrap();
        assert_eq!(follower.notification_path, None);
    }
}
