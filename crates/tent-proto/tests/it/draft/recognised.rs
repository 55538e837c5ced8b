//! The draft is recognised by the shape of the profile, whatever leads there.

use serde_json::json;
use tent_flow::script::{Answer, Script};
use tent_proto::{Dialect, Discovery, DiscoveryError, Entity, TypeUri, discover};

use super::answer;

const PAGE: &str = "https://smith.me/";

fn profile(entity: &str, servers: &[&str]) -> Answer {
    answer(&json!([
        {"type": {"url": "https://tent.io/types/info/music", "version": "0.1.0"}, "bands": ["foo"]},
        {"type": {"url": "https://tent.io", "version": "0.1.0"}, "entity": entity, "servers": servers,
         "licenses": [{"url": "https://tent.io/types/licenses/creative-commons", "version": "3.0.0"}]},
    ]))
}

fn find(script: &mut Script) -> Result<Discovery, DiscoveryError> {
    script.run(discover(&Entity::typed("smith.me").unwrap()))
}

fn roots(found: &Discovery) -> Vec<&str> {
    found.servers.iter().map(|server| server.as_str()).collect()
}

#[test]
fn a_field_names_the_roots_in_order() {
    let field = Answer::status(200).header(
        "tent-server",
        "https://down.smith.me/api/, https://tent.smith.me",
    );
    let mut script = Script::new()
        .on("HEAD", PAGE, field)
        .on(
            "GET",
            "https://down.smith.me/api/profile",
            Answer::status(503),
        )
        .on(
            "GET",
            "https://tent.smith.me/profile",
            profile("smith.me", &["https://tent.smith.me", "smi.th/api"]),
        );
    let found = find(&mut script).unwrap();
    assert_eq!(found.dialect, Dialect::Draft);
    assert_eq!(found.entity.as_str(), "https://smith.me");
    assert_eq!(
        roots(&found),
        ["https://tent.smith.me", "https://smi.th/api"]
    );
    assert_eq!(found.via.to_string(), "target-field");
    assert_eq!(script.seen()[2].header("accept"), "application/json");
    // The profile is there in both forms.
    assert_eq!(found.parts.len(), 2);
    let core = found.profile.core().unwrap();
    assert_eq!(core.entity, Some(found.entity));
    assert_eq!(
        core.licenses,
        ["https://tent.io/types/licenses/creative-commons/v3.0.0"]
    );
    let music = TypeUri::from("https://tent.io/types/info/music/v0.1.0");
    assert_eq!(found.profile.section(&music), Some(r#"{"bands":["foo"]}"#));
}

#[test]
fn an_element_leads_to_the_root_too() {
    let html = "<head><link rel=tent href='/tent'></head>";
    let page = Answer::status(200)
        .header("content-type", "text/html")
        .body(html);
    let mut script = Script::new()
        .on("HEAD", PAGE, Answer::status(200))
        .on("GET", PAGE, page)
        .on(
            "GET",
            "https://smith.me/tent/profile",
            profile("smith.me", &[]),
        );
    let found = find(&mut script).unwrap();
    assert_eq!(found.dialect, Dialect::Draft);
    // Without servers, the root is where the profile is.
    assert_eq!(roots(&found), ["https://smith.me/tent"]);
    assert_eq!(found.via.to_string(), "html-link");
}

#[test]
fn the_shape_decides_and_not_the_way_there() {
    let later = || {
        answer(&json!({"https://tent.io/types/info/core/v0.1.0":
            {"entity": "https://smith.me", "servers": ["https://tent.smith.me"]}}))
    };
    let link = r#"</profile>; rel="https://tent.io/rels/profile""#;
    for (header, value, url, profile, dialect) in [
        (
            "link",
            link,
            "https://smith.me/profile",
            profile("smith.me", &[]),
            Dialect::Draft,
        ),
        (
            "tent-server",
            "/",
            "https://smith.me/profile",
            later(),
            Dialect::V0,
        ),
    ] {
        let page = Answer::status(200).header(header, value);
        let mut script = Script::new().on("HEAD", PAGE, page).on("GET", url, profile);
        let found = find(&mut script).unwrap();
        assert_eq!(found.dialect, dialect, "{header}");
        assert_eq!(found.parts.is_empty(), dialect == Dialect::V0);
    }
}

#[test]
fn links_of_the_later_dialects_come_first() {
    let page = Answer::status(200)
        .header("tent-server", "https://old.smith.me")
        .header("link", r#"</profile>; rel="https://tent.io/rels/profile""#);
    let mut script = Script::new()
        .on("HEAD", PAGE, page)
        .on("GET", "https://smith.me/profile", Answer::status(404))
        .on(
            "GET",
            "https://old.smith.me/profile",
            profile("smith.me", &["https://old.smith.me"]),
        );
    assert_eq!(find(&mut script).unwrap().dialect, Dialect::Draft);
    let accepted = script.seen()[1].header("accept");
    assert_eq!(accepted, "application/vnd.tent.v0+json");
}

#[test]
fn an_entity_is_not_taken_over() {
    let page = |root: &str| Answer::status(200).header("tent-server", root);
    for (own, is_believed) in [("https://tent.bank.me", false), ("https://evil.me", true)] {
        let mut script = Script::new()
            .on("HEAD", PAGE, page("https://evil.me"))
            .on(
                "GET",
                "https://evil.me/profile",
                profile("bank.me", &["https://evil.me"]),
            )
            .on("HEAD", "https://bank.me/", page("https://tent.bank.me"))
            .on(
                "GET",
                "https://tent.bank.me/profile",
                profile("bank.me", &[own]),
            );
        let found = find(&mut script);
        assert_eq!(found.is_ok(), is_believed, "{found:?}");
        if let Err(error) = found {
            assert!(
                matches!(error, DiscoveryError::ClaimsAnother { .. }),
                "{error:?}"
            );
        }
    }
}

#[test]
fn a_list_that_is_no_profile_says_why() {
    for (body, why) in [
        ("[]", "a list without a core part"),
        (
            r#"[{"type":{"url":"https://tent.io"}}]"#,
            "its core part names no entity",
        ),
        (
            r#"[{"type":{"url":"https://tent.io"},"entity":"a b"}]"#,
            "is not a URL",
        ),
        (
            r#"[{"type":{"url":"https://tent.io"},"entity":"smith.me","servers":["ftp://smith.me"]}]"#,
            "names no server",
        ),
        (r#"[{"type":{"url":"https://tent.io",}}]"#, "at $[0].type"),
    ] {
        let mut script = Script::new()
            .on("HEAD", PAGE, Answer::status(200).header("tent-server", "/"))
            .on("GET", "https://smith.me/profile", Answer::json(body));
        let error = find(&mut script).unwrap_err();
        let trace = error.trace().unwrap().to_string();
        assert!(trace.contains(why), "{why} in {trace}");
    }
}

#[test]
fn a_part_without_a_counterpart_is_kept_among_the_parts() {
    let body = json!([
        {"type": {"url": "https://tent.io", "version": "0.1.0"}, "entity": "smith.me", "servers": []},
        {"mood": "untyped"},
    ]);
    let mut script = Script::new()
        .on("HEAD", PAGE, Answer::status(200).header("tent-server", "/"))
        .on("GET", "https://smith.me/profile", answer(&body));
    let found = find(&mut script).unwrap();
    assert_eq!((found.parts.len(), found.profile.iter().count()), (2, 1));
}
