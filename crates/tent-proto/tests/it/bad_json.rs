//! Bodies that are no good: each is refused with its place, whatever it was to be, and none breaks
//! anything.

use bytes::Bytes;
use http::Response;
use serde_json::Value;
use tent_proto::call::{
    Call, GetApp, GetFollower, GetFollowing, GetGroup, GetPost, GetProfile, ListApps,
    ListFollowers, ListFollowings, ListGroups, ListPosts,
};
use tent_proto::json::{DecodeError, decode};
use tent_proto::model::{Envelope, Essay, Status};
use tent_proto::{App, Post, Profile, Server, TypeUri};

fn answer<C: Call>(call: C, body: &[u8]) -> Result<(), DecodeError> {
    let server: Server = "https://tent.alice.example".parse().unwrap();
    let answer = Response::new(Bytes::copy_from_slice(body));
    call.answer(&server, answer).map(drop)
}

type Reader = fn(&[u8]) -> Result<(), DecodeError>;

/// What reads one object.
const OBJECTS: &[(&str, Reader)] = &[
    ("post", |body| answer(GetPost::new("a"), body)),
    ("envelope", |body| Envelope::parse(body).map(drop)),
    ("profile", |body| answer(GetProfile::default(), body)),
    ("app", |body| answer(GetApp::new("a"), body)),
    ("follower", |body| answer(GetFollower::new("a"), body)),
    ("following", |body| answer(GetFollowing::new("a"), body)),
    ("group", |body| answer(GetGroup::new("a"), body)),
];

/// What reads a page of them.
const PAGES: &[(&str, Reader)] = &[
    ("posts", |body| answer(ListPosts::new(), body)),
    ("envelopes", |body| Envelope::parse_page(body).map(drop)),
    ("apps", |body| answer(ListApps::default(), body)),
    ("followers", |body| answer(ListFollowers::new(), body)),
    ("followings", |body| answer(ListFollowings::new(), body)),
    ("groups", |body| answer(ListGroups::default(), body)),
];

/// Every reader refuses the object, and the page whose second object it is, at this place.
fn assert_refused_by(readers: &[&str], object: &[u8], place: &str) {
    let page = [b"[{\"id\":\"a\"}, ", object].concat();
    let shown = String::from_utf8_lossy(object.get(..60).unwrap_or(object)).into_owned();
    let page_place = place.replacen('$', "$[1]", 1);
    let objects = OBJECTS.iter().map(|reader| (reader, object, place));
    let pages = PAGES.iter().map(|reader| (reader, &page[..], &*page_place));
    for ((name, read), body, place) in objects.chain(pages) {
        if readers.is_empty() || readers.contains(name) {
            let error = read(body).expect_err(name);
            assert_eq!(
                error.to_string(),
                format!("at {place} in the body"),
                "{name}: {shown}"
            );
        }
    }
}

