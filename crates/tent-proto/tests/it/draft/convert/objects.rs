//! What becomes of each member.

use serde_json::{Value, json};
use tent_proto::draft::call::CreatePost;
use tent_proto::draft::convert::{ConvertError, Converter, entity, host_name};
use tent_proto::draft::model::{
    Follower as DraftFollower, Following as DraftFollowing, Info, Post as DraftPost,
};
use tent_proto::model::{Follower, Following, Group};
use tent_proto::{Post, Profile};

use crate::draft::{read, session, written};

fn groups() -> Converter {
    let friends: Group = read(&json!({"id": "g1", "name": "friends", "created_at": 5}));
    Converter::new().with_groups([&friends])
}

#[test]
fn each_member_of_a_post_has_its_place() {
    let old = json!({
        "id": "8fec", "time": 1_342_217_776, "entity": "sheldon.io", "scope": "limited",
        "recipients": ["friends", "elza-mraz.me", "family"],
        "licences": [{"url": "https://licences.org/free-speach", "version": "0.1.0"}, {"url": "https://a.example"}],
        "mentions": [{"entity": "koss.me", "id": "p2", "why": 1}, {"entity": "bob.me:8443/me"}],
        "content": {"type": {"url": "https://tent.io/types/posts/status", "version": "0.1.0", "view": "full"}, "text": "Hi"},
        "mood": {"now": 1.50},
    });
    let new = json!({
        "id": "8fec", "published_at": 1_342_217_776, "entity": "https://sheldon.io",
        "scope": "limited", "recipients": ["friends", "elza-mraz.me", "family"],
        "permissions": {"public": false, "groups": [{"id": "g1"}, {"name": "family"}],
            "entities": {"https://elza-mraz.me": true}},
        "licenses": ["https://licences.org/free-speach/v0.1.0", "https://a.example"],
        "mentions": [{"entity": "https://koss.me", "post": "p2", "why": 1}, {"entity": "https://bob.me:8443/me"}],
        "type": "https://tent.io/types/posts/status/v0.1.0#full", "content": {"text": "Hi"},
        "mood": {"now": 1.50},
    });
    let post = groups().post_to_v0(&read(&old)).unwrap();
    assert_eq!(written(&post), new);
    assert_eq!(written(&groups().post_from_v0(&post).unwrap()), old);
}

