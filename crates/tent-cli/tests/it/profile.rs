//! `tent profile set` and `delete`.

use serde_json::{Value, json};

use crate::peer::Reply;
use crate::reference::Reference;

const BASIC: &str = "https://tent.io/types/info/basic/v0.1.0";

#[test]
fn a_section_of_the_profile_is_set_and_deleted() {
    let (server, tent) = Reference::logged_in();
    let out = tent
        .run(&[
            "profile",
            "set",
            "basic",
            "{\"name\": \"Al\u{9b}ice\", \"n\": 1.50}",
        ])
        .ok();
    assert!(out.contains("  name         Alice\n"), "{out}");
    assert_eq!(
        server.peer.last_line(),
        "PUT /tent/profile/https%3A%2F%2Ftent.io%2Ftypes%2Finfo%2Fbasic%2Fv0.1.0"
    );
    assert!(server.peer.asked().last().unwrap().body.contains("1.50"));
    let own = "https://t.example/boats/v1.0.0";
    let ran = tent.run_with(
        &["profile", "--json", "set", own, "@-"],
        "{\"boat\":\"Ada\"}",
    );
    let section: Value = serde_json::from_str(&ran.ok()).unwrap();
    assert_eq!(
        (&section["boat"], &section["version"]),
        (&json!("Ada"), &json!(2))
    );
    assert_eq!(
        tent.run(&["profile", "delete", "basic"]).ok(),
        format!("deleted {BASIC}\n")
    );
    tent.run(&["profile", "basic"]).fails_with(1);
    tent.run(&["profile", "delete", "basic"]).fails_with(1);
    assert_eq!(
        tent.run(&["profile", "delete", own, "--json"]).ok(),
        format!("{{\"deleted\":\"{own}\"}}\n")
    );
}

#[test]
fn a_section_that_comes_out_otherwise_is_told() {
    let (server, tent) = Reference::logged_in();
    let path = "PUT /tent/profile/https%3A%2F%2Ftent.io%2Ftypes%2Finfo%2Fbasic%2Fv0.1.0";
    server.instead(
        path,
        Reply::json(json!({ BASIC: { "name": "A" } }).to_string()),
    );
    let content = "{\"name\":\"Alice\",\"bio\":\"\",\"permissions\":{\"entities\":{\"https://bob.example\":true}}}";
    let ran = tent.run(&["profile", "set", "basic", content]);
    assert_eq!(ran.code, 0);
    assert_eq!(
        ran.err,
        "warning: bio came out otherwise than meant\nwarning: name came out otherwise than meant\n"
    );
    server.instead(path, Reply::json("{}"));
    tent.run(&["profile", "set", "basic", "{}"]).fails_with(1);
    server.instead(path, Reply::error(501, "later"));
    tent.run(&["profile", "set", "basic", "{}"]).fails_with(1);
    let before = server.peer.lines().len();
    for content in ["{a", "[]", "\"text\"", "@"] {
        let ran = tent.run(&["profile", "set", "basic", content]);
        assert!(matches!(ran.code, 2 | 5), "{ran:?}");
    }
    tent.run(&["profile", "basic", "set", "basic", "{}"])
        .fails_with(2);
    assert_eq!(server.peer.lines().len(), before);
}
