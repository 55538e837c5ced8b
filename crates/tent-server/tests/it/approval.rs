use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use serde_json::{Value, json};
use url::Url;

use crate::browser::Browser;
use crate::world::{Answer, CALLBACK, STATUS, World, credentials, encoded};

/// The pairs that a redirect brings to the app.
fn pairs(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    Url::parse(answer.header(LOCATION))
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect()
}

#[tokio::test]
async fn the_page_says_what_the_app_asks_for() {
    let world = World::new().await;
    let body = json!({
        "name": "<b>Harbour</b>", "description": "Posts & tides", "url": "https://app.example", "redirect_uris": [CALLBACK],
        "scopes": {"read_posts": "Shows \"your\" notes"},
    });
    let id = world
        .call(None, "POST", "/apps", Some(body))
        .await
        .ok()
        .json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let query = format!(
        "client_id={id}&redirect_uri={}&scope=read_posts,write_apps&tent_post_types={}&tent_profile_info_types=all&tent_notification_url={}",
        encoded(CALLBACK),
        encoded("https://tent.io/types/post/status/v0.1.0,https://other.example/types/x/v1"),
        encoded("https://app.example/notify"),
    );
    let mut browser = Browser::default();
    browser.sign_in(&world, &query).await;
    let page = browser.open(&world, &query).await.ok();
    let text = page.text();
    for part in [
        "<h1>Allow &lt;b&gt;Harbour&lt;/b&gt;?</h1>",
        "Posts &amp; tides",
        "href=\"https://app.example\"",
        "<strong>https://alice.example</strong>",
        "Read your posts",
        "“Shows &quot;your&quot; notes”",
        "It did not say so when it registered.",
        "This gives it control of your account.",
        ">status<",
        "<code>https://other.example/types/x/v1</code>",
        "<strong>all</strong>",
        "https://app.example/notify",
        "<strong>app.example</strong>",
        "name=\"decision\" value=\"approve\"",
        "name=\"decision\" value=\"deny\"",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("<b>Harbour"), "{text}");
    assert!(!text.contains("<script"), "{text}");
}

#[tokio::test]
async fn pages_are_not_framed_stored_or_told_about() {
    let world = World::new().await;
    let query = world.register().await.query(CALLBACK);
    let mut browser = Browser::default();
    let sign_in = browser.open(&world, &query).await.ok();
    browser.sign_in(&world, &query).await;
    let approve = browser.open(&world, &query).await.ok();
    let refused = browser.open(&world, "").await;
    let deny = browser
        .submit(&world, &query, &approve, "decision=deny")
        .await;
    let leads_away = |page: &Answer| {
        let policy = page.header(CONTENT_SECURITY_POLICY);
        !policy.contains("; form-action 'self'")
    };
    assert!(
        leads_away(&approve),
        "browsers apply it to the redirect to the app"
    );
    assert!(!leads_away(&sign_in) && !leads_away(&refused));
    for answer in [sign_in, approve, refused, deny] {
        let policy = answer.header(CONTENT_SECURITY_POLICY);
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header(CACHE_CONTROL), "no-store");
    }
}

