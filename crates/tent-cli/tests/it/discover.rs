//! `tent discover`

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::peer::{Peer, Reply};
use crate::reference::Reference;
use crate::tent::Tent;

const REL: &str = "rel=\"https://tent.io/rels/profile\"";

fn profile(entity: &str, servers: &[&str]) -> Reply {
    let core = json!({ "entity": entity, "servers": servers });
    Reply::json(json!({ "https://tent.io/types/info/core/v0.1.0": core }).to_string())
}

#[test]
fn a_link_header_leads_to_the_profile() {
    let server = Reference::start();
    let url = server.url();
    let tent = Tent::new();
    let found: Value = serde_json::from_str(&tent.run(&["discover", &url, "--json"]).ok()).unwrap();
    assert_eq!(
        found,
        json!({
            "entity": url,
            "servers": [format!("{url}/tent")],
            "profile_url": format!("{url}/tent/profile"),
            "tent_version": "0.2",
            "dialect": "v0",
            "via": "link-header",
        })
    );
    let lines = tent.run(&["discover", &url]).ok();
    assert!(
        lines.starts_with(&format!("entity   {url}\nservers  {url}/tent\n")),
        "{lines}"
    );
}

#[test]
fn https_may_be_left_out_also_where_there_is_none() {
    let server = Reference::start();
    let bare = server.url().replace("http://", "");
    let found = Tent::new().run(&["discover", &bare, "--json"]).ok();
    assert!(
        found.contains(&format!("\"entity\":\"http://{bare}\"")),
        "{found}"
    );
}

#[test]
fn an_html_link_leads_there_too_and_the_trace_tells_the_way() {
    let peer = Peer::start(|asked| match asked.line().as_str() {
        "HEAD /" => Reply::status(405),
        "GET /" => Reply::html(format!("<head><link {REL} href=\"/me/profile\"></head>")),
        "GET /me/profile" => {
            let root = format!("http://{}", asked.header("host"));
            profile(&root, &[&format!("{root}/me")])
        }
        _ => Reply::status(404),
    });
    let tent = Tent::new();
    let ran = tent.run(&["discover", &peer.url(), "--json", "--trace"]);
    let found: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &found["via"]), (0, &json!("html-link")));
    assert_eq!(found["tent_version"], Value::Null);
    for told in [
        "HEAD ",
        "405",
        "no link",
        "html-link: ",
        "/me/profile",
        "read",
    ] {
        assert!(ran.err.contains(told), "{told} is missing: {}", ran.err);
    }
}

#[test]
fn the_draft_is_recognised_and_not_logged_in_to() {
    let peer = Peer::start(|asked| {
        let root = format!("http://{}", asked.header("host"));
        match asked.line().as_str() {
            "HEAD /" => Reply::status(200).header("Link", &format!("</profile>; {REL}")),
            _ => {
                let core = json!({
                    "type": { "url": "https://tent.io", "version": "0.1.0" },
                    "entity": root,
                    "servers": [root],
                });
                Reply::json(json!([core]).to_string())
            }
        }
    });
    let tent = Tent::new();
    let found: Value =
        serde_json::from_str(&tent.run(&["discover", &peer.url(), "--json"]).ok()).unwrap();
    assert_eq!(found["dialect"], "draft");
    let lines = tent.run(&["discover", &peer.url()]).ok();
    assert!(
        lines.contains("\ndialect  the draft before v0.1\n"),
        "{lines}"
    );
    let err = tent.run(&["login", &peer.url()]).fails_with(1);
    assert!(err.contains("the draft"), "{err}");
    let registered = peer.lines().iter().any(|line| line.starts_with("POST"));
    assert!(!registered, "{:?}", peer.lines());
}

#[test]
fn a_page_without_a_link_is_refused_with_a_trace() {
    let peer = Peer::start(|_| Reply::html("<p>\u{1b}[31mno link"));
    let tent = Tent::new();
    let err = tent
        .run(&["discover", &peer.url(), "--trace"])
        .fails_with(1);
    assert!(
        err.contains("no link") && err.contains("HEAD ") && err.contains("GET "),
        "{err}"
    );
    assert!(!err.contains('\u{1b}'), "{err}");
    let failure = tent.run(&["discover", &peer.url(), "--json"]).failure(1);
    assert!(
        failure["hint"].as_str().unwrap().contains("--trace"),
        "{failure}"
    );
}

#[test]
fn a_profile_that_claims_another_is_not_believed() {
    let bob = Reference::start();
    let claimed = bob.url();
    let evil = Peer::start(move |asked| match asked.line().as_str() {
        "HEAD /" => Reply::status(200).header("Link", &format!("</profile>; {REL}")),
        _ => profile(&claimed, &[&format!("http://{}", asked.header("host"))]),
    });
    let err = Tent::new().run(&["discover", &evil.url()]).fails_with(1);
    assert!(
        err.contains("claims to be") && err.contains(&bob.url()),
        "{err}"
    );
}

#[test]
fn nobody_there_is_no_answer() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let failure = Tent::new()
        .run(&["discover", &format!("http://{free}"), "--json"])
        .failure(4);
    assert_eq!(failure["status"], Value::Null);
    let cause = failure["cause"].as_str().unwrap();
    assert!(cause.contains("could not connect: "), "{failure}");
    assert!(!cause.contains("io: "), "{failure}");
}

#[test]
fn silence_ends_after_the_timeout() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let err = Tent::new()
        .run(&["discover", &url, "--timeout", "1"])
        .fails_with(4);
    assert!(err.contains("it took too long\n"), "{err}");
}

#[test]
fn http_beyond_this_computer_must_be_allowed() {
    let err = Tent::new()
        .run(&["discover", "http://alice.invalid"])
        .fails_with(2);
    assert!(err.contains("--insecure"), "{err}");
    Tent::new()
        .run(&["discover", "http://alice.invalid", "--insecure"])
        .fails_with(4);
}

#[test]
fn a_dry_run_asks_nobody() {
    let server = Reference::start();
    let shown = Tent::new()
        .run(&["discover", &server.url(), "--dry-run"])
        .ok();
    assert!(
        shown.starts_with(&format!("HEAD {}/\n", server.url())),
        "{shown}"
    );
    assert!(server.peer.lines().is_empty());
}
