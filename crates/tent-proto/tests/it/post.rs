//! Posts as the constructors make them.

use serde_json::{Value, json};
use tent_proto::model::{
    Album, Content, Deletion, Essay, GroupChange, Photo, ProfileChange, RelationChange, Repost,
    Status,
};
use tent_proto::{Entity, GroupId, Post, PostId, TypeUri};

fn bob() -> Entity {
    "https://bob.example".parse().unwrap()
}

fn written(post: &Post) -> Value {
    serde_json::to_value(post).unwrap()
}

/// A private post of one of the documented types.
fn private(name: &str, content: &Value) -> Value {
    json!({
        "type": format!("https://tent.io/types/post/{name}/v0.1.0"),
        "content": content,
        "permissions": {"public": false},
    })
}

#[test]
fn every_documented_type_has_a_constructor() {
    let exif = Content::from_json(r#"{"f":1.80}"#).unwrap();
    let change = RelationChange::new("f1", bob(), "create");
    let relation = json!({"id": "f1", "entity": "https://bob.example", "action": "create"});
    for (post, name, content) in [
        (Post::status("Hello"), "status", json!({"text": "Hello"})),
        (
            Status::default().at(-3.5, 51.0).into(),
            "status",
            json!({"location": {"type": "Point", "coordinates": [-3.5, 51]}}),
        ),
        (
            Post::essay("T", "<p>"),
            "essay",
            json!({"title": "T", "body": "<p>"}),
        ),
        (
            Essay::new("b").excerpt("e").tag("x").tag("y").into(),
            "essay",
            json!({"excerpt": "e", "body": "b", "tags": ["x", "y"]}),
        ),
        (Post::photo("Dusk"), "photo", json!({"caption": "Dusk"})),
        (
            Photo::default().album("a1").tag("x").exif(exif).into(),
            "photo",
            json!({"albums": ["a1"], "tags": ["x"], "exif": {"f": 1.8}}),
        ),
        (
            Post::album("Coast", ["p1"]),
            "album",
            json!({"title": "Coast", "photos": ["p1"]}),
        ),
        (
            Album::new(["p1", "p2"]).description("d").cover("p2").into(),
            "album",
            json!({"description": "d", "photos": ["p1", "p2"], "cover": "p2"}),
        ),
        (Deletion::new("p1").into(), "delete", json!({"id": "p1"})),
        (
            ProfileChange::new("update", [TypeUri::basic()]).into(),
            "profile",
            json!({"action": "update", "types": ["https://tent.io/types/info/basic/v0.1.0"]}),
        ),
        (Post::following(&change), "following", relation.clone()),
        (Post::follower(&change), "follower", relation),
        (
            GroupChange::new("g1", "friends", "delete").into(),
            "group",
            json!({"id": "g1", "name": "friends", "action": "delete"}),
        ),
    ] {
        let expected = private(name, &content);
        let mut post = written(&post);
        // 51 and 51.0 are the same number, but not the same value.
        if let Some(degrees) = post.pointer_mut("/content/location/coordinates/1") {
            *degrees = degrees
                .as_f64()
                .map_or(Value::Null, |number| json!(number as i64));
        }
        assert_eq!(post, expected);
    }
}

#[test]
fn a_repost_names_and_mentions_what_it_passes_on() {
    let mut theirs = Post::status("Hello");
    assert!(Post::repost(&theirs).is_none());
    theirs.entity = Some(bob());
    assert!(Post::repost(&theirs).is_none());
    theirs.id = Some("Zz8".into());
    let repost = Post::repost(&theirs).unwrap();
    assert_eq!(repost, Repost::new(bob(), "Zz8").into());
    let content = json!({"entity": "https://bob.example", "id": "Zz8"});
    let mut expected = private("repost", &content);
    expected["mentions"] = json!([{"entity": "https://bob.example", "post": "Zz8"}]);
    assert_eq!(written(&repost), expected);
}

#[test]
fn who_sees_a_post_and_what_it_mentions_add_up() {
    let mut theirs = Post::default();
    theirs.entity = Some(bob());
    let carol: Entity = "https://carol.example".parse().unwrap();
    let post = Post::status("x")
        .reply_to(&theirs) // has no id yet
        .mentioning(&carol)
        .mentioning_post(&bob(), &PostId::from("Zz8"))
        .visible_to(&carol)
        .visible_to(&bob())
        .visible_to_group(&GroupId::from("g7"))
        .licensed("https://l.example/1")
        .licensed("https://l.example/2");
    let written = written(&post);
    assert_eq!(
        written["permissions"],
        json!({
            "public": false,
            "groups": [{"id": "g7"}],
            "entities": {"https://bob.example": true, "https://carol.example": true},
        })
    );
    assert_eq!(
        written["mentions"],
        json!([{"entity": "https://carol.example"}, {"entity": "https://bob.example", "post": "Zz8"}])
    );
    assert_eq!(
        written["licenses"],
        json!(["https://l.example/1", "https://l.example/2"])
    );
    assert!(post.public().is_public());
    // Whom else it is shown to may be said first.
    let mut bare = Post::default();
    bare.content = Some(Content::from_json("{}").unwrap());
    assert!(!bare.visible_to(&carol).is_public());
}

#[test]
fn a_place_is_two_numbers_in_the_order_they_came() {
    let at = |location: &str| {
        let status: Status =
            serde_json::from_str(&format!(r#"{{"location":{location}}}"#)).unwrap();
        status.coordinates()
    };
    assert_eq!(
        at(r#"{"type":"Point","coordinates":[50.9,4.5]}"#),
        Some((50.9, 4.5))
    );
    assert_eq!(at(r#"{"coordinates":[1,2,3]}"#), Some((1.0, 2.0)));
    for odd in [
        r#"{"coordinates":[1]}"#,
        r#"{"coordinates":"x"}"#,
        "null",
        "[1,2]",
    ] {
        assert_eq!(at(odd), None, "{odd}");
    }
    let place = Status::default().at(4.5, 50.9);
    assert_eq!(place.coordinates(), Some((4.5, 50.9)));
    assert_eq!(Status::default().at(f64::NAN, 1.0).location, None);
}
