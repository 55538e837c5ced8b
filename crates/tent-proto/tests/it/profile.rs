//! The profile: sections read typed, changed without loss, and the positions of the cursor.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::Value;
use tent_flow::Seed;
use tent_flow::script::{Answer, Script};
use tent_proto::call::PutProfileSection;
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::model::{Basic, Core, Cursor, Permissions, Position};
use tent_proto::{CallError, EditProfile, Post, Profile, Session, TypeUri};

const ROOT: &str = "https://a.example/tent";
const STATUS: &str = "https://tent.io/types/post/status/v0.1.0";

fn session() -> Session {
    let entity = "https://alice.example".parse().unwrap();
    let credentials = Credentials::new("u:1", "k", Algorithm::HmacSha256).unwrap();
    let servers = vec![ROOT.parse().unwrap()];
    Session::new(entity, servers, credentials, Seed::new([7; 32]))
}

fn put(section: &str) -> String {
    let section = section.replace(':', "%3A").replace('/', "%2F");
    format!("{ROOT}/profile/{section}")
}

/// Runs an edit against a server with this profile, and gives back what it writes where.
fn edited(profile: &str, section: &str, flow: EditProfile<Basic>) -> Value {
    let mut script = Script::new()
        .on("GET", &format!("{ROOT}/profile"), Answer::json(profile))
        .on("PUT", &put(section), Answer::json(r#"{"x":{}}"#));
    let after = script.run(flow).unwrap();
    assert!(after.section(&TypeUri::from("x")).is_some());
    serde_json::from_slice(&script.seen()[1].body).unwrap()
}

#[test]
fn an_edit_keeps_what_others_have_written_and_sends_nothing_that_the_server_adds() {
    let profile = r#"{"https://tent.io/types/info/basic/v0.1.0":{"name":"Alice","bio":"","boats":[1.50],
        "permissions":{"public":false},"version":4,"tent_version":"0.2"}}"#;
    let flow = session().edit_profile(|basic: &mut Basic| basic.name = Some("Al".into()));
    let sent = edited(profile, "https://tent.io/types/info/basic/v0.1.0", flow);
    let expected = r#"{"name":"Al","bio":"","boats":[1.50]}"#;
    assert_eq!(sent, serde_json::from_str::<Value>(expected).unwrap());
}

#[test]
fn who_may_see_a_section_is_sent_when_it_changes() {
    let flow = session().edit_profile(|basic: &mut Basic| {
        basic.permissions = Some(Permissions::public());
    });
    let sent = edited("{}", "https://tent.io/types/info/basic/v0.1.0", flow);
    assert_eq!(sent, serde_json::json!({"permissions": {"public": true}}));
}

#[test]
fn a_section_of_a_newer_version_stays_one() {
    let newer = "https://tent.io/types/info/basic/v0.3.0";
    let profile = format!(r#"{{"{newer}":{{"name":"Alice","mood":"calm"}}}}"#);
    let flow = session().edit_profile(|basic: &mut Basic| basic.bio = Some("x".into()));
    let sent = edited(&profile, newer, flow);
    assert_eq!(sent["mood"], "calm");
}

#[test]
fn an_edit_that_changes_nothing_writes_nothing() {
    let profile = r#"{"https://tent.io/types/info/basic/v0.1.0":{"name":"Al","version":4}}"#;
    let mut script = Script::new().on("GET", &format!("{ROOT}/profile"), Answer::json(profile));
    let edit = session().edit_profile(|basic: &mut Basic| basic.name = Some("Al".into()));
    let same: Profile = script.run(edit).unwrap();
    assert_eq!(same, serde_json::from_str(profile).unwrap());
}

#[test]
fn a_section_that_cannot_be_read_is_not_overwritten() {
    let profile = r#"{"https://tent.io/types/info/basic/v0.1.0":{"name":["Al"]}}"#;
    let mut script = Script::new().on("GET", &format!("{ROOT}/profile"), Answer::json(profile));
    let edit = session().edit_profile(|basic: &mut Basic| basic.name = Some("Al".into()));
    let error = script.run(edit).unwrap_err();
    assert!(matches!(error, CallError::Decode { .. }), "{error:?}");
}

#[test]
fn sections_are_read_typed() {
    let profile: Profile = serde_json::from_str(
        r#"{"https://tent.io/types/info/core/v0.1.0":{"entity":"https://alice.example"},
            "https://tent.io/types/info/basic/v0.2.0":{"name":"Alice"}}"#,
    )
    .unwrap();
    let core = profile.get::<Core>().unwrap().unwrap();
    assert_eq!(core.entity.unwrap().as_str(), "https://alice.example");
    let basic = profile.get::<Basic>().unwrap().unwrap();
    assert_eq!(basic.name.as_deref(), Some("Alice"));
    assert_eq!(profile.get::<Cursor>().unwrap(), None);
    let call = PutProfileSection::of(&basic).unwrap();
    assert_eq!(call.section, TypeUri::basic());
}

