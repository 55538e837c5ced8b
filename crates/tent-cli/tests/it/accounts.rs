//! `tent accounts`, `use` and `logout`, against a server like the reference server.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::peer::{Reply, open};
use crate::reference::{Reference, SECRETS};
use crate::tent::Tent;

#[test]
fn a_registration_alone_can_be_forgotten_too() {
    let server = Reference::start();
    let (tent, url) = (Tent::new(), server.url());
    let login = tent.begin_login(&[&url]);
    open(&login.redirect("error=access_denied"));
    login.end().fails_with(1);
    tent.run(&["logout", &url]).ok();
    assert_eq!(
        server.peer.lines().last().unwrap(),
        "DELETE /tent/apps/app1"
    );
    assert!(!String::from_utf8(tent.stored()).unwrap().contains("5ecret"));
    tent.run(&["logout", &url]).fails_with(3);
}

#[test]
fn several_accounts_have_a_default_and_can_be_switched() {
    let (alice, bob) = (Reference::start(), Reference::start());
    let tent = Tent::new();
    alice.log_in(&tent, &[]);
    bob.log_in(&tent, &[]);
    let listed = tent.run(&["accounts"]).ok();
    assert!(listed.contains(&format!("* {}\n", alice.url())), "{listed}");
    assert!(listed.contains(&format!("  {}\n", bob.url())), "{listed}");
    let bare = bob.url().replace("http://", "");
    assert_eq!(
        tent.run(&["use", &bare]).ok(),
        format!("using {}\n", bob.url())
    );
    tent.run(&["posts"]).ok();
    assert_eq!(bob.peer.lines().last().unwrap(), "GET /tent/posts");
    tent.run(&["posts", "--account", &alice.url()]).ok();
    assert_eq!(alice.peer.lines().last().unwrap(), "GET /tent/posts");
    tent.run(&["logout", &bob.url()]).ok();
    assert_eq!(tent.run(&["accounts"]).ok(), format!("* {}\n", alice.url()));
}

#[test]
fn logging_out_forgets_even_when_the_server_is_gone() {
    let server = Reference::start();
    let (tent, url) = (Tent::new(), server.url());
    server.log_in(&tent, &[]);
    let before = tent.stored();
    let shown = tent.run(&["logout", "--dry-run"]).ok();
    assert!(
        shown.starts_with(&format!("GET {url}/tent/apps/app1\n")),
        "{shown}"
    );
    assert_eq!(tent.stored(), before);
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let moved = String::from_utf8(before).unwrap();
    let url_of_nobody = format!("http://{free}");
    let moved = moved.replace(&url, &url_of_nobody);
    std::fs::write(tent.credentials(), moved).unwrap();
    let ran = tent.run(&["logout", "--json", "--retries", "0"]);
    let told: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (ran.code, told),
        (0, json!({ "entity": url_of_nobody, "revoked": false }))
    );
    assert!(ran.err.contains("could not be told"), "{}", ran.err);
    assert_eq!(tent.run(&["accounts", "--json"]).ok(), "");
}

#[test]
fn no_secret_is_shown_at_any_verbosity() {
    let server = Reference::start();
    let (tent, url) = (Tent::new(), server.url());
    let login = tent.begin_login(&[&url, "-vv"]);
    open(&login.redirect("code=code-5ecret&state={state}"));
    let logged_in = login.end();
    assert_eq!(logged_in.code, 0);
    assert!(
        logged_in.err.contains("> POST ")
            && logged_in.err.contains("< 200 OK, ")
            && logged_in.err.contains(">   accept: "),
        "{}",
        logged_in.err
    );
    server.instead("GET /tent/posts", Reply::error(401, "Invalid MAC Key ID"));
    let mut runs = vec![logged_in];
    for arguments in [
        &["posts", "-vv"][..],
        &["post", "hi", "-vv"],
        &["post", "hi", "--dry-run", "-vv"],
        &["posts", "--all", "-vv"],
        &["accounts", "--json", "-vv"],
        &["profile", "-vv"],
        &["api", "GET", "posts", "--include", "-vv"],
        &["logout", "-vv"],
    ] {
        runs.push(tent.run(arguments));
    }
    for ran in runs {
        for secret in SECRETS {
            assert!(
                !ran.out.contains(secret) && !ran.err.contains(secret),
                "{secret}: {ran:?}"
            );
        }
        assert!(!ran.err.contains("authorization:"), "{ran:?}");
    }
}
