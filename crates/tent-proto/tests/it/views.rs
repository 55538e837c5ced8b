//! Views of posts: what they pick, and that nothing of them is lost.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use tent_proto::Post;
use tent_proto::model::{Condition, Content, Pointer, View};

use crate::receive::any_post::{attachment, post, view};

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// What is seen of a post with this content by way of these paths.
fn seen(content: &str, paths: &[&str]) -> String {
    let mut view = View::default();
    view.content = paths.iter().map(|path| Pointer::from(*path)).collect();
    let mut post = Post::default().with_view("some", view);
    post.content = Some(Content::from_json(content).unwrap());
    post.seen_as("some").content.unwrap().as_json().to_owned()
}

#[test]
fn what_is_picked_is_flat_and_what_is_missing_is_null() {
    let content =
        r#"{"title":"Tides","exif":{"camera":{"name":"x","f":1.80}},"tags":["a","b"],"n":null}"#;
    for (paths, expected) in [
        (
            &["title", "exif/camera"][..],
            r#"{"camera":{"name":"x","f":1.80},"title":"Tides"}"#,
        ),
        (&["/exif/camera/f"], r#"{"f":1.80}"#),
        (&["tags/1", "tags/2"], r#"{"1":"b","2":null}"#),
        (
            &["title/x", "nothing", "n"],
            r#"{"n":null,"nothing":null,"x":null}"#,
        ),
        // Of two with one name the last counts.
        (&["title", "exif/title"], r#"{"title":null}"#),
        (&["", "/"], r#"{"":null}"#),
        (&[], "{}"),
    ] {
        assert_eq!(seen(content, paths), expected, "{paths:?}");
    }
    assert_eq!(seen(r#""only text""#, &["a"]), r#"{"a":null}"#);
}

#[test]
fn names_may_hold_slashes_and_tildes() {
    let content = r#"{"a/b":{"~":1,"~1":2,"":3},"":{"x":4}}"#;
    assert_eq!(seen(content, &["a~1b/~0"]), r#"{"~":1}"#);
    assert_eq!(seen(content, &["a~1b/~01"]), r#"{"~1":2}"#);
    assert_eq!(seen(content, &["a~1b/"]), r#"{"":3}"#);
    assert_eq!(seen(content, &["//x"]), r#"{"x":4}"#);
}

#[test]
fn full_and_meta_are_what_they_always_are() {
    let post = post_with_files().with_view("full", View::default());
    let post = post.with_view("meta", View::default().content("text"));
    let full = post.clone().seen_as("full");
    assert_eq!((&full.content, full.attachments.len()), (&post.content, 3));
    assert!(full.views.is_empty());
    let meta = post.clone().seen_as("meta");
    let bare: Post = serde_json::from_str(r#"{"content":{},"attachments":[],"views":{}}"#).unwrap();
    let bare = serde_json::to_string(&bare.seen_as("meta")).unwrap();
    assert_eq!(bare, "{}", "nor what is empty");
    assert_eq!((meta.content, meta.attachments.len()), (None, 0));
    assert_eq!(
        (meta.id, meta.permissions),
        (post.id.clone(), post.permissions.clone())
    );
    // One that nobody defined has no content, and all files.
    let other = post.seen_as("other");
    assert_eq!(other.content.unwrap().as_json(), "{}");
    assert_eq!(other.attachments.len(), 3);
}

fn post_with_files() -> Post {
    let files = json!([
        {"category": "thumbs", "type": "image/png", "name": "a.png"},
        {"category": "photos", "type": "image/png", "name": "a.png"},
        {"category": "photos", "type": "image/jpeg", "name": "b.jpg"},
    ]);
    let post = json!({"id": "p", "content": {"text": "x"}, "permissions": {"public": true}, "attachments": files});
    serde_json::from_value(post).unwrap()
}

#[test]
fn a_file_is_seen_that_one_condition_fits_whole() {
    let count = |view: &str| {
        let view = serde_json::from_str(view).unwrap();
        let post = post_with_files().with_view("some", view).seen_as("some");
        post.attachments.len()
    };
    for (view, files) in [
        ("{}", 3),
        (r#"{"attachments":null}"#, 3),
        (r#"{"attachments":[]}"#, 0),
        (r#"{"attachments":[{}]}"#, 0),
        (r#"{"attachments":[{"size":8}]}"#, 0),
        (r#"{"attachments":[{"category":"photos"}]}"#, 2),
        (
            r#"{"attachments":[{"category":"photos","type":"image/png"}]}"#,
            1,
        ),
        (
            r#"{"attachments":[{"category":"thumbs"},{"name":"b.jpg"}]}"#,
            2,
        ),
        (r#"{"attachments":[{"type":"image/gif"}]}"#, 0),
    ] {
        assert_eq!(count(view), files, "{view}");
    }
    let hidden = View::default().content("text").without_attachments();
    assert!(
        post_with_files()
            .with_view("a", hidden)
            .seen_as("a")
            .attachments
            .is_empty()
    );
    let shown = View::default()
        .without_attachments()
        .attachments(Condition::name("b.jpg"));
    assert_eq!(
        post_with_files()
            .with_view("a", shown)
            .seen_as("a")
            .attachments
            .len(),
        1
    );
}

#[test]
fn views_of_a_newer_server_survive() {
    let text = r#"{"views":{"teaser":{"content":["a/b"],"attachments":[{"category":"x","size":{"max":1.50}}],"for":["all"]},"empty":{}}}"#;
    let post: Post = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&post).unwrap().len(), text.len());
    assert_eq!(value(&serde_json::to_string(&post).unwrap()), value(text));
    for wrong in [
        r#"{"views":"full"}"#,
        r#"{"views":{"a":{"content":"title"}}}"#,
    ] {
        assert!(serde_json::from_str::<Post>(wrong).is_err(), "{wrong}");
    }
}

/// What a view picks, done by hand with other means.
fn picked(content: &Value, paths: &[Vec<String>]) -> Value {
    let find = |path: &Vec<String>| {
        path.iter().try_fold(content, |found, name| match found {
            Value::Array(items) => items.get(name.parse::<usize>().ok()?),
            found => found.get(name),
        })
    };
    let picked = paths.iter().map(|path| {
        let name = path.last().unwrap().clone();
        (name, find(path).cloned().unwrap_or_default())
    });
    picked.collect::<serde_json::Map<_, _>>().into()
}

/// Content of few names, so that paths meet something.
fn nested() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i32>().prop_map(Value::from),
        Just(Value::Null),
        "[a-z]{0,3}".prop_map(Value::from)
    ];
    let inner = leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("[a~/]{0,2}", inner, 0..3).prop_map(Value::from_iter),
        ]
    });
    proptest::collection::btree_map("[a~/]{0,2}", inner, 0..4).prop_map(Value::from_iter)
}

proptest! {
    #[test]
    fn a_path_goes_by_the_names_it_was_made_of(names in proptest::collection::vec("[a-z~/01é]{0,4}", 1..4)) {
        let pointer = Pointer::new(names.iter().map(String::as_str));
        prop_assert_eq!(pointer.names().collect::<Vec<_>>(), names.clone());
        prop_assert_eq!(pointer.name(), names.last().unwrap().as_str());
    }

    #[test]
    fn a_view_picks_what_its_paths_lead_to(
        content in nested(),
        paths in proptest::collection::vec(proptest::collection::vec("[a~/01]{0,2}", 1..4), 0..4),
    ) {
        let mut view = View::default();
        view.content = paths.iter().map(|path| Pointer::new(path.iter().map(String::as_str))).collect();
        let mut post = Post::default().with_view("some", view);
        post.content = Some(Content::new(&content).unwrap());
        let seen: Value = post.seen_as("some").content().unwrap();
        prop_assert_eq!(seen, picked(&content, &paths));
    }

    #[test]
    fn a_view_takes_away_and_never_adds(post in post(), name in "full|meta|[a-z]{1,6}", view in view(), files in proptest::collection::vec(attachment(), 0..4)) {
        let mut post = post.with_view(name.as_str(), view);
        post.attachments = files;
        let seen = post.clone().seen_as(&name);
        prop_assert!(seen.views.is_empty());
        prop_assert!(seen.attachments.iter().all(|file| post.attachments.contains(file)));
        let mut rest = seen.clone();
        (rest.content, rest.attachments, rest.views) =
            (post.content.clone(), post.attachments.clone(), post.views.clone());
        prop_assert_eq!(&rest, &post);
        // Seen once more the same way, nothing else is gone.
        let text = serde_json::to_string(&seen).unwrap();
        prop_assert_eq!(serde_json::from_str::<Post>(&text).unwrap().attachments, seen.attachments);
    }

    #[test]
    fn views_that_are_written_are_read_as_they_were(views in proptest::collection::btree_map("[a-z]{1,6}", view(), 1..4)) {
        let text = serde_json::to_string(&views).unwrap();
        prop_assert_eq!(serde_json::from_str::<BTreeMap<String, View>>(&text).unwrap(), views);
    }

    #[test]
    fn no_path_panics(path in ".{0,20}", content in nested()) {
        let pointer = Pointer::from(path.as_str());
        let _ = pointer.find(&content.to_string());
        prop_assert_eq!(serde_json::to_value(&pointer).unwrap(), Value::from(path));
    }
}