const FOREIGN: &str = r#"{"https://tent.io/types/post/status/v0.1.0":{"post":"Zz8","entity":"https://bob.example","at":1.0},
    "https://tent.io/types/post/photo/v0.1.0":"read it all","permissions":{"public":false},"version":3,
    "mentions":{"https://tent.io/types/post/status/v0.1.0":{"post":"Rr7","entity":"https://bob.example"},"all":[7.0]},
    "harbour":{"seen":1e2}}"#;

#[test]
fn positions_move_and_all_else_in_the_cursor_stays() {
    let mut cursor: Cursor = serde_json::from_str(FOREIGN).unwrap();
    let status = TypeUri::status();
    let at = |post: &str| Position::new("https://carl.example".parse().unwrap(), post.into());
    assert_eq!(
        cursor.position(&status).unwrap().post.unwrap().as_str(),
        "Zz8"
    );
    assert_eq!(
        cursor.mention(&status).unwrap().post.unwrap().as_str(),
        "Rr7"
    );
    assert_eq!(
        cursor.position(&"https://tent.io/types/post/photo/v0.1.0".into()),
        None
    );
    assert_eq!(cursor.position(&"mentions".into()), None);

    cursor.set_position(
        &"https://tent.io/types/post/status/v0.1.0#meta".into(),
        &at("p9"),
    );
    cursor.set_mention(&status, &at("m9"));
    assert_eq!(cursor.position(&status), Some(at("p9")));
    assert_eq!(cursor.mention(&status), Some(at("m9")));
    let written = serde_json::to_string(&cursor).unwrap();
    let mut expected: Value = serde_json::from_str(FOREIGN).unwrap();
    let moved = |post: &str| serde_json::json!({"entity": "https://carl.example", "post": post});
    expected[STATUS] = moved("p9");
    expected["mentions"][STATUS] = moved("m9");
    assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), expected);
    assert!(
        written.contains("1e2") && written.contains("[7.0]"),
        "{written}"
    );
}

#[test]
fn a_position_of_another_version_counts_until_there_is_one() {
    let mut cursor = Cursor::default();
    let post = r#"{"id":"a","entity":"https://bob.example"}"#;
    let post: Post = serde_json::from_str(post).unwrap();
    let position = Position::of(&post).unwrap();
    cursor.set_position(&TypeUri::status(), &position);
    let newer = TypeUri::from("https://tent.io/types/post/status/v0.2.0");
    assert_eq!(cursor.position(&newer), Some(position.clone()));
    assert_eq!(
        cursor.position(&"https://tent.io/types/post/essay/v0.1.0".into()),
        None
    );
    assert_eq!(Position::of(&Post::default()), None);
}

proptest! {
    #[test]
    fn no_cursor_panics_and_all_survive(
        members in btree_map("(mentions|permissions|https://a\\.example/[ab]/v0\\.1\\.0(#x)?)",
            proptest::sample::select(&["{}", "null", "{\"post\":\"p\",\"entity\":\"https://b.example\"}", "{\"post\":[]}", "7"]), 0..4),
        asked in vec("(mentions|all||https://a\\.example/[ab]/v0\\.[12]\\.0)", 3),
    ) {
        let text: Vec<_> = members.iter().map(|(name, text)| format!("{name:?}:{text}")).collect();
        let text = format!("{{{}}}", text.join(","));
        let Ok(mut cursor) = serde_json::from_str::<Cursor>(&text) else { return Ok(()) };
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        prop_assert_eq!(value(&serde_json::to_string(&cursor).unwrap()), value(&text));
        let position = Position::new("https://c.example".parse().unwrap(), "q".into());
        for asked in asked.iter().map(|text| TypeUri::from(text.as_str())) {
            let _ = (cursor.position(&asked), cursor.mention(&asked));
            cursor.set_mention(&asked, &position);
            prop_assert_eq!(cursor.mention(&asked), Some(position.clone()));
        }
    }
}
