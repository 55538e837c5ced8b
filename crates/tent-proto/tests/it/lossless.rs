//! What is read is written back.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;
use tent_proto::call::{Call, ExchangeCode, RegisterApp};
use tent_proto::model::{App, Core, Status};
use tent_proto::{Entity, Post, PostId, Profile, Scope, Server, Timestamp, Token, TypeUri};

const FROM_A_NEWER_SERVER: &str = r#"{
    "id":"p0Lk3","entity":"https://alice.example","type":"https://tent.io/types/post/status/v0.3.0#x",
    "content":{"text":"hi","weight":1.10,"big":123456789012345678901234567890},
    "published_at":1356998400,"received_at":1356998401,
    "mentions":[{"entity":"https://bob.example","post":"Zz8","mood":{"of":[1.0,null]}}],
    "permissions":{"public":true,"circles":[3]},
    "attachments":[{"category":"photos","type":"image/png","name":"a.png","size":8,"sha":"00"}],
    "app":{"name":"Harbour","url":"https://app.example","id":7},
    "version":1,"reactions":{"wave":2.50},"exact":1e2
}"#;

#[test]
fn a_post_of_a_newer_server_survives() {
    let post: Post = serde_json::from_str(FROM_A_NEWER_SERVER).unwrap();
    let written = serde_json::to_string(&post).unwrap();
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(value(&written), value(FROM_A_NEWER_SERVER));
    // Not only the values: the very text of what is not known here.
    for text in [
        r#""exact":1e2"#,
        r#""weight":1.10"#,
        "123456789012345678901234567890",
        "[1.0,null]",
    ] {
        assert!(written.contains(text), "{text} in {written}");
    }
    assert_eq!(post.extra.get("reactions"), Some(r#"{"wave":2.50}"#));
    assert_eq!(post.content::<Status>().unwrap().text.unwrap(), "hi");
}

#[test]
fn what_came_empty_goes_back_empty_until_it_is_filled() {
    let text = r#"{"id":"a","licenses":[],"mentions":null,"attachments":[],"permissions":{"entities":{},"groups":[]}}"#;
    let post: Post = serde_json::from_str(text).unwrap();
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(value(&serde_json::to_string(&post).unwrap()), value(text));
    let post = post.mentioning(&"https://bob.example".parse().unwrap());
    let written = serde_json::to_string(&post).unwrap();
    assert_eq!(written.matches("mentions").count(), 1, "{written}");
    assert!(written.contains("https://bob.example"), "{written}");
}

#[test]
fn what_servers_write_in_other_ways_is_read() {
    let post: Post = serde_json::from_str(
        r#"{"id":"a","entity":null,"published_at":"1356998400","received_at":1356998401.0,
            "version":"3","permissions":{"public":"true"},"licences":["https://l.example"],
            "mentions":null,"app":{"name":null},"attachments":[{"size":"8"}]}"#,
    )
    .unwrap();
    assert_eq!(post.entity, None);
    assert_eq!(
        post.published_at,
        Some(Timestamp::from_epoch_seconds(1_356_998_400))
    );
    assert_eq!(
        post.received_at,
        Some(Timestamp::from_epoch_seconds(1_356_998_401))
    );
    assert_eq!((post.version, post.attachments[0].size), (Some(3), Some(8)));
    assert!(post.is_public() && post.mentions.is_empty());
    assert_eq!(post.licenses, ["https://l.example"]);
}

#[test]
fn whatever_is_empty_is_absent() {
    for empty in ["null", "[]", "{}", "\"\""] {
        let text = [
            "published_at",
            "version",
            "licenses",
            "mentions",
            "permissions",
            "app",
            "attachments",
        ]
        .map(|name| format!("\"{name}\":{empty}"))
        .join(",");
        let text = format!("{{\"id\":\"a\",{text}}}");
        let post: Post = serde_json::from_str(&text).unwrap();
        assert_eq!(post.published_at, None);
        assert_eq!(post.version, None);
        assert_eq!(
            post.permissions.clone().unwrap_or_default(),
            Default::default()
        );
        assert_eq!(post.app.clone().unwrap_or_default(), Default::default());
        assert!(
            post.licenses.is_empty() && post.mentions.is_empty() && post.attachments.is_empty()
        );
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(value(&serde_json::to_string(&post).unwrap()), value(&text));
    }
}

#[test]
fn nulls_within_lists_and_numbers_for_texts_are_taken() {
    let post: Post = serde_json::from_str(
        r#"{"mentions":[null,{"entity":"https://bob.example"},null],
            "permissions":{"entities":{"https://a.example":null,"https://b.example":true}}}"#,
    )
    .unwrap();
    assert_eq!(post.mentions.len(), 1);
    assert_eq!(post.permissions.unwrap().entities.len(), 1);
    let core: Core = serde_json::from_str(
        r#"{"entity":"https://alice.example","servers":[null,5,"https://t.example"],"tent_version":0.2}"#,
    )
    .unwrap();
    assert_eq!(core.tent_version.as_deref(), Some("0.2"));
    assert_eq!(core.usable_servers().len(), 1);
    for nonsense in [
        r#"{"version":[1]}"#,
        r#"{"mentions":{"a":1}}"#,
        r#"{"mentions":"x"}"#,
        r#"{"app":["x"]}"#,
    ] {
        assert!(
            serde_json::from_str::<Post>(nonsense).is_err(),
            "{nonsense}"
        );
    }
}