#[test]
fn what_is_no_json_is_refused_at_its_place() {
    for (object, place) in [
        (r#"{"x":1,,"y":2}"#, "$"),
        ("[]", "$"),
        (r#"{"x":[1,2 3]}"#, "$.x[1]"),
        (r#"{"x":{"y":tru}}"#, "$.x.y"),
        (r#"{"x":{"y":NaN}}"#, "$.x.y"),
        (r#"{"x":01}"#, "$.x"),
        (r#"{"x":1.}"#, "$.x"),
        (r#"{"x":"\q"}"#, "$.x"),
        ("{\"x\":\"a\nb\"}", "$.x"),
        (r#"{"x":'a'}"#, "$.x"),
        (r#"{x:1}"#, "$"),
        (
            r#"{"https://a.example/b":[}]}"#,
            r#"$["https://a.example/b"][0]"#,
        ),
    ] {
        assert_refused_by(&[], object.as_bytes(), place);
    }
    // Half a character that is escaped stands for nothing: it is refused where it is read, and kept
    // where it is not.
    assert_refused_by(
        &["post", "posts", "envelope", "envelopes"],
        br#"{"id":"\ud800"}"#,
        "$.id",
    );
    let text = r#"{"x":"\ud800"}"#;
    let post: Post = decode(text.as_bytes()).unwrap();
    assert_eq!(serde_json::to_string(&post).unwrap(), text);
}

#[test]
fn what_is_not_utf_8_is_refused_at_its_place() {
    for (object, place) in [
        (&b"{\"x\":\"\xff\"}"[..], "$.x"),
        (b"{\"x\":[{},{\"y\":[\"a\xc3\"]}]}", "$.x[1].y[0]"),
        (b"{\"id\":\"\xed\xa0\x80\"}", "$.id"),
        (
            b"{\"type\":\"a\",\"content\":{\"text\":\"caf\xe9\"}}",
            "$.content.text",
        ),
    ] {
        assert_refused_by(&[], object, place);
    }
}

#[test]
fn what_is_cut_off_is_refused_wherever_it_is_cut() {
    let whole =
        r#"{"id":"p0Lk3","content":{"text":"a \"b\" \u00e9"},"x":[1.5,{"y":null}],"version":1 }"#;
    for (name, read) in OBJECTS {
        assert!(read(whole.as_bytes()).is_ok() || *name == "group", "{name}");
        for end in 1..whole.len() {
            let error = read(&whole.as_bytes()[..end]).expect_err(name);
            assert!(
                matches!(error, DecodeError::Json { .. }),
                "{name}: {error:?}"
            );
        }
    }
    let page = format!("[{whole}, {whole} ]");
    for (name, read) in PAGES {
        assert!(read(page.as_bytes()).is_ok(), "{name}");
        for end in 1..page.len() {
            let error = read(&page.as_bytes()[..end]).expect_err(name);
            assert!(
                matches!(error, DecodeError::Json { .. }),
                "{name}: {error:?}"
            );
        }
    }
    assert_refused_by(&[], br#"{"id":"a","x":[1,{"y":"#, "$.x[1].y");
    assert_refused_by(&[], br#"{"id":"a","x":[1,{"y":2}"#, "$.x[1]");
}

#[test]
fn nesting_without_end_is_refused_or_kept_and_overflows_nothing() {
    for open in ["[", "{\"a\":", "[{\"a\":"] {
        // Without end there is none: it was cut off. The place is named as far as anybody reads.
        let endless = format!("{{\"x\":{}", open.repeat(20_000));
        for (name, read) in OBJECTS {
            let error = read(endless.as_bytes()).expect_err(name);
            assert!(error.to_string().starts_with("at $.x"), "{name}");
            assert!(error.to_string().len() < 300, "{name}");
            assert!(error.to_string().contains('…'), "{name}");
        }
        // Nor is it what is known.
        for member in [
            "id",
            "permissions",
            "created_at",
            "published_at",
            "mentions",
            "groups",
        ] {
            let endless = format!("{{\"{member}\":{}", open.repeat(20_000));
            for (name, read) in OBJECTS {
                assert!(read(endless.as_bytes()).is_err(), "{name} {member}");
            }
        }
    }
    // With an end, what nobody knows is kept; who reads it learns how deep it goes.
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let kept: Post = decode(format!("{{\"content\":{deep},\"x\":{deep}}}").as_bytes()).unwrap();
    assert_eq!(kept.extra.get("x"), Some(&*deep));
    assert_eq!(
        serde_json::to_string(&kept).unwrap().len(),
        2 * deep.len() + 17
    );
    let error = kept.content::<Value>().unwrap_err();
    assert!(error.to_string().starts_with("at $[0][0]"), "{error}");
    assert!(kept.content::<Status>().is_err());
    let profile: Profile = decode(format!("{{\"a\":{deep}}}").as_bytes()).unwrap();
    assert!(profile.read::<Value>(&TypeUri::from("a")).is_err());
}

#[test]
fn numbers_out_of_range_are_refused_at_their_place() {
    let nonsense = [
        "1e400",
        "-1e400",
        "99999999999999999999",
        "1.5",
        "1e300",
        "\"9e99\"",
        "true",
    ];
    for number in nonsense {
        let readers = ["post", "posts", "envelope", "envelopes"];
        for member in ["published_at", "received_at", "updated_at", "version"] {
            let object = format!(r#"{{"id":"a","{member}":{number}}}"#);
            assert_refused_by(&readers, object.as_bytes(), &format!("$.{member}"));
        }
        let object = format!(r#"{{"attachments":[{{"size":{number}}}]}}"#);
        assert_refused_by(
            &["post", "posts"],
            object.as_bytes(),
            "$.attachments[0].size",
        );
        let readers = [
            "app",
            "apps",
            "follower",
            "followers",
            "following",
            "followings",
            "group",
            "groups",
        ];
        let object = format!(r#"{{"id":"a","created_at":{number}}}"#);
        assert_refused_by(&readers, object.as_bytes(), "$.created_at");
    }
    let negative = br#"{"version":-1}"#;
    assert_refused_by(
        &["post", "posts", "envelope", "envelopes"],
        negative,
        "$.version",
    );
    // A number that nobody reads stays as it was written.
    let text = r#"{"content":{"n":1e400},"x":-99999999999999999999}"#;
    let post: Post = decode(text.as_bytes()).unwrap();
    assert_eq!(serde_json::to_string(&post).unwrap(), text);
    let error = post.content::<Value>().unwrap_err();
    assert_eq!(error.to_string(), "at $.n in the body");
}

#[test]
fn of_members_that_are_there_twice_the_last_counts_everywhere() {
    let app: App = decode(br#"{"name":"a","mac_key":"old","name":"b","mac_key":null}"#).unwrap();
    assert_eq!((app.name.as_deref(), app.mac_key), (Some("b"), None));
    let profile: Profile = decode(br#"{"s":{"v":1},"s":{"v":2}}"#).unwrap();
    assert_eq!(profile.section(&TypeUri::from("s")), Some(r#"{"v":2}"#));
    let twice = br#"[{"permissions":{"public":true,"public":false,"entities":{"https://a.example":false,"https://a.example":true}},
        "content":{"text":"one","text":"two"},"x":{"y":1,"y":2}}]"#;
    let [post] = &decode::<Vec<Post>>(twice).unwrap()[..] else {
        panic!("one post");
    };
    assert!(!post.is_public());
    let entities = &post.permissions.as_ref().unwrap().entities;
    assert_eq!(entities.values().collect::<Vec<_>>(), [&true]);
    assert_eq!(post.content::<Status>().unwrap().text.unwrap(), "two");
    // Within what nobody knows, both stay.
    assert_eq!(post.extra.get("x"), Some(r#"{"y":1,"y":2}"#));
    let envelope = &Envelope::parse_page(twice).unwrap()[0];
    assert_eq!(envelope.to_post().unwrap(), *post);
    // Written, each is there once.
    let written = serde_json::to_string(post).unwrap();
    assert_eq!(written.matches("public").count(), 1, "{written}");
}

#[test]
fn content_is_refused_when_it_is_read() {
    for (content, place) in [(r#"{"text":{"a":1}}"#, "$.text"), ("[]", "$"), ("7", "$")] {
        let post: Post = decode(format!(r#"{{"content":{content}}}"#).as_bytes()).unwrap();
        let error = post.content::<Status>().unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("at {place} in the body"),
            "{content}"
        );
    }
    let post: Post = decode(br#"{"content":{"title":{"a":1}}}"#).unwrap();
    let error = post.content::<Essay>().unwrap_err();
    assert_eq!(error.to_string(), "at $.title in the body");
}

#[test]
fn what_is_no_object_or_no_list_is_refused() {
    for (name, read) in OBJECTS {
        for body in ["[]", "7", "\"a\"", "[{}]"] {
            let error = read(body.as_bytes()).expect_err(name);
            assert!(
                error.to_string().starts_with("at $"),
                "{name} {body}: {error}"
            );
        }
        assert!(matches!(read(b" \n"), Err(DecodeError::Empty)), "{name}");
        assert!(
            matches!(read(b"busy"), Err(DecodeError::NotJson { .. })),
            "{name}"
        );
    }
    for (name, read) in PAGES {
        for body in ["{}", "7", "[7]", "[[]]", "[{}] {}"] {
            let error = read(body.as_bytes()).expect_err(name);
            assert!(
                error.to_string().starts_with("at $"),
                "{name} {body}: {error}"
            );
        }
    }
}