#[tokio::test]
async fn the_answer_goes_to_the_app_with_its_state_as_it_was() {
    let world = World::new().await;
    let state = "a b&c=d+e%20f#g/ü\"<>";
    for (callback, before) in [
        (CALLBACK, 0),
        ("https://app.example/cb?x=1", 1),
        ("http://127.0.0.1/cb", 0),
    ] {
        let app = world.register_with(json!([callback])).await;
        let callback = callback.replace("127.0.0.1", "127.0.0.1:40123");
        let query = format!(
            "{}&response_type=code&state={}",
            app.query(&callback),
            encoded(state)
        );
        let mut browser = Browser::default();
        browser.sign_in(&world, &query).await;
        let page = browser.open(&world, &query).await.ok();
        let approved = browser
            .submit(&world, &query, &page, "decision=approve")
            .await;
        assert!(
            approved.header(LOCATION).starts_with(&callback),
            "{}",
            approved.header(LOCATION)
        );
        let got = pairs(&approved);
        assert_eq!(got[before].0, "code");
        assert_eq!(got[before + 1..], [("state".to_owned(), state.to_owned())]);
        world.exchange(&app, &got[before].1).await.ok();

        let page = browser.open(&world, &query).await.ok();
        let denied = browser.submit(&world, &query, &page, "decision=deny").await;
        let expected = [("error", "access_denied"), ("state", state)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(pairs(&denied)[before..], expected);
    }
}

#[tokio::test]
async fn without_a_state_there_is_none() {
    let world = World::new().await;
    let query = world.register().await.query(CALLBACK);
    let mut browser = Browser::default();
    browser.sign_in(&world, &query).await;
    let page = browser.open(&world, &query).await.ok();
    let names: Vec<_> = pairs(
        &browser
            .submit(&world, &query, &page, "decision=approve")
            .await,
    );
    assert_eq!(
        names
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>(),
        ["code"]
    );
}

#[tokio::test]
async fn strangers_are_never_redirected_to() {
    let world = World::new().await;
    let app = world.register().await;
    let mut browser = Browser::default();
    browser.sign_in(&world, &app.query(CALLBACK)).await;
    for query in [
        app.query("https://evil.example/cb"),
        app.query("https://app.example/cb/"),
        app.query("https://app.example/cb?x=1"),
        app.query("https://app.example:444/cb"),
        format!("client_id={}", app.id),
        format!("client_id=unknown&redirect_uri={}", encoded(CALLBACK)),
        format!("redirect_uri={}", encoded(CALLBACK)),
        String::new(),
    ] {
        let page = browser.open(&world, &query).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(page.header(CONTENT_TYPE).starts_with("text/html"));
        assert!(page.text().contains("Nothing was done"));
        assert_eq!(page.header(LOCATION), "");
        let form = browser
            .submit(&world, &query, &page, "decision=approve")
            .await;
        assert_eq!(
            (form.status, form.header(LOCATION)),
            (StatusCode::BAD_REQUEST, ""),
            "{query}"
        );
    }
}

#[tokio::test]
async fn what_an_app_asks_wrongly_it_is_told() {
    let world = World::new().await;
    let app = world.register().await;
    for (extra, error) in [
        ("response_type=token", "unsupported_response_type"),
        ("tent_notification_url=javascript%3Ax", "invalid_request"),
    ] {
        let answer = Browser::default()
            .open(&world, &format!("{}&state=s&{extra}", app.query(CALLBACK)))
            .await;
        assert_eq!(
            pairs(&answer),
            [
                ("error".to_owned(), error.to_owned()),
                ("state".into(), "s".into())
            ]
        );
    }
}

#[tokio::test]
async fn scopes_can_be_unticked() {
    let world = World::new().await;
    let app = world.register().await;
    let query = format!(
        "{}&scope=read_posts%2Cwrite_posts,read_groups",
        app.query(CALLBACK)
    );
    let mut browser = Browser::default();
    browser.sign_in(&world, &query).await;
    let granted = async |browser: &mut Browser, pairs_sent: &str| {
        let page = browser.open(&world, &query).await.ok();
        assert_eq!(page.text().matches("type=\"checkbox\"").count(), 3);
        let approved = browser.submit(&world, &query, &page, pairs_sent).await;
        world.exchange(&app, &pairs(&approved)[0].1).await.ok();
        let path = format!("/apps/{}", app.id);
        let shown = world
            .call(Some(&app.credentials), "GET", &path, None)
            .await
            .ok()
            .json();
        shown["authorizations"].as_array().unwrap().last().unwrap()["scopes"].clone()
    };
    // What a browser sends with one box ticked, and with none; what a script may send.
    let one = granted(
        &mut browser,
        "choice=boxes&allow_write_posts=yes&allow_write_apps=yes&decision=approve",
    )
    .await;
    assert_eq!(one, json!(["write_posts"]));
    assert_eq!(
        granted(&mut browser, "choice=boxes&decision=approve").await,
        json!([])
    );
    let all = granted(&mut browser, "decision=approve").await;
    assert_eq!(all, json!(["read_posts", "write_posts", "read_groups"]));
}

#[tokio::test]
async fn types_and_notifications_can_be_unticked() {
    let world = World::new().await;
    let app = world.register().await;
    let (status, other) = (STATUS, "https://other.example/types/x/v1");
    let notify = "https://app.example/notify";
    let query = format!(
        "{}&tent_post_types={}&tent_profile_info_types=all&tent_notification_url={}",
        app.query(CALLBACK),
        encoded(&format!("{status},{other}")),
        encoded(notify),
    );
    let mut browser = Browser::default();
    browser.sign_in(&world, &query).await;
    let granted = async |browser: &mut Browser, sent: &str| {
        let page = browser.open(&world, &query).await.ok();
        assert_eq!(page.text().matches("type=\"checkbox\"").count(), 4);
        let approved = browser.submit(&world, &query, &page, sent).await;
        world.exchange(&app, &pairs(&approved)[0].1).await.ok();
        let path = format!("/apps/{}", app.id);
        let shown = world.call(Some(&app.credentials), "GET", &path, None).await;
        let last = shown.ok().json()["authorizations"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .clone();
        (
            last["post_types"].clone(),
            last["profile_info_types"].clone(),
            last["notification_url"].clone(),
        )
    };
    let one = format!(
        "choice=boxes&post_type={}&post_type=all&decision=approve",
        encoded(other)
    );
    assert_eq!(
        granted(&mut browser, &one).await,
        (json!([other]), json!([]), Value::Null)
    );
    let rest = format!(
        "choice=boxes&profile_info_type=all&notification_url={}&decision=approve",
        encoded(notify)
    );
    assert_eq!(
        granted(&mut browser, &rest).await,
        (json!([]), json!(["all"]), json!(notify))
    );
    let elsewhere = "choice=boxes&notification_url=https://evil.example&decision=approve";
    assert_eq!(granted(&mut browser, elsewhere).await.2, Value::Null);
}

#[tokio::test]
async fn what_an_app_did_not_declare_is_marked_and_left_unticked() {
    let world = World::new().await;
    let query = format!(
        "{}&scope=read_posts,read_groups",
        world.register().await.query(CALLBACK)
    );
    let mut browser = Browser::default();
    browser.sign_in(&world, &query).await;
    let page = browser.open(&world, &query).await.ok();
    let text = page.text();
    assert!(
        text.contains(r#"name="allow_read_posts" value="yes" checked>"#),
        "{text}"
    );
    assert!(
        text.contains(r#"name="allow_read_groups" value="yes">"#),
        "{text}"
    );
    assert_eq!(
        text.matches("It did not say so when it registered.")
            .count(),
        1
    );
}

#[tokio::test]
async fn each_approval_makes_an_authorization_of_its_own() {
    let world = World::new().await;
    let app = world.register().await;
    let query = format!("{}&scope=read_posts", app.query(CALLBACK));
    let mut browser = Browser::default();
    browser.sign_in(&world, &query).await;
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let code = browser.approve(&world, &query).await;
        tokens.push(credentials(
            &world.exchange(&app, &code).await.ok().json(),
            "access_token",
        ));
    }
    assert_ne!(tokens[0], tokens[1]);
    for token in &tokens {
        world.call(Some(token), "GET", "/posts", None).await.ok();
    }
}
