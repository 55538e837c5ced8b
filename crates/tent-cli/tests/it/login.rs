//! `tent login`, against a server like the reference server.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::peer::{Reply, open};
use crate::reference::{Reference, SECRETS};
use crate::tent::Tent;

#[test]
fn a_person_logs_in_and_out() {
    let server = Reference::start();
    let (tent, url) = (Tent::new(), server.url());
    assert_eq!(server.log_in(&tent, &[]), format!("logged in {url}\n"));
    assert_eq!(
        server.peer.lines(),
        [
            "HEAD /",
            "GET /tent/profile",
            "POST /tent/apps",
            "POST /tent/apps/app1/authorizations",
            "GET /tent/groups?limit=1",
        ]
    );
    let accounts: Value = serde_json::from_str(&tent.run(&["accounts", "--json"]).ok()).unwrap();
    assert_eq!(accounts["entity"], url);
    assert_eq!(accounts["default"], true);
    assert_eq!(tent.run(&["accounts"]).ok(), format!("* {url}\n"));

    assert_eq!(tent.run(&["logout"]).ok(), format!("logged out {url}\n"));
    let lines = server.peer.lines();
    assert_eq!(
        lines[5..],
        [
            "GET /tent/apps/app1",
            "DELETE /tent/apps/app1/authorizations/auth1",
            "DELETE /tent/apps/app1",
        ]
    );
    let stored = String::from_utf8(tent.stored()).unwrap();
    assert!(
        SECRETS.iter().all(|secret| !stored.contains(secret)),
        "{stored}"
    );
    tent.run(&["posts"]).fails_with(3);
}

#[test]
fn what_is_asked_for_is_what_was_registered() {
    let server = Reference::start();
    let (tent, url) = (Tent::new(), server.url());
    let login = tent.begin_login(&[
        &url,
        "--scope",
        "read_posts",
        "--scope",
        "write_posts",
        "--type",
        "https://t.example/a/v1",
        "--type",
        "https://t.example/b/v1",
        "--notify",
        "https://n.example/",
        "--name",
        "Harbour",
    ]);
    assert!(
        login
            .url
            .as_str()
            .starts_with(&format!("{url}/tent/oauth/authorize?client_id=app1&"))
    );
    let redirect_uri = login.parameter("redirect_uri");
    assert!(
        redirect_uri.starts_with("http://127.0.0.1:"),
        "{redirect_uri}"
    );
    assert_eq!(login.parameter("response_type"), "code");
    assert_eq!(login.parameter("scope"), "read_posts,write_posts");
    assert_eq!(login.parameter("tent_profile_info_types"), "all");
    assert_eq!(
        login.parameter("tent_post_types"),
        "https://t.example/a/v1,https://t.example/b/v1"
    );
    assert_eq!(
        login.parameter("tent_notification_url"),
        "https://n.example/"
    );
    let asked = server.peer.asked();
    let app: Value = serde_json::from_str(&asked.last().unwrap().body).unwrap();
    assert_eq!(app["name"], "Harbour");
    assert_eq!(app["redirect_uris"], json!([redirect_uri]));
    let scopes: Vec<_> = app["scopes"].as_object().unwrap().keys().collect();
    assert_eq!(scopes, ["read_posts", "write_posts"]);
    open(&login.redirect("error=access_denied&state={state}"));
    login.end().fails_with(1);
}

#[test]
fn the_usual_scopes_read_and_write_but_take_no_keys() {
    let server = Reference::start();
    let (tent, url) = (Tent::new(), server.url());
    let login = tent.begin_login(&[&url]);
    let usual = "read_posts,write_posts,read_profile,write_profile,read_followers,write_followers,\
         read_followings,write_followings,read_groups,write_groups,read_permissions";
    assert_eq!(login.parameter("scope"), usual);
    assert_eq!(login.parameter("tent_post_types"), "all");
    open(&login.redirect("error=access_denied"));
    login.end().fails_with(1);

    let more = ["--add-scope", "read_posts", "--add-scope", "read_apps"];
    let more = tent.begin_login(&[&[&*url], &more[..]].concat());
    assert_eq!(more.parameter("scope"), format!("{usual},read_apps"));
    open(&more.redirect("error=access_denied"));
    more.end().fails_with(1);
}

