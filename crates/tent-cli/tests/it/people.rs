//! `tent follow`, `unfollow`, `followings`, `followers`, `block`, `groups` and `apps`.

use serde_json::{Value, json};

use crate::peer::Reply;
use crate::reference::Reference;
use crate::tent::Tent;

fn lines(tent: &Tent, arguments: &[&str]) -> Vec<String> {
    let out = tent.run(arguments).ok();
    out.lines().map(str::to_owned).collect()
}

#[test]
fn somebody_is_followed_and_unfollowed() {
    let (server, tent) = Reference::logged_in();
    let followed = tent.run(&["follow", "bob.example/"]).ok();
    assert_eq!(followed, "https://bob.example  Bob[31m  -f1\n");
    assert_eq!(
        server.peer.last_body(),
        json!({ "entity": "https://bob.example" })
    );
    let json = tent.run(&["follow", "http://carol.example", "--json"]).ok();
    let carol: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&carol["id"], &carol["unheard_of"]),
        (&json!("-f2"), &json!(1))
    );
    assert!(!json.contains("5ecret"), "{json}");
    let json = tent.run(&["followings", "--json"]).ok();
    assert!(
        json.lines().count() == 2 && !json.contains("5ecret"),
        "{json}"
    );

    assert_eq!(
        tent.run(&["unfollow", "bob.example"]).ok(),
        "unfollowed -f1\n"
    );
    assert_eq!(server.peer.last_line(), "DELETE /tent/followings/-f1");
    // Stored with another scheme than was typed.
    assert_eq!(
        tent.run(&["unfollow", "carol.example", "--json"]).ok(),
        "{\"unfollowed\":\"-f2\"}\n"
    );
    assert_eq!(lines(&tent, &["followings"]), [""; 0]);
    let err = tent.run(&["unfollow", "bob.example"]).fails_with(1);
    assert!(
        err.contains("you do not follow https://bob.example") && err.contains("tent followings"),
        "{err}"
    );
    tent.run(&["unfollow", "-f2"]).fails_with(1);
    assert_eq!(server.peer.last_line(), "DELETE /tent/followings/-f2");
}

#[test]
fn who_cannot_be_followed_is_told_why() {
    let (server, tent) = Reference::logged_in();
    tent.run(&["follow", "bob.example"]).ok();
    let err = tent.run(&["follow", "bob.example"]).fails_with(1);
    assert!(err.contains("409 Conflict: Already following"), "{err}");
    let err = tent.run(&["follow", "nowhere.example"]).fails_with(1);
    assert!(
        err.contains("`tent discover https://nowhere.example`"),
        "{err}"
    );
    for line in ["POST /tent/followings", "GET /tent/followings"] {
        server.instead(line, Reply::error(501, "later"));
    }
    let err = tent.run(&["follow", "dan.example"]).fails_with(1);
    assert!(
        err.contains("501") && err.contains("does not do that"),
        "{err}"
    );
    let failure = tent.run(&["followings", "--json"]).failure(1);
    assert_eq!(failure["status"], 501);
}

#[test]
fn an_id_without_its_object_is_found_in_the_list() {
    let (server, tent) = Reference::logged_in();
    let mut people = ["a", "b", "c"]
        .map(|name| json!({ "id": name, "entity": format!("https://{name}.example") }));
    people[2]["entity"] = "https://c.example/".into();
    server.state.lock().unwrap().followings.extend(people);
    // Old servers fill the answer with nulls.
    let nulls = r#"{"id":null,"entity":null}"#;
    server.instead(
        "GET /tent/followings/https%3A%2F%2Fb.example",
        Reply::json(nulls),
    );
    assert_eq!(tent.run(&["unfollow", "b.example"]).ok(), "unfollowed b\n");
    let located = Reply::json(nulls).header("Content-Location", "/tent/followings/a");
    server.instead("GET /tent/followings/https%3A%2F%2Fa.example", located);
    assert_eq!(tent.run(&["unfollow", "a.example"]).ok(), "unfollowed a\n");
    assert_eq!(tent.run(&["unfollow", "c.example"]).ok(), "unfollowed c\n");
}

#[test]
fn followers_are_listed_and_blocked() {
    let (server, tent) = Reference::logged_in();
    let people = ["a", "b", "c"].map(|name| {
        json!({ "id": format!("-{name}"), "entity": format!("https://{name}.example"), "mac_key": "relation-5ecret" })
    });
    server.state.lock().unwrap().followers.extend(people);
    assert_eq!(
        lines(&tent, &["followers"]),
        ["https://a.example  -a", "https://b.example  -b"]
    );
    let all = lines(&tent, &["followers", "--all", "--limit", "2", "--json"]);
    assert!(
        all.len() == 3 && !all.concat().contains("5ecret"),
        "{all:?}"
    );
    assert!(
        server
            .peer
            .lines()
            .contains(&"GET /tent/followers?limit=2".to_owned())
    );

    assert_eq!(tent.run(&["block", "b.example"]).ok(), "blocked -b\n");
    assert_eq!(
        tent.run(&["block", "-c", "--json"]).ok(),
        "{\"blocked\":\"-c\"}\n"
    );
    assert_eq!(lines(&tent, &["followers"]), ["https://a.example  -a"]);
    let err = tent.run(&["block", "https://b.example"]).fails_with(1);
    assert!(
        err.contains("https://b.example does not follow you"),
        "{err}"
    );
    server.instead(
        "DELETE /tent/followers/-a",
        Reply::error(403, "Unauthorized"),
    );
    let err = tent.run(&["block", "-a"]).fails_with(1);
    assert!(err.contains("--add-scope"), "{err}");
}