#[test]
fn what_is_unknown_keeps_its_text() {
    let old: DraftPost = serde_json::from_str(r#"{"big":1e400, "content":{"n": 1.0e2}}"#).unwrap();
    let post = Converter::new().post_to_v0(&old).unwrap();
    assert_eq!(post.extra.get("big"), Some("1e400"));
    assert_eq!(post.content.as_ref().unwrap().as_json(), r#"{"n": 1.0e2}"#);
    assert_eq!(Converter::new().post_from_v0(&post).unwrap(), old);
}

#[test]
fn what_only_a_later_post_has_waits_in_the_draft() {
    let new = json!({
        "id": "p1", "entity": "https://alice.example", "type": "https://tent.io/types/post/photo/v0.1.0",
        "content": {"caption": "Quay"}, "published_at": 5, "received_at": 6, "version": 2,
        "attachments": [{"category": "photos", "name": "quay.jpg", "type": "image/jpeg", "size": 3}],
        "app": {"name": "Harbour"}, "permissions": {"public": true},
    });
    let old = Converter::new().post_from_v0(&read(&new)).unwrap();
    assert_eq!(old.extra.get("received_at"), Some("6"));
    assert!(old.extra.get("permissions").is_none() && old.scope.is_none());
    assert_eq!(written(&Converter::new().post_to_v0(&old).unwrap()), new);
}

/// The audience of a later post, as the draft has it.
fn audience(permissions: Value) -> (Value, Value) {
    let new: Post = read(&json!({ "permissions": permissions }));
    let old = groups().post_from_v0(&new).unwrap();
    let back = groups().post_to_v0(&old).unwrap();
    assert_eq!(back.permissions, new.permissions);
    assert!(back.extra.is_empty(), "{back:?}");
    (json!(old.recipients), json!(old.scope))
}

#[test]
fn a_private_post_does_not_become_public_on_the_way() {
    for private in [
        json!({"public": false}),
        Value::Null,
        json!({"groups": [{"id": "gone"}]}),
    ] {
        assert_eq!(audience(private), (json!([]), json!("limited")));
    }
    let old = Converter::new().post_from_v0(&Post::status("Hi")).unwrap();
    let mut script = tent_flow::script::Script::new();
    let error = script
        .run(session().call(CreatePost::new(old)))
        .unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(
        cause,
        "the post is not for everybody, and without recipients it would be"
    );
}

#[test]
fn nobody_is_added_to_an_audience() {
    let some = json!({"public": false, "groups": [{"id": "g1"}, {"id": "gone"}],
        "entities": {"https://bob.me": true, "https://carol.me": false, "https://localhost": true}});
    assert_eq!(
        audience(some),
        (json!(["friends", "bob.me"]), json!("limited"))
    );
    let direct = json!({"public": false, "entities": {"https://bob.me": true}});
    assert_eq!(audience(direct), (json!(["bob.me"]), json!("direct")));
    let open = json!({"public": true, "groups": [{"id": "g1"}]});
    assert_eq!(audience(open), (json!([]), json!("public")));
}

#[test]
fn an_audience_that_was_changed_counts_and_not_the_one_that_was_kept() {
    let converter = Converter::new();
    let mut post = converter
        .post_to_v0(&read(&json!({"recipients": ["bob.me"]})))
        .unwrap();
    post = post.public();
    let old = converter.post_from_v0(&post).unwrap();
    assert_eq!(
        (old.recipients.len(), old.scope.as_deref()),
        (0, Some("public"))
    );

    let mut old = converter
        .post_from_v0(
            &Post::status("Hi")
                .public()
                .visible_to(&"https://bob.me".parse().unwrap()),
        )
        .unwrap();
    old.scope = None;
    old.recipients = vec!["carol.me".into()];
    let permissions = converter.post_to_v0(&old).unwrap().permissions.unwrap();
    assert!(!permissions.is_public());
    let entities: Vec<_> = permissions
        .entities
        .keys()
        .map(|entity| entity.as_str())
        .collect();
    assert_eq!(entities, ["https://carol.me"]);
}

#[test]
fn a_draft_post_without_recipients_is_public() {
    for (old, is_public) in [
        (json!({}), true),
        (json!({"scope": "public"}), true),
        (json!({"scope": "limited"}), false),
        (json!({"scope": "secret"}), false),
        (json!({"recipients": ["friends"]}), false),
    ] {
        let post = Converter::new().post_to_v0(&read(&old)).unwrap();
        assert_eq!(post.is_public(), is_public, "{old}");
    }
}

#[test]
fn a_repost_names_an_entity_in_its_content() {
    let old = json!({"content": {"type": {"url": "https://tent.io/types/posts/repost", "version": "0.1.0"},
        "id": "3fe1", "entity": "smithson.me"}});
    let post = Converter::new().post_to_v0(&read(&old)).unwrap();
    let repost: tent_proto::model::Repost = post.content().unwrap();
    assert_eq!(repost.entity.unwrap().as_str(), "https://smithson.me");
    assert_eq!(written(&Converter::new().post_from_v0(&post).unwrap()), old);
    // In other content, an entity is whatever that type says.
    let other =
        json!({"content": {"type": {"url": "https://a.example/t"}, "entity": "smithson.me"}});
    let post = Converter::new().post_to_v0(&read(&other)).unwrap();
    assert_eq!(
        post.content.unwrap().as_json(),
        r#"{"entity":"smithson.me"}"#
    );
}

#[test]
fn a_type_that_says_more_than_a_uri_can_is_kept() {
    for reference in [
        json!({"url": "https://a.example/t", "version": "1", "since": 2012}),
        json!({"url": "https://a.example/t#x", "version": "1"}),
        json!({"url": "https://a.example/t/v1"}),
    ] {
        let old = json!({"content": {"type": reference, "a": 1}});
        let post = Converter::new().post_to_v0(&read(&old)).unwrap();
        assert!(post.post_type.is_some());
        assert_eq!(written(&Converter::new().post_from_v0(&post).unwrap()), old);
        let parts = json!([{"type": reference, "a": 1}]);
        let profile = Converter::new()
            .profile_to_v0(&read::<Vec<Info>>(&parts))
            .unwrap();
        assert_eq!(
            written(&Converter::new().profile_from_v0(&profile).unwrap()),
            parts
        );
    }
}

#[test]
fn what_has_no_counterpart_is_named() {
    let draft = |post: Value| Converter::new().post_to_v0(&read(&post)).unwrap_err();
    let later = |post: Value| Converter::new().post_from_v0(&read(&post)).unwrap_err();
    for (error, told) in [
        (
            draft(json!({"published_at": 1})),
            "the member \"published_at\" means something else in the other dialect",
        ),
        (
            draft(json!({"type": "https://a.example/t"})),
            "the member \"type\" means",
        ),
        (
            draft(json!({"mentions": [{"post": "p1"}]})),
            "the member \"post\" means",
        ),
        (
            draft(json!({"licences": [{"url": "a", "text": "b"}]})),
            "what the member \"licenses\" says has no counterpart",
        ),
        (
            draft(json!({"received_at": "soon"})),
            "the object cannot be read",
        ),
        (later(json!({"time": 1})), "the member \"time\" means"),
        (
            later(json!({"mentions": [{"id": "p1"}]})),
            "the member \"id\" means",
        ),
        (
            later(json!({"content": {"type": {"url": "a"}}})),
            "the member \"type\" means",
        ),
        (
            later(json!({"type": "b", "content": {"type": {"url": "a"}}})),
            "the member \"type\" means",
        ),
        (
            later(json!({"type": "b", "content": {"type": 5}})),
            "the member \"type\" means",
        ),
        (
            later(json!({"type": "b", "content": [1]})),
            "what the member \"content\" says has no",
        ),
    ] {
        assert!(error.to_string().starts_with(told), "{told}: {error}");
    }
}

#[test]
fn content_that_is_no_object_has_no_type_and_stays() {
    for content in [json!("text"), json!([1]), json!({"a": 1}), json!(5)] {
        let old = json!({ "content": content });
        let post = Converter::new().post_to_v0(&read(&old)).unwrap();
        assert_eq!(post.post_type, None);
        assert_eq!(written(&Converter::new().post_from_v0(&post).unwrap()), old);
    }
    // A type alone makes content in the draft, and a type alone in the later dialects.
    let typed = json!({"type": "https://a.example/t/v1", "permissions": {"public": true}});
    let old = Converter::new().post_from_v0(&read(&typed)).unwrap();
    assert_eq!(
        written(&old),
        json!({"content": {"type": {"url": "https://a.example/t", "version": "1"}}})
    );
    assert_eq!(written(&Converter::new().post_to_v0(&old).unwrap()), typed);
}

#[test]
fn a_profile_is_a_list_or_a_map() {
    let parts = json!([
        {"type": {"url": "https://tent.io", "version": "0.1.0"}, "entity": "smith.me", "since": 2012,
         "licenses": [{"url": "https://tent.io/types/licenses/creative-commons", "version": "3.0.0"}],
         "servers": ["https://tent.smith.me", "https://smi.th/api"]},
        {"type": {"url": "https://tent.io", "version": "0.2.0"}, "entity": "smith.me"},
        {"type": {"url": "https://tent.io/types/info/tent", "version": "0.3.0"}, "entity": "smith.me"},
        {"type": {"url": "https://tent.io/types/info/music", "version": "0.1.0"}, "bands": ["foo", "bar"]},
    ]);
    let core = "https://tent.io/types/info/core";
    let map = json!({
        format!("{core}/v0.1.0"): {"entity": "https://smith.me", "since": 2012,
            "licenses": ["https://tent.io/types/licenses/creative-commons/v3.0.0"],
            "servers": ["https://tent.smith.me", "https://smi.th/api"]},
        format!("{core}/v0.2.0"): {"entity": "https://smith.me"},
        format!("{core}/v0.3.0"): {"type": {"url": "https://tent.io/types/info/tent", "version": "0.3.0"}, "entity": "https://smith.me"},
        "https://tent.io/types/info/music/v0.1.0": {"bands": ["foo", "bar"]},
    });
    let converter = Converter::new();
    let profile = converter.profile_to_v0(&read::<Vec<Info>>(&parts)).unwrap();
    assert_eq!(written(&profile), map);
    assert_eq!(
        written(&converter.profile_from_v0(&profile).unwrap()),
        parts
    );
    // A server without a scheme gets one.
    let bare = json!([{"type": {"url": "https://tent.io", "version": "0.1.0"}, "servers": ["smi.th/api"]}]);
    let profile = converter.profile_to_v0(&read::<Vec<Info>>(&bare)).unwrap();
    assert_eq!(profile.core().unwrap().servers, ["https://smi.th/api"]);
}

#[test]
fn a_profile_says_what_is_wrong_with_it() {
    let to = |parts: Value| {
        Converter::new()
            .profile_to_v0(&read::<Vec<Info>>(&parts))
            .unwrap_err()
    };
    let from = |map: Value| {
        Converter::new()
            .profile_from_v0(&read::<Profile>(&map))
            .unwrap_err()
    };
    let part = json!({"type": {"url": "https://a.example/t", "version": "1"}});
    assert!(matches!(to(json!([{"mood": 1}])), ConvertError::NoType));
    assert!(
        matches!(to(json!([part, part])), ConvertError::Twice(uri) if uri.as_str() == "https://a.example/t/v1")
    );
    assert!(matches!(
        from(json!({"https://a.example/t/v1": 5})),
        ConvertError::NoCounterpart("section")
    ));
    let typed = json!({"https://a.example/t/v1": {"type": {"url": "https://a.example/u"}}});
    assert!(matches!(from(typed), ConvertError::Taken("type")));
    assert!(matches!(
        from(json!({"https://tent.io/v0.1.0": {}})),
        ConvertError::Taken("type")
    ));
}

#[test]
fn followings_and_followers_are_translated() {
    let old = json!({"id": "ddc0", "entity": "johnsmith.me", "groups": ["friends", "family"],
        "licenses": [{"url": "http://license.org/free-speach", "version": "0.1.0"}],
        "post_types": [{"url": "https://tent.io/post-types/photo", "version": "~> 0.1", "view": "meta"}, {"url": "all"}]});
    let new = json!({"id": "ddc0", "entity": "https://johnsmith.me", "groups": [{"id": "g1"}, {"name": "family"}],
        "licenses": ["http://license.org/free-speach/v0.1.0"],
        "types": ["https://tent.io/post-types/photo/v~> 0.1#meta", "all"]});
    let following = groups()
        .following_to_v0(&read::<DraftFollowing>(&old))
        .unwrap();
    assert_eq!(written(&following), new);
    assert_eq!(
        written(&groups().following_from_v0(&following).unwrap()),
        old
    );

    let old = json!({"id": "ddd6", "entity": "koss.me", "groups": [], "full_name": "Tim Koss", "display_name": "koss"});
    let follower = groups()
        .follower_to_v0(&read::<DraftFollower>(&old))
        .unwrap();
    let basic = follower
        .profile
        .as_ref()
        .unwrap()
        .section(&tent_proto::TypeUri::basic());
    assert_eq!(basic, Some(r#"{"name":"Tim Koss"}"#));
    assert_eq!(written(&groups().follower_from_v0(&follower).unwrap()), old);

    let new = json!({"entity": "https://koss.me", "notification_path": "notifications/x", "mac_key": "5ecret",
        "profile": {"https://tent.io/types/info/basic/v0.1.0": {"name": "Tim Koss", "bio": "!"}}});
    let follower = groups().follower_from_v0(&read::<Follower>(&new)).unwrap();
    assert_eq!(follower.full_name.as_deref(), Some("Tim Koss"));
    assert!(!format!("{follower:?}").contains("5ecret"));
    assert_eq!(written(&groups().follower_to_v0(&follower).unwrap()), new);
}

#[test]
fn a_group_that_is_not_known_is_named() {
    for group in [
        json!({"id": "gone"}),
        json!({"id": "g1", "created_at": 5}),
        json!({}),
    ] {
        let new: Following = read(&json!({ "groups": [group] }));
        let error = groups().following_from_v0(&new).unwrap_err();
        assert!(
            matches!(error, ConvertError::NoCounterpart("groups")),
            "{error:?}"
        );
    }
}

#[test]
fn host_names_and_entities() {
    for (host, uri) in [
        ("smith.me", "https://smith.me"),
        ("smith.me:8443/me/", "https://smith.me:8443/me/"),
        ("http://smith.me", "http://smith.me"),
    ] {
        let entity = entity(host).unwrap();
        assert_eq!(entity.as_str(), uri);
        assert_eq!(host_name(&entity), host);
    }
    assert!(entity("a b").is_err());
}