#[test]
fn a_registration_is_saved_at_once_and_updated_the_next_time() {
    let server = Reference::start();
    let (tent, url) = (Tent::new(), server.url());
    let login = tent.begin_login(&[&url]);
    assert!(
        String::from_utf8(tent.stored())
            .unwrap()
            .contains("app-key-5ecret")
    );
    open(&login.redirect("error=access_denied&state={state}"));
    login.end().fails_with(1);
    assert_eq!(tent.run(&["accounts", "--json"]).ok(), "");

    tent.run(&["use", &url]).fails_with(3);

    server.log_in(&tent, &[]);
    let lines = server.peer.lines();
    let of_apps: Vec<_> = lines.iter().filter(|line| line.contains("/apps")).collect();
    assert_eq!(
        of_apps,
        [
            "POST /tent/apps",
            "PUT /tent/apps/app1",
            "POST /tent/apps/app1/authorizations"
        ]
    );
}

#[test]
fn the_page_of_a_server_that_answers_is_opened() {
    let server = Reference::start();
    let (tent, url) = (Tent::new(), server.url());
    let servers = ["http://127.0.0.1:1".to_owned(), format!("{url}/tent")];
    // The second time, the registration is updated.
    for _ in 0..2 {
        let core = json!({ "entity": url, "servers": servers });
        let profile = json!({ "https://tent.io/types/info/core/v0.1.0": core });
        server.instead("GET /tent/profile", Reply::json(profile.to_string()));
        let login = tent.begin_login(&[&url]);
        assert!(login.url.as_str().starts_with(&url), "{}", login.url);
        open(&login.redirect("code=code-5ecret&state={state}"));
        assert_eq!(login.end().code, 0);
    }
    assert!(
        server
            .peer
            .lines()
            .contains(&"PUT /tent/apps/app1".to_owned())
    );
}

#[test]
fn a_credential_that_nothing_proves_is_told_of() {
    let server = Reference::start();
    let (tent, url) = (Tent::new(), server.url());
    for (answer, is_told) in [
        (Reply::error(403, "Unauthorized"), true),
        (Reply::json("[]"), false),
    ] {
        server.instead("GET /tent/groups", answer);
        let login = tent.begin_login(&[&url]);
        open(&login.redirect("code=code-5ecret&state={state}"));
        let ran = login.end();
        assert_eq!(
            (ran.code, ran.err.contains("nothing that shows")),
            (0, is_told),
            "{}",
            ran.err
        );
    }
}

#[test]
fn a_registration_of_no_use_is_made_anew() {
    for refusal in [
        Reply::error(401, "Invalid MAC Key ID"),
        Reply::error(403, "Invalid MAC Signature"),
        Reply::error(404, "Not Found"),
        Reply::status(405),
        Reply::error(501, "later"),
    ] {
        let server = Reference::start();
        let tent = Tent::new();
        server.log_in(&tent, &[]);
        server.instead("PUT /tent/apps/app1", refusal);
        server.log_in(&tent, &[]);
        let lines = server.peer.lines();
        let exchange = "POST /tent/apps/app2/authorizations".to_owned();
        assert!(lines.contains(&exchange), "{lines:?}");
    }
}

#[test]
fn a_wrong_clock_or_a_busy_server_is_no_reason_to_register_anew() {
    let server = Reference::start();
    let (tent, url) = (Tent::new(), server.url());
    server.log_in(&tent, &[]);
    let before = tent.stored();
    for (refusal, code) in [
        (Reply::error(401, "Stale timestamp"), 1),
        (Reply::status(503), 1),
    ] {
        server.instead("PUT /tent/apps/app1", refusal);
        tent.run(&["login", "--no-browser", "--retries", "0", &url])
            .fails_with(code);
        assert_eq!(tent.stored(), before);
    }
}

#[test]
fn strays_do_not_end_a_login_and_a_denial_or_a_wrong_state_does() {
    let server = Reference::start();
    let (tent, url) = (Tent::new(), server.url());
    server.log_in(&tent, &[]);
    let before = accounts_of(&tent);
    let (denied, not_ours) = ("not approved", "not the approval that is waited for");
    for (answer, shown, told) in [
        ("error=access_denied&state={state}", denied, "not approved"),
        (
            "error=access_denied&error_description=user_abort",
            denied,
            "user_abort",
        ),
        ("error=server_error&state={state}", denied, "server_error"),
        ("state={state}", denied, "no code"),
        (
            "code=evil&state=wrong",
            not_ours,
            "not the one of this attempt",
        ),
        (
            "error=access_denied&state=wrong",
            not_ours,
            "not the one of this attempt",
        ),
        ("code=evil", not_ours, "no state"),
    ] {
        let login = tent.begin_login(&[&url]);
        let mut stray = login.redirect("");
        stray.set_query(None);
        assert!(open(&stray).starts_with("HTTP/1.1 400 "));
        stray.set_path("/favicon.ico");
        assert!(open(&stray).starts_with("HTTP/1.1 404 "));
        let page = open(&login.redirect(answer));
        assert!(page.contains(shown) && !page.contains("evil"), "{page}");
        let err = login.end().fails_with(1);
        assert!(
            err.contains(told) && err.contains("without an answer"),
            "{err}"
        );
        assert_eq!(accounts_of(&tent), before, "the account is as it was");
    }
}

