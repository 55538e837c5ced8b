//! From an entity to its profile: who is believed, and where calls then go.

use tent_flow::SchemeRule;
use tent_flow::script::{Answer, Script};
use tent_proto::{DiscoverEntity, Discovery, DiscoveryError, Doubt, Entity, discover};

const LINK: &str = r#"</profile>; rel="https://tent.io/rels/profile""#;

fn page() -> Answer {
    Answer::status(200).header("link", LINK)
}

fn profile(entity: &str, servers: &str) -> Answer {
    Answer::json(format!(
        r#"{{"https://tent.io/types/info/core/v0.1.0":
            {{"entity":"{entity}","servers":[{servers}],"tent_version":"0.2"}}}}"#
    ))
}

/// A web in which each host has a page and a profile.
fn web<const N: usize>(hosts: [(&str, Answer); N]) -> Script {
    hosts
        .into_iter()
        .fold(Script::new(), |script, (host, answer)| {
            script.on("HEAD", &format!("{host}/"), page()).on(
                "GET",
                &format!("{host}/profile"),
                answer,
            )
        })
}

fn find(script: &mut Script, entity: &str) -> Result<Discovery, DiscoveryError> {
    script.run(discover(&Entity::typed(entity).unwrap()))
}

fn roots(found: &Discovery) -> Vec<&str> {
    found.servers.iter().map(|server| server.as_str()).collect()
}

#[test]
fn the_profile_says_who_and_where() {
    let answer = profile(
        "https://alice.example",
        r#""https://t.example/tent/","https://u.example""#,
    );
    let mut script = web([("https://alice.example", answer)]);
    let found = find(&mut script, "alice.example/").unwrap();
    assert_eq!(found.entity.as_str(), "https://alice.example");
    assert_eq!(
        roots(&found),
        ["https://t.example/tent", "https://u.example"]
    );
    assert_eq!(found.tent_version.as_deref(), Some("0.2"));
    assert_eq!(found.via.to_string(), "link-header");
    assert_eq!(found.profile_url.as_str(), "https://alice.example/profile");
    assert_eq!(found.trace.steps().len(), 2);
    assert_eq!(
        script.seen()[1].header("accept"),
        "application/vnd.tent.v0+json"
    );
    assert!(
        script
            .seen()
            .iter()
            .all(|seen| seen.header("authorization").is_empty())
    );
}

#[test]
fn without_servers_the_root_is_where_the_profile_is() {
    let mut script = web([(
        "https://alice.example",
        profile("https://alice.example", ""),
    )]);
    let found = find(&mut script, "alice.example").unwrap();
    assert_eq!(roots(&found), ["https://alice.example"]);
}

#[test]
fn a_claim_is_believed_when_the_claimed_entity_bears_it_out() {
    let alice = || {
        profile(
            "https://alice.example",
            r#""https://t.example","https://u.example""#,
        )
    };
    let mirrored = profile(
        "https://alice.example",
        r#""https://u.example/","https://t.example""#,
    );
    let mut script = web([
        ("https://blog.example", alice()),
        ("https://alice.example", mirrored),
    ]);
    let found = find(&mut script, "blog.example").unwrap();
    assert_eq!(found.entity.as_str(), "https://alice.example");
    let asked: Vec<_> = found
        .trace
        .steps()
        .iter()
        .map(|step| step.url.as_str())
        .collect();
    assert_eq!(
        asked[1..3],
        ["https://blog.example/profile", "https://alice.example/"]
    );
    assert_eq!(asked.len(), 4);
    script.finish();
}

