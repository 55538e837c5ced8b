//! Calls on posts.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use tent_flow::Seed;
use tent_proto::call::{
    Call, CreatePost, DeletePost, GetPost, ImportPost, Receive, ReceiveError, Replay, RevertPost,
    UpdatePost,
};
use tent_proto::{Post, Upload};

use super::any_post::post;
use super::{ROOT, bytes_of, entity, id, read, received, round_trip};

proptest! {
    #[test]
    fn get_post(id in id(), entity in of(entity()), version in any::<Option<u64>>(), view in of("[ -~é]{1,9}")) {
        let mut call = GetPost::new(id);
        call.entity = entity;
        call.version = version;
        call.view = view;
        round_trip(&call)?;
    }

    #[test]
    fn update_post(id in id(), post in post(), licenses in of(vec("https://[a-z]{1,8}\\.example", 0..3))) {
        let mut call = UpdatePost::new(id, post);
        call.licenses = licenses;
        round_trip(&call)?;
    }

    #[test]
    fn revert_post(id in id(), version: u64) {
        // JSON has no bigger whole numbers that everybody reads alike.
        round_trip(&RevertPost::new(id, version >> 1))?;
    }

    #[test]
    fn delete_post(id in id(), version in any::<Option<u64>>()) {
        let mut call = DeletePost::new(id);
        call.version = version;
        round_trip(&call)?;
    }

    #[test]
    fn create_post(post in post()) {
        round_trip(&CreatePost::new(&post))?;
    }

    #[test]
    fn import_post(id in id(), post in post()) {
        round_trip(&ImportPost::new(id, post))?;
    }

    #[test]
    fn a_post_that_is_written_is_read_as_it_was(post in post()) {
        let text = serde_json::to_string(&post).unwrap();
        prop_assert_eq!(serde_json::from_str::<Post>(&text).unwrap(), post);
    }
}

#[test]
fn a_version_alone_goes_back_and_along_with_anything_else_is_an_update() {
    let revert = |body| read::<RevertPost>("PUT", "/posts/p1", body);
    let update = |body| read::<UpdatePost>("PUT", "/posts/p1", body);
    assert_eq!(
        revert(r#"{"version":"3"}"#).unwrap(),
        RevertPost::new("p1", 3)
    );
    for body in [
        r#"{"version":3,"content":{}}"#,
        r#"{"version":3,"mentions":[]}"#,
        r#"{"version":3,"x":1}"#,
        "{}",
    ] {
        assert!(
            matches!(revert(body), Err(ReceiveError::OtherCall)),
            "{body}"
        );
        assert_eq!(update(body).unwrap().id.as_str(), "p1", "{body}");
    }
    assert!(matches!(
        update(r#"{"version":3}"#),
        Err(ReceiveError::OtherCall)
    ));
}

#[test]
fn what_an_update_leaves_out_is_not_what_it_sets_to_nothing() {
    let update = |body| read::<UpdatePost>("PUT", "/posts/p1", body).unwrap();
    assert_eq!(update(r#"{"content":{"text":"a"}}"#).licenses, None);
    assert_eq!(update(r#"{"licenses":[]}"#).licenses, Some(Vec::new()));
    let ignored =
        update(r#"{"type":"https://t.example/t/v1","permissions":{"public":true},"id":"x"}"#);
    assert_eq!(ignored, UpdatePost::new("p1", Post::default()));
}

#[test]
fn a_post_without_an_id_is_no_import() {
    let import = |body| read::<ImportPost>("POST", "/posts", body);
    assert!(matches!(
        import(r#"{"content":{}}"#),
        Err(ReceiveError::OtherCall)
    ));
    assert_eq!(import(r#"{"id":"a"}"#).unwrap().id.as_str(), "a");
}

#[test]
fn calls_that_send_other_files_are_other_calls() {
    let seed = || Seed::new([7; 32]);
    let file = |bytes: &'static str| Upload::bytes("photos", "a.png", bytes);
    let bare = CreatePost::new(&Post::status("x"));
    let create = |bytes| bare.clone().attaching([file(bytes)], seed());
    assert_eq!(create("a"), create("a"));
    assert_ne!(create("a"), create("b"));
    assert_ne!(create("a"), bare);
    let named = file("a").with_media_type("image/gif");
    assert_ne!(bare.clone().attaching([named], seed()), create("a"));
    // It does not come as JSON.
    assert!(matches!(
        received(&create("a")),
        Err(ReceiveError::MediaType)
    ));

    let update = UpdatePost::new("p1", Post::status("x"));
    let update = |bytes| update.clone().replacing_attachments([file(bytes)], seed());
    assert_eq!(update("a"), update("a"));
    assert_ne!(update("a"), update("b"));
}

#[test]
fn an_update_with_files_is_a_form_and_only_an_import_may_be_sent_again() {
    let update = UpdatePost::new("p1", Post::status("x"));
    let file = Upload::bytes("photos", "a.png", "PNG");
    let form = update.replacing_attachments([file], Seed::new([7; 32]));
    let request = form.request(&ROOT.parse().unwrap()).unwrap();
    assert_eq!(
        (request.method.as_str(), request.url.path()),
        ("PUT", "/tent/posts/p1")
    );
    let media_type = request.headers["content-type"].to_str().unwrap();
    assert!(media_type.starts_with("multipart/form-data; boundary="));
    let body = String::from_utf8(bytes_of(&request.body).to_vec()).unwrap();
    let (post, file) = body.split_once("name=\"photos\"").unwrap();
    assert!(
        post.contains(r#"{"content":{"text":"x"},"mentions":[]}"#),
        "{body}"
    );
    assert!(
        file.contains("filename=\"a.png\"") && file.contains("PNG"),
        "{body}"
    );
    assert_eq!(form.replay(), Replay::OnlyIfUnsent);
    let import = ImportPost::new("a", Post::default());
    assert_eq!(import.replay(), Replay::Always);
}

#[test]
fn another_method_or_path_or_value_is_not_taken_for_the_call() {
    fn is_other<C: Receive>(method: &str, path: &str) -> bool {
        matches!(read::<C>(method, path, "{}"), Err(ReceiveError::OtherCall))
    }
    assert!(is_other::<DeletePost>("GET", "/posts/p1"));
    assert!(is_other::<DeletePost>("DELETE", "/posts/p1/versions"));
    assert!(is_other::<RevertPost>("POST", "/posts/p1"));
    assert!(is_other::<UpdatePost>("PUT", "/posts"));
    assert!(is_other::<ImportPost>("POST", "/posts/p1"));
    let version = read::<DeletePost>("DELETE", "/posts/p1?version=one", "");
    assert!(matches!(
        version,
        Err(ReceiveError::Parameter {
            name: "version",
            ..
        })
    ));
    assert!(received(&DeletePost::new("p1")).is_ok());
}