#[test]
fn nonsense_is_refused_with_its_place() {
    for (text, path) in [
        (r#"{"version":-1}"#, "$.version"),
        (
            r#"{"permissions":{"public":"maybe"}}"#,
            "$.permissions.public",
        ),
        (
            r#"{"mentions":[{"entity":"https://a.example"},{"entity":3}]}"#,
            "$.mentions[1].entity",
        ),
        (r#"[]"#, "$"),
    ] {
        let error = tent_proto::json::decode::<Post>(text.as_bytes()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("at {path} in the body"),
            "{text}"
        );
    }
}

#[test]
fn json_without_end_is_kept_or_refused_and_breaks_nothing() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    // Nobody looks into what nobody knows.
    let kept: Post = serde_json::from_str(&format!(r#"{{"x":{deep}}}"#)).unwrap();
    assert!(serde_json::to_string(&kept).unwrap().contains(&deep));
    let content: Post = serde_json::from_str(&format!(r#"{{"content":{deep}}}"#)).unwrap();
    assert!(content.content::<Value>().is_err());
    let typed = format!(r#"{{"mentions":{deep}}}"#);
    assert!(tent_proto::json::decode::<Post>(typed.as_bytes()).is_err());
}

#[test]
fn of_a_member_that_is_there_twice_the_last_counts() {
    let twice = r#"{"id":"a","x":1,"mentions":[{"post":"m"}],"id":"b","x":2,"mentions":null}"#;
    let post: Post = serde_json::from_str(twice).unwrap();
    assert_eq!(post.id, Some(PostId::from("b")));
    assert_eq!(post.extra.get("x"), Some("2"));
    assert!(post.mentions.is_empty());
}

#[test]
fn broken_bodies_are_refused_with_their_place() {
    for (body, path) in [
        (&b"[{\"id\":\"a\"},{\"id\":\"\xff\"}]"[..], "$[1].id"),
        (b"[{\"id\":\"a\"},{\"version\":1e400}]", "$[1].version"),
        (
            b"[{\"published_at\":99999999999999999999}]",
            "$[0].published_at",
        ),
        (b"[{\"id\":\"a\"},{\"id\":\"b", "$[1].id"),
        (b"[{\"id\":\"a\"},]", "$[1]"),
    ] {
        let error = tent_proto::json::decode::<Vec<Post>>(body).unwrap_err();
        assert_eq!(error.to_string(), format!("at {path} in the body"));
    }
}

#[test]
fn what_holds_secrets_never_shows_them() {
    let app: App = serde_json::from_str(
        r#"{"mac_key_id":"a:1","mac_key":"5ecret","authorizations":[{"mac_key":"5ecret","token_code":"5ecret"}],"new_key":"5ecret"}"#,
    )
    .unwrap();
    let token: Token = serde_json::from_str(
        r#"{"access_token":"u:1","mac_key":"5ecret","refresh_token":"5ecret"}"#,
    )
    .unwrap();
    for shown in [
        format!("{app:?} {:?}", app.credentials().unwrap()),
        format!("{token:?} {:?}", token.credentials().unwrap()),
    ] {
        assert!(!shown.contains("5ecret"), "{shown}");
    }
    let error = serde_json::from_str::<Token>(r#"{"mac_key":{"5ecret":1}}"#).unwrap_err();
    assert!(!error.to_string().contains("5ecret"), "{error}");
}

#[test]
fn an_answer_with_a_key_that_cannot_be_read_shows_its_place_alone() {
    let server: Server = "https://tent.alice.example".parse().unwrap();
    let exchange = ExchangeCode::new("a1".into(), "code".into());
    let register = RegisterApp::new(App::default());
    for (body, place) in [
        (r#""5ecret""#, "at $ in the body"),
        (
            r#"{"tent_expires_at":"5ecret","authorizations":"5ecret"}"#,
            "at $.",
        ),
        ("mac_key=5ecret&access_token=u:1", "the body is not JSON"),
    ] {
        let answer = || http::Response::new(bytes::Bytes::from(body));
        let errors = [
            exchange.answer(&server, answer()).unwrap_err(),
            register.answer(&server, answer()).unwrap_err(),
        ];
        for error in errors {
            assert!(error.to_string().starts_with(place), "{error}");
            let cause = std::error::Error::source(&error).unwrap();
            let shown = format!("{error} {error:?} {cause} {cause:?}");
            assert!(!shown.contains("5ecret"), "{shown}");
        }
    }
}

#[test]
fn an_unknown_algorithm_is_refused_and_none_means_sha_256() {
    let token = |algorithm: &str| -> Token {
        serde_json::from_str(&format!(
            r#"{{"access_token":"u:1","mac_key":"k"{algorithm}}}"#
        ))
        .unwrap()
    };
    assert!(
        token(r#","mac_algorithm":"hmac-md5""#)
            .credentials()
            .is_err()
    );
    let credentials = token("").credentials().unwrap();
    assert_eq!(credentials.algorithm().as_str(), "hmac-sha-256");
}

#[test]
fn the_core_section_is_found_by_base_and_version_pattern() {
    let profile: Profile = serde_json::from_str(
        r#"{"https://tent.io/types/info/core/v0.1.7":{"entity":"https://alice.example","servers":["https://t.example","nonsense","https://t.example/"],"tent_version":"0.2"},
            "https://tent.io/types/info/basic/v0.1.0":{"name":"Alice"},"https://a.example/own/v1":{"x":1.50}}"#,
    )
    .unwrap();
    let core: Core = profile.core().unwrap();
    assert_eq!(core.entity, Some(Entity::typed("alice.example").unwrap()));
    assert_eq!(core.usable_servers().len(), 1);
    assert_eq!(
        profile.section(&TypeUri::from("https://a.example/own/v1")),
        Some(r#"{"x":1.50}"#)
    );
    assert!(
        serde_json::to_string(&profile)
            .unwrap()
            .contains(r#"{"x":1.50}"#)
    );
    let other: Profile = serde_json::from_str(
        r#"{"https://tent.io/types/info/core/v0.2.0":{"entity":"https://a.example"}}"#,
    )
    .unwrap();
    assert!(other.core().is_err());
}

#[test]
fn scopes_of_an_app_are_a_map_and_of_an_authorization_a_list() {
    let app =
        App::new("Harbour", "https://app.example").scope(Scope::ReadPosts, "Shows your notes");
    assert_eq!(
        serde_json::to_string(&app).unwrap(),
        r#"{"name":"Harbour","url":"https://app.example","scopes":{"read_posts":"Shows your notes"}}"#
    );
    let text = r#"{"authorizations":[{"scopes":["read_posts","read_minds"]}]}"#;
    let app: App = serde_json::from_str(text).unwrap();
    assert_eq!(
        app.authorizations[0].scopes,
        [Scope::ReadPosts, Scope::from("read_minds")]
    );
    assert_eq!(serde_json::to_string(&app).unwrap(), text);
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..3).prop_map(Value::from),
            proptest::collection::hash_map("[a-z]{1,6}", inner, 1..3)
                .prop_map(|map| Value::from(map.into_iter().collect::<serde_json::Map<_, _>>())),
        ]
    })
}

proptest! {
    #[test]
    fn unknown_members_of_any_shape_survive(
        members in proptest::collection::btree_map("x_[a-z]{1,8}", json(), 0..6),
        id in ".{1,10}", content in json(),
    ) {
        let mut object: serde_json::Map<String, Value> = members.into_iter().collect();
        object.insert("id".into(), id.clone().into());
        object.insert("content".into(), content);
        let object = Value::from(object);
        let post: Post = serde_json::from_str(&object.to_string()).unwrap();
        prop_assert_eq!(post.id.as_ref(), Some(&PostId::from(id)));
        prop_assert_eq!(serde_json::to_value(&post).unwrap(), object.clone());
        // From a value in memory too, not from text alone.
        prop_assert_eq!(serde_json::from_value::<Post>(object).unwrap(), post);
    }

    /// A post in which something else stands somewhere.
    #[test]
    fn no_body_panics(
        [one, other]: [Index; 2],
        put in proptest::collection::vec(any::<u8>(), 0..60),
        value in select(vec!["", "null", "[]", "{}", "-1", "1e999", r#""""#, r#""\ud800""#]),
    ) {
        let whole = FROM_A_NEWER_SERVER.as_bytes();
        let [one, other] = [one, other].map(|index| index.index(whole.len()));
        let (start, end) = (one.min(other), one.max(other));
        let values: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] == b':').collect();
        let value_at = values[other % values.len()] + 1;
        let after = whole[value_at..].iter().position(|byte| matches!(byte, b',' | b'}'));
        let after = value_at + after.unwrap();
        for body in [
            [&whole[..start], &put, &whole[end..]].concat(),
            [&whole[..value_at], value.as_bytes(), &whole[after..]].concat(),
        ] {
            read(&body);
        }
        read(&put);
    }
}

fn read(body: &[u8]) {
    let _ = tent_proto::json::decode::<Post>(body);
    let _ = tent_proto::json::decode::<Vec<Post>>(body);
    let _ = tent_proto::json::decode::<Profile>(body);
}