#[test]
fn a_claim_that_nobody_bears_out_is_refused() {
    let claim = || profile("https://bank.example", r#""https://evil.example""#);
    let servers = r#""https://t.bank.example""#;
    let more = r#""https://evil.example","https://t.bank.example""#;
    for (own, expected) in [
        (profile("https://bank.example", servers), "other servers"),
        (profile("https://bank.example", more), "other servers"),
        (
            profile("https://third.example", r#""https://evil.example""#),
            "third.example",
        ),
    ] {
        let mut script = web([
            ("https://evil.example", claim()),
            ("https://bank.example", own),
        ]);
        match find(&mut script, "evil.example").unwrap_err() {
            DiscoveryError::ClaimsAnother {
                claimed,
                doubt,
                trace,
                ..
            } => {
                assert_eq!(claimed.as_str(), "https://bank.example");
                assert!(doubt.to_string().contains(expected), "{doubt}");
                assert_eq!(trace.steps().len(), 4);
            }
            other => panic!("{other:?}"),
        }
    }
    let mut script = web([("https://evil.example", claim())])
        .on("HEAD", "https://bank.example/", Answer::status(200))
        .on("GET", "https://bank.example/", Answer::status(200));
    let error = find(&mut script, "evil.example").unwrap_err();
    assert!(
        matches!(
            &error,
            DiscoveryError::ClaimsAnother {
                doubt: Doubt::NotFound(_),
                ..
            }
        ),
        "{error:?}"
    );

    let mut script = web([(
        "https://evil.example",
        profile("mailto:a@bank.example", r#""https://evil.example""#),
    )]);
    let error = find(&mut script, "evil.example").unwrap_err();
    assert!(
        matches!(
            &error,
            DiscoveryError::ClaimsAnother {
                doubt: Doubt::NotAnEntity(_),
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn profiles_that_cannot_be_used_say_why() {
    for (answer, why) in [
        (Answer::json("[]"), "a list without a core part"),
        (Answer::json("{}"), "no core section"),
        (
            Answer::json(
                r#"{"https://tent.io/types/info/core/v0.1.0":{"servers":["https://t.example"]}}"#,
            ),
            "names no entity",
        ),
        (
            profile("https://alice.example", r#""ftp://t.example""#),
            "names no server",
        ),
        (Answer::status(200).body("<html>"), "not JSON"),
        (Answer::status(404), "404"),
    ] {
        let mut script = web([("https://alice.example", answer)]);
        let error = find(&mut script, "alice.example").unwrap_err();
        let trace = error.trace().unwrap().to_string();
        assert!(trace.contains(why), "{why} in {trace}");
    }
}

#[test]
fn a_newer_protocol_is_named() {
    let link = r#"</meta>; rel="https://tent.io/rels/meta-post""#;
    let mut script = Script::new()
        .on(
            "HEAD",
            "https://alice.example/",
            Answer::status(200).header("link", link),
        )
        .on("GET", "https://alice.example/meta", Answer::json("{}"));
    let error = find(&mut script, "alice.example").unwrap_err();
    assert!(error.trace().unwrap().to_string().contains("v0.3"));
}

#[test]
fn without_a_scheme_http_is_tried_last_and_only_where_it_is_allowed() {
    let local = || profile("http://localhost:7878", r#""http://localhost:7878""#);
    let silent = || {
        Script::new().on(
            "HEAD",
            "https://localhost:7878/",
            Answer::refuses_connection(),
        )
    };
    let mut script = silent().on("HEAD", "http://localhost:7878/", page()).on(
        "GET",
        "http://localhost:7878/profile",
        local(),
    );
    let found = script
        .run(DiscoverEntity::typed("localhost:7878").unwrap())
        .unwrap();
    assert_eq!(found.entity.as_str(), "http://localhost:7878");
    assert_eq!(found.trace.steps()[0].url.scheme(), "https");
    assert_eq!(found.trace.steps().len(), 3);
    script.finish();

    let mut script = Script::new().on(
        "HEAD",
        "https://alice.example/",
        Answer::refuses_connection(),
    );
    let flow = DiscoverEntity::typed("alice.example").unwrap();
    let error = script.run(flow).unwrap_err();
    match error {
        DiscoveryError::NotFound { entity, .. } => {
            assert_eq!(entity.as_str(), "https://alice.example");
        }
        other => panic!("{other:?}"),
    }
    script.finish();

    let mut script = Script::new()
        .on(
            "HEAD",
            "https://alice.example/",
            Answer::refuses_connection(),
        )
        .on("HEAD", "http://alice.example/", page())
        .on(
            "GET",
            "http://alice.example/profile",
            profile("http://alice.example", r#""http://alice.example""#),
        );
    let flow = DiscoverEntity::typed("alice.example").unwrap();
    script
        .run(flow.with_scheme_rule(SchemeRule::HttpAnywhere))
        .unwrap();
}

#[test]
fn a_profile_that_names_many_servers_has_the_first_ten_used() {
    let many: Vec<String> = (0..12)
        .map(|n| format!(r#""https://t{n}.example""#))
        .collect();
    let answer = profile("https://alice.example", &many.join(","));
    let mut script = web([("https://alice.example", answer)]);
    let found = find(&mut script, "alice.example").unwrap();
    assert_eq!(roots(&found).len(), 10);
    assert_eq!(roots(&found)[9], "https://t9.example");
}