#[test]
fn groups_are_created_renamed_and_deleted() {
    let (server, tent) = Reference::logged_in();
    assert_eq!(
        tent.run(&["groups", "create", "old\u{1b} crew "]).ok(),
        "old crew  -g1\n"
    );
    assert_eq!(server.peer.last_body(), json!({ "name": "old\u{1b} crew" }));
    let crew = tent.run(&["groups", "create", "crew", "--json"]).ok();
    assert_eq!(
        crew,
        "{\"id\":\"-g2\",\"name\":\"crew\",\"created_at\":1}\n"
    );
    assert_eq!(
        tent.run(&["groups", "rename", "-g2", "friends"]).ok(),
        "friends  -g2\n"
    );
    assert_eq!(lines(&tent, &["groups"]), ["friends  -g2", "old crew  -g1"]);
    assert_eq!(tent.run(&["groups", "delete", "-g1"]).ok(), "deleted -g1\n");
    assert_eq!(lines(&tent, &["groups", "--json"]).len(), 1);
    for arguments in [
        &["groups", "delete", "-g1"][..],
        &["groups", "rename", "-g1", "x"],
    ] {
        let failure = tent.run(&[arguments, &["--json"]].concat()).failure(1);
        assert_eq!(failure["status"], 404);
    }
    server.instead("GET /tent/groups", Reply::error(501, "later"));
    tent.run(&["groups"]).fails_with(1);
}

#[test]
fn apps_are_listed_without_their_keys_and_revoked() {
    let (server, tent) = Reference::logged_in();
    let granted = |id: &str| {
        json!({ "id": id, "scopes": ["read_posts", "write_posts"], "token_code": "code-5ecret",
            "mac_key_id": "u:5ecret-id", "mac_key": "user-key-5ecret" })
    };
    let app = |id: &str, authorizations: &[&str]| {
        json!({ "id": id, "name": "Tides\u{1b}[31m", "url": "https://tides.example", "mac_key_id": "a:5ecret",
            "mac_key": "app-key-5ecret", "authorizations": authorizations.iter().map(|id| granted(id)).collect::<Vec<_>>() })
    };
    let apps = [
        app("-t", &["t1", "t2"]),
        app("none", &[]),
        app("one", &["-o"]),
    ];
    server.state.lock().unwrap().other_apps.extend(apps);
    let shown = lines(&tent, &["apps"]);
    assert_eq!(
        shown[..2],
        [
            "Tides[31m  https://tides.example  -t",
            "  read_posts write_posts  t1"
        ]
    );
    assert_eq!(shown.len(), 3 + 1 + 2 + 2);
    let json = tent.run(&["apps", "--json"]).ok();
    assert!(
        json.lines().count() == 4 && !json.contains("5ecret"),
        "{json}"
    );

    assert_eq!(tent.run(&["apps", "revoke", "-o"]).ok(), "revoked -o\n");
    assert_eq!(
        server.peer.last_line(),
        "DELETE /tent/apps/one/authorizations/-o"
    );
    assert_eq!(
        tent.run(&["apps", "revoke", "-t", "--json"]).ok(),
        "{\"revoked\":\"-t\"}\n"
    );
    assert_eq!(
        server
            .peer
            .lines()
            .iter()
            .filter(|line| line.starts_with("DELETE /tent/apps/-t/"))
            .count(),
        2
    );
    for id in ["-t", "none", "unheard"] {
        let err = tent.run(&["apps", "revoke", id]).fails_with(1);
        assert!(err.contains("nothing is approved"), "{err}");
    }
    for own in ["app1", "auth1"] {
        let err = tent.run(&["apps", "revoke", own]).fails_with(2);
        assert!(err.contains("tent logout"), "{err}");
    }
    server.instead("GET /tent/apps", Reply::error(403, "Unauthorized"));
    let err = tent.run(&["apps"]).fails_with(1);
    assert!(err.contains("--add-scope"), "{err}");
}

#[test]
fn a_dry_run_of_any_of_them_sends_nothing() {
    let (server, tent) = Reference::logged_in();
    let before = server.peer.lines().len();
    for (arguments, line) in [
        (&["edit", "p", "x"][..], "GET /tent/posts/p"),
        (&["delete", "p"], "DELETE /tent/posts/p"),
        (&["versions", "p", "--all"], "GET /tent/posts/p/versions"),
        (&["mentions", "p"], "GET /tent/posts/p/mentions"),
        (&["thread", "p"], "GET /tent/posts/p"),
        (&["follow", "bob.example"], "POST /tent/followings"),
        (&["unfollow", "f"], "DELETE /tent/followings/f"),
        (&["followers", "--all"], "GET /tent/followers"),
        (&["block", "f"], "DELETE /tent/followers/f"),
        (&["groups", "create", "g"], "POST /tent/groups"),
        (&["apps", "revoke", "a"], "GET /tent/apps"),
        (&["profile", "delete", "x"], "DELETE /tent/profile/x"),
    ] {
        let shown = tent.run(&[arguments, &["--dry-run"]].concat()).ok();
        let (method, path) = line.split_once(' ').unwrap();
        let first = format!("{method} {}{path}\n", server.url());
        assert!(shown.starts_with(&first), "{shown}");
    }
    assert_eq!(server.peer.lines().len(), before);
}
