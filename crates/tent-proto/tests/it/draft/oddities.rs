//! What happens where the document is at odds with JSON, with HTTP or with itself
//! (`docs/protocol.md` §8.5).

use std::error::Error;

use serde_json::json;
use tent_flow::script::{Answer, Script};
use tent_proto::draft::call::*;
use tent_proto::draft::model::{Follower, Following, Info, Post};
use tent_proto::draft::read_printed;
use tent_proto::mac::Header;
use tent_proto::model::Repost;

use super::{ROOT, read, repost, session, written};

/// The post that the document prints with a comma too many.
const PRINTED: &str = r#"{
  "id": "8fec7937f7c1",
  "time": 1342217776,
  "entity": "sheldon.io",
  "scope": "public",
  "licences": [
    {
      "url": "https://licences.org/free-speach",
      "version": "0.1.0"
    }
  ],
  "content": {
    "type": {
      "url": "https://tent.io/types/posts/repost",
      "version": "0.1.0",
    },
    "id": "3fe1abef41cb",
    "entity": "smithson.me"
  }
}"#;

#[test]
fn a_comma_too_many_is_read_when_asked_for_and_refused_from_a_server() {
    let post: Post = read_printed(PRINTED).unwrap();
    assert_eq!(post.id.as_ref().unwrap().as_str(), "8fec7937f7c1");
    let repost: Repost = post.content().unwrap();
    assert_eq!(repost.id.unwrap().as_str(), "3fe1abef41cb");

    let url = format!("{ROOT}/posts/8fec7937f7c1");
    let mut script = Script::new().on("GET", &url, Answer::json(PRINTED));
    let call = GetPost::new("8fec7937f7c1");
    let error = script.run(session().call(call)).unwrap_err();
    let cause = error.source().unwrap().to_string();
    assert_eq!(cause, "at $.content.type in the body");
}

#[test]
fn nothing_but_commas_before_a_closing_bracket_is_taken_out() {
    let read = |text: &str| read_printed::<serde_json::Value>(text);
    let kept = json!({"a": ",}", "b\",]": [1, 2]});
    assert_eq!(
        read("{\"a\": \",}\", \"b\\\",]\": [1, 2 ,\n ] , }").unwrap(),
        kept
    );
    for text in ["[1,,2]", "[,]", "[1,,]", "{\"a\":,}", "[1", "{,}", ""] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn licenses_and_licences_are_read_everywhere_and_written_each_in_its_place() {
    let license = json!([{"url": "https://licences.org/free-speach", "version": "0.1.0"}]);
    for spelling in ["licenses", "licences"] {
        let object = json!({ spelling: license });
        let post: Post = read(&object);
        let (info, following): (Info, Following) = (read(&object), read(&object));
        assert_eq!(written(&post), json!({ "licences": license }));
        assert_eq!(written(&info), json!({ "licenses": license }));
        assert_eq!(written(&following), json!({ "licenses": license }));
        // The spelling of a URL is the document's own.
        let url = post.licences[0].url.as_deref();
        assert_eq!(url, Some("https://licences.org/free-speach"));
    }
}

#[test]
fn the_folded_header_with_its_placeholder_is_read_and_one_line_is_sent() {
    // A field is folded with a line break and spaces, and unfolded by taking the break away (RFC 7230
    // §3.2.4), which is for whoever reads HTTP.
    let folded = "MAC id=\"775ecf8\",\n                   ts=\"1336363200\",\n                   \
         nonce=\"dj83hs9s\",\n                   mac=\"bhCQXTVyfj5cmA9uKkPFx1zeOXM=\"";
    assert!(Header::parse(folded).is_err());
    let unfolded = folded.replace('\n', " ");
    let header = Header::parse(&unfolded).unwrap();
    let parts = (
        header.id(),
        header.timestamp(),
        header.nonce(),
        header.mac(),
    );
    let expected = (
        "775ecf8",
        1_336_363_200,
        "dj83hs9s",
        "bhCQXTVyfj5cmA9uKkPFx1zeOXM=",
    );
    assert_eq!(parts, expected);

    let mut script = Script::new().on("GET", &format!("{ROOT}/profile"), Answer::json("[]"));
    script.run(session().call(GetProfile::default())).unwrap();
    let sent = script.seen()[0].header("authorization");
    assert!(sent.starts_with("MAC id=\"775ecf8\", ts=\"") && !sent.contains(['\n', '\r']));
}

#[test]
fn a_repost_that_does_not_say_of_what_is_kept() {
    let post: Post = read(&repost());
    let content: Repost = post.content().unwrap();
    assert_eq!((content.id, written(&post)), (None, repost()));
}

#[test]
fn a_missing_view_stays_missing_and_a_missing_type_is_told() {
    let typed: Post =
        read(&json!({"content": {"type": {"url": "https://a.example/t", "version": "1"}}}));
    assert_eq!(typed.content_type().unwrap().view, None);
    let untyped: Post = read(&json!({"content": {}}));
    let error = untyped.content_type().unwrap_err();
    assert_eq!(error.to_string(), "the body has no type in its content");
}

#[test]
fn the_core_part_has_two_types() {
    for url in ["https://tent.io", "https://tent.io/types/info/tent"] {
        let part: Info = read(&json!({"type": {"url": url, "version": "0.1.0"}}));
        assert!(part.is_core(), "{url}");
    }
    let music: Info = read(&json!({"type": {"url": "https://tent.io/types/info/music"}}));
    assert!(!music.is_core());
}

#[test]
fn deletions_and_creations_take_any_success() {
    for status in [200, 201, 204] {
        let url = format!("{ROOT}/followers/a");
        let mut script = Script::new().on("DELETE", &url, Answer::status(status));
        script
            .run(session().call(DeleteFollower::new("a")))
            .unwrap();
        let url = format!("{ROOT}/posts");
        let mut script = Script::new().on("POST", &url, Answer::status(status));
        script
            .run(session().call(CreatePost::new(Post::default())))
            .unwrap();
    }
}

#[test]
fn what_nobody_knows_is_kept() {
    let follower = json!({"id": "a", "mood": {"now": 1.50}, "groups": []});
    assert_eq!(written(&read::<Follower>(&follower)), follower);
}

#[test]
fn a_post_that_is_not_for_everybody_is_not_sent_without_recipients() {
    for (post, is_sent) in [
        (json!({"scope": "limited"}), false),
        (json!({"scope": "direct", "recipients": []}), false),
        (json!({"scope": "limited", "recipients": ["friends"]}), true),
        (json!({"scope": "public"}), true),
        (json!({}), true),
    ] {
        let url = format!("{ROOT}/posts");
        let mut script = Script::new().on("POST", &url, Answer::status(201));
        let sent = script.run(session().call(CreatePost::new(read(&post))));
        assert_eq!(sent.is_ok(), is_sent, "{post}");
        assert_eq!(script.seen().len(), usize::from(is_sent));
    }
}
