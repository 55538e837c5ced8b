use http::StatusCode;
use http::header::{CONTENT_TYPE, ETAG, HOST, IF_NONE_MATCH, LINK, ORIGIN};

use crate::world::World;
use axum::body::Body;

#[tokio::test]
async fn the_entitys_page_links_to_the_profile() {
    let world = World::new().await;
    for method in ["GET", "HEAD"] {
        for path in ["/", "/tent", "/tent/"] {
            let request = world.request(method, path).body(Body::empty()).unwrap();
            let answer = world.send(request).await.ok();
            assert_eq!(
                answer.header(LINK),
                r#"</tent/profile>; rel="https://tent.io/rels/profile""#,
                "{method} {path}"
            );
            assert_eq!(answer.body.is_empty(), method == "HEAD");
        }
    }
    let page = world
        .send(world.request("GET", "/").body(Body::empty()).unwrap())
        .await;
    assert!(page.header(CONTENT_TYPE).starts_with("text/html"));
    let (head, _) = page.text().split_once("</head>").unwrap();
    assert!(
        head.contains(r#"<link rel="https://tent.io/rels/profile" href="/tent/profile">"#),
        "{head}"
    );
}

#[tokio::test]
async fn other_hosts_are_refused() {
    let world = World::new().await;
    let ask = async |host: &str| {
        let request = http::Request::builder()
            .uri("/tent/profile")
            .header(HOST, host);
        world.send(request.body(Body::empty()).unwrap()).await
    };
    for host in ["alice.example", "ALICE.example", "alice.example:443"] {
        ask(host).await.ok();
    }
    for host in [
        "evil.example",
        "alice.example:80",
        "alice.example.evil.example",
        "localhost",
    ] {
        assert_eq!(ask(host).await.error().0, 421, "{host}");
    }
    assert_eq!(ask("me@alice.example").await.error().0, 400);
    let bare = http::Request::builder()
        .uri("/tent/profile")
        .body(Body::empty())
        .unwrap();
    assert_eq!(
        world.send(bare).await.error(),
        (400, "the request has no Host header".into())
    );
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let world = World::new().await;
    assert_eq!(
        world.get("/posts/%FF").await.error(),
        (404, "Not Found".into())
    );
    let patched = world.call(None, "PATCH", "/posts", None).await;
    assert_eq!(patched.error(), (405, "Method Not Allowed".into()));
    assert_eq!(patched.header("allow"), "GET,HEAD,POST");
}

#[tokio::test]
async fn pages_of_other_origins_may_read_and_be_told_what_they_may() {
    let world = World::new().await;
    for path in ["/tent/profile", "/tent/posts/nothing"] {
        let request = world
            .request("GET", path)
            .header(ORIGIN, "https://app.example");
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(
            answer.header("access-control-allow-headers"),
            "Content-Type, Authorization"
        );
        assert_eq!(
            answer.header("access-control-expose-headers"),
            "Count, Link, Location, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"
        );
    }
    assert_eq!(
        world
            .get("/profile")
            .await
            .header("access-control-allow-origin"),
        ""
    );

    let request = world
        .request("OPTIONS", "/tent/posts/any")
        .header(ORIGIN, "https://app.example");
    let answer = world.send(request.body(Body::empty()).unwrap()).await.ok();
    assert!(answer.body.is_empty());
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(
        answer.header("access-control-allow-methods"),
        "GET, POST, HEAD, PUT, DELETE, PATCH, OPTIONS"
    );
    assert_eq!(answer.header("access-control-max-age"), "2592000");
}

#[tokio::test]
async fn a_client_that_has_the_answer_gets_304() {
    let world = World::new().await;
    let first = world.get("/profile").await.ok();
    let etag = first.header(ETAG);
    assert!(
        etag.len() == 34 && etag.starts_with('"') && etag.ends_with('"'),
        "{etag}"
    );
    assert_eq!(
        first.header("cache-control"),
        "max-age=0, private, must-revalidate"
    );
    assert_eq!(first.header("date"), "Tue, 01 Jan 2013 00:00:00 GMT");

    let ask = async |method: &str, wanted: &str| {
        let request = world
            .request(method, "/tent/profile")
            .header(IF_NONE_MATCH, wanted);
        world.send(request.body(Body::empty()).unwrap()).await
    };
    for method in ["GET", "HEAD"] {
        for wanted in [etag, &format!("\"x\", {etag}"), &format!("W/{etag}"), "*"] {
            let answer = ask(method, wanted).await;
            assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{method} {wanted}");
            assert!(answer.body.is_empty());
            assert_eq!(answer.header(ETAG), etag);
            assert_eq!(answer.header(CONTENT_TYPE), "");
        }
        assert_eq!(ask(method, "\"x\"").await.status, StatusCode::OK);
    }
    let head = world.call(None, "HEAD", "/profile", None).await.ok();
    assert!(head.body.is_empty());
    assert_eq!(head.header(ETAG), etag);
    assert_eq!(head.header("content-length"), first.body.len().to_string());
}

#[tokio::test]
async fn an_entity_and_a_root_elsewhere_are_both_answered_for() {
    let world = World::at("http://tent.alice.example/t").await;
    for (host, status) in [
        ("alice.example", 200), // by https, and the root by http: neither port is named
        ("alice.example:443", 200),
        ("tent.alice.example", 200),
        ("tent.alice.example:80", 200),
        ("alice.example:80", 421),
        ("tent.alice.example:443", 421),
    ] {
        let request = http::Request::get("/").header(HOST, host);
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status.as_u16(), status, "{host}");
        if status == 200 {
            let target = "http://tent.alice.example/t/profile";
            let link = format!("<{target}>; rel=\"https://tent.io/rels/profile\"");
            assert_eq!(answer.header(LINK), link);
            assert!(answer.text().contains(&format!("href=\"{target}\"")));
        }
    }
}

#[tokio::test]
async fn a_request_has_one_host() {
    let world = World::new().await;
    let request = world.request("GET", "/").header(HOST, "other.example");
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(
        answer.error(),
        (400, "the request has several Host headers".into())
    );
}

#[tokio::test]
async fn a_target_that_names_a_host_counts_before_the_header() {
    let world = World::new().await;
    for (target, status) in [
        ("https://alice.example/tent/profile", 200),
        ("https://other.example/tent/profile", 421),
    ] {
        let request = world.request("GET", target).body(Body::empty());
        let answer = world.send(request.unwrap()).await;
        assert_eq!(answer.status.as_u16(), status, "{target}");
    }
}

#[tokio::test]
async fn a_root_may_have_any_path() {
    for path in ["", "/", "/a/b/", "/:a/*b", "/{a}/{*b}"] {
        let world = World::at(&format!("https://alice.example{path}")).await;
        let path = url::Url::parse(&format!("https://alice.example{path}")).unwrap();
        let profile = format!("{}/profile", path.path().trim_end_matches('/'));
        let request = world.request("GET", &profile).body(Body::empty());
        world.send(request.unwrap()).await.ok();
    }
}