/// The stored accounts, without the registrations beside them.
fn accounts_of(tent: &Tent) -> Vec<Value> {
    let stored: Value = serde_json::from_slice(&tent.stored()).unwrap();
    let entities = stored["entities"].as_object().unwrap().values();
    entities.map(|entry| entry["account"].clone()).collect()
}

#[test]
fn what_fails_after_the_approval_leaves_the_account_as_it_was() {
    let server = Reference::start();
    let (tent, url) = (Tent::new(), server.url());
    server.log_in(&tent, &[]);
    let before = tent.stored();
    for (line, reply, code) in [
        (
            "POST /tent/apps/app1/authorizations",
            Reply::error(403, "Unauthorized"),
            1,
        ),
        (
            "POST /tent/apps/app1/authorizations",
            Reply::json("{\"access_token\":\"u:5ecret-id\"}"),
            1,
        ),
        (
            "GET /tent/groups",
            Reply::error(401, "Invalid MAC Key ID"),
            3,
        ),
        (
            "GET /tent/groups",
            Reply::error(403, "Invalid MAC Signature"),
            1,
        ),
        ("GET /tent/groups", Reply::status(503), 1),
    ] {
        server.instead(line, reply);
        let login = tent.begin_login(&[&url, "--retries", "0"]);
        if line.ends_with("groups") && code == 1 {
            server.instead("GET /tent/profile", Reply::status(503));
        }
        open(&login.redirect("code=code-5ecret&state={state}"));
        let ran = login.end();
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (code, ""),
            "{line}: {}",
            ran.err
        );
        assert!(
            SECRETS.iter().all(|secret| !ran.err.contains(secret)),
            "{}",
            ran.err
        );
        assert_eq!(tent.stored(), before);
        server.state.lock().unwrap().instead.clear();
    }
}

#[test]
fn an_address_or_a_code_can_be_pasted() {
    let server = Reference::start();
    let (tent, url) = (Tent::new(), server.url());
    for pasted in ["&code=code-5ecret&state={state}", "code"] {
        let mut login = tent.begin_login(&[&url, "--paste"]);
        login.paste("");
        login.paste(login.redirect("code=evil").as_str());
        match pasted {
            "code" => login.paste("code-5ecret"),
            query => login.paste(login.redirect(query).as_str()),
        }
        let ran = login.end();
        assert_eq!(
            (ran.code, ran.out),
            (0, format!("logged in {url}\n")),
            "{}",
            ran.err
        );
        assert!(ran.err.contains("carries no state"), "{}", ran.err);
    }
    let mut login = tent.begin_login(&[&url, "--paste"]);
    login.paste(login.redirect("code=evil&state=wrong").as_str());
    let err = login.end().fails_with(1);
    assert!(err.contains("not the one of this attempt"), "{err}");
    let login = tent.begin_login(&[&url, "--paste"]);
    login.end().fails_with(5);
    let mut login = tent.begin_login(&[&url, "--paste"]);
    login.paste(login.redirect("error=access_denied&state={state}").as_str());
    login.end().fails_with(1);
}

#[test]
fn the_redirect_is_taken_by_get_alone() {
    let server = Reference::start();
    let (tent, url) = (Tent::new(), server.url());
    let login = tent.begin_login(&[&url]);
    let redirect = login.redirect("code=code-5ecret&state={state}");
    let mut stream = TcpStream::connect(("127.0.0.1", redirect.port().unwrap())).unwrap();
    let target = &redirect[url::Position::BeforePath..];
    write!(
        stream,
        "POST {target} HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    let page = open(&redirect);
    assert!(
        !page.contains("5ecret") && page.contains("Connection: close"),
        "{page}"
    );
    assert_eq!(login.end().code, 0);
}
