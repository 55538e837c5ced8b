//! Each request that the document "Server API for Apps" shows is sent, and each answer read, in the
//! order of the document. Its parameters have tests of their own.

use serde_json::{Value, json};
use tent_flow::script::Answer;
use tent_proto::call::{Call, Replay};
use tent_proto::draft::call::*;
use tent_proto::draft::model::{License, Post, TypeReference};
use tent_proto::model::{Content, Status};
use tent_proto::{PostId, Timestamp};

use super::{DELETE, READ, answer, change, create, make, read, repost, written};

fn profile(bands: &[&str]) -> Value {
    json!([
        {
            "type": {"url": "https://tent.io", "version": "0.1.0"},
            "licenses": [{"url": "https://tent.io/types/licenses/creative-commons", "version": "3.0.0"}],
            "entity": "smith.me",
            "servers": ["https://tent.smith.me", "https://eqt5g4fuenphqinx.onion", "https://smi.th/api"]
        },
        {"type": {"url": "https://tent.io/types/info/music", "version": "0.1.0"}, "bands": bands}
    ])
}

#[test]
fn get_profile() {
    let shown = profile(&["foo", "bar"]);
    let parts = make(GetProfile::default(), "GET /profile", &READ, answer(&shown));
    assert_eq!(written(&parts), shown);
    assert!(parts[0].is_core() && !parts[1].is_core());
    assert_eq!(parts[0].entity.as_deref(), Some("smith.me"));
    assert_eq!(parts[0].servers.len(), 3);
    assert_eq!(parts[1].extra.get("bands"), Some(r#"["foo","bar"]"#));
}

#[test]
fn update_profile_json() {
    let mut parts: Vec<_> = read(&profile(&["foo", "bar"]));
    let bands = serde_json::value::to_raw_value(&["foo", "bar", "baz"]).unwrap();
    let changed: &mut tent_proto::draft::model::Info = &mut parts[1];
    changed.extra.set("bands", bands);
    let whole = profile(&["foo", "bar", "baz"]);
    let told = make(
        UpdateProfile::new(parts),
        "PATCH /profile",
        &change(whole.clone()),
        answer(&whole),
    );
    assert_eq!(written(&told), whole);
}

#[test]
fn get_following_entities() {
    let shown = json!([{
        "id": "ddc0563f12de",
        "entity": "johnsmith.me",
        "groups": ["friends"],
        "licenses": [{"url": "http://license.org/free-speach", "version": "0.1.0"}],
        "post_types": [{"url": "https://tent.io/post-types/photo", "version": "0.1.0"}]
    }]);
    let all = make(
        ListFollowings::default(),
        "GET /following",
        &READ,
        answer(&shown),
    );
    assert_eq!(written(&all), shown);
    let photos = TypeReference::new("https://tent.io/post-types/photo", "0.1.0");
    assert_eq!(all[0].post_types, [photos]);
}

#[test]
fn follow() {
    let elza = json!({"entity": "elza-mraz.me", "groups": ["friends", "business"]});
    let call = || {
        CreateFollowing::new("elza-mraz.me")
            .in_group("friends")
            .in_group("business")
    };
    assert_eq!(call().replay(), Replay::OnlyIfUnsent);
    let located =
        Answer::status(201).header("location", "https://tent.smith.me/following/bda7f416fbba");
    let told = Answer::status(201).body(r#"{"id":"bda7","entity":"elza-mraz.me"}"#);
    for (answer, id) in [
        // As the document shows it.
        (Answer::status(201), None),
        (located, Some("bda7f416fbba")),
        (told, Some("bda7")),
    ] {
        let created = make(call(), "POST /following", &create(elza.clone()), answer);
        assert_eq!(created.as_ref().map(|id| id.as_str()), id);
    }
}

#[test]
fn update_following() {
    let sent = json!({"entity": "elza-mraz.me", "groups": ["business"]});
    let shown = json!({"id": "bda7f416fbba", "entity": "elza-mraz.me", "groups": ["business"]});
    let told = make(
        UpdateFollowing::new("bda7f416fbba", read(&sent)),
        "PATCH /following/bda7f416fbba",
        &change(sent),
        answer(&shown),
    );
    assert_eq!(written(&told), shown);
}

#[test]
fn unfollow() {
    make(
        DeleteFollowing::new("bda7f416fbba"),
        "DELETE /following/bda7f416fbba",
        &DELETE,
        Answer::status(204),
    );
}

fn koss(groups: &[&str]) -> Value {
    json!({
        "id": "ddd67278456b", "entity": "koss.me", "groups": groups,
        "full_name": "Tim Koss", "display_name": "koss"
    })
}

#[test]
fn followers() {
    let shown = json!([koss(&[])]);
    let all = make(
        ListFollowers::default(),
        "GET /followers",
        &READ,
        answer(&shown),
    );
    assert_eq!(written(&all), shown);
}

#[test]
fn update_follower() {
    let shown = koss(&["random-people"]);
    let mut sent = shown.clone();
    sent.as_object_mut().unwrap().remove("id");
    let told = make(
        UpdateFollower::new("ddd67278456b", read(&sent)),
        "PATCH /followers/ddd67278456b",
        &change(sent),
        answer(&shown),
    );
    assert_eq!(written(&told), shown);
}

#[test]
fn follower() {
    let shown = koss(&["random-people"]);
    let told = make(
        GetFollower::new("ddd67278456b"),
        "GET /followers/ddd67278456b",
        &READ,
        answer(&shown),
    );
    assert_eq!(told.full_name.as_deref(), Some("Tim Koss"));
    assert_eq!(told.display_name.as_deref(), Some("koss"));
    assert_eq!(written(&told), shown);
}

#[test]
fn block_follower() {
    make(
        DeleteFollower::new("ddd67278456b"),
        "DELETE /followers/ddd67278456b",
        &DELETE,
        Answer::status(204),
    );
}

#[test]
fn publish() {
    let sent = json!({
        "time": 1_345_317_062,
        "recipients": ["friends", "elza-mraz.me"],
        "licences": [{"url": "https://licences.org/free-speach", "version": "0.1.0"}],
        "content": {
            "type": {"url": "https://tent.io/types/posts/status", "version": "0.1.0", "view": "full"},
            "text": "Necessitatibus saepe exercitationem. Quidem rem aspernatur atque numquam in. Voluptas qui et.",
            "excerpt": "Necessitatibus saepe exercitationem..."
        }
    });
    let mut post = Post::default();
    post.time = Some(Timestamp::from_epoch_seconds(1_345_317_062));
    post.recipients = vec!["friends".into(), "elza-mraz.me".into()];
    post.licences = vec![License::new("https://licences.org/free-speach", "0.1.0")];
    post.content = Some(Content::new(&sent["content"]).unwrap());
    let status = TypeReference::new("https://tent.io/types/posts/status", "0.1.0").in_view("full");
    assert_eq!(post.content_type().unwrap(), status);
    let text = post.content::<Status>().unwrap().text.unwrap();
    assert!(text.starts_with("Necessitatibus saepe exercitationem. Quidem"));

    let call = CreatePost::new(post);
    assert_eq!(call.replay(), Replay::OnlyIfUnsent);
    let created = make(call, "POST /posts", &create(sent), Answer::status(201));
    assert_eq!(created, None);
}

#[test]
fn fetch_single_post() {
    let call = GetPost::new("3fe1abef41cb")
        .of("smithson.me")
        .fetch(Fetch::Force);
    let target = "GET /posts/3fe1abef41cb?entity=smithson%2Eme&fetch=force";
    let post = make(call, target, &READ, answer(&repost()));
    assert_eq!(written(&post), repost());
    assert_eq!(post.scope.as_deref(), Some("public"));
}

#[test]
fn fetch_multiple_posts() {
    let shown = json!([repost()]);
    let next = ListPosts::new()
        .since(&PostId::from("80b445839dd1"))
        .limit(50);
    for (call, target) in [
        // The document writes the whole URL here, which no request line has.
        (next, "GET /posts?since_id=80b445839dd1&limit=50"),
        (
            ListPosts::new().fetch(Fetch::False),
            "GET /posts?fetch=false",
        ),
    ] {
        let all = make(call, target, &READ, answer(&shown));
        assert_eq!(written(&all), shown);
    }
}
