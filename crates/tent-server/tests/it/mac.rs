use axum::body::Body;
use http::header::{AUTHORIZATION, HOST, WWW_AUTHENTICATE};
use http::{Method, Request};
use tent_proto::call::ListPosts;
use tent_proto::mac::{Algorithm, Credentials, Stamp};
use tent_proto::{Session, TypeUri};
use url::Url;

use crate::neighbour::{Neighbour, status};
use crate::world::{Answer, ROOT, START, World};

/// Calls with this `Authorization` header.
async fn call(world: &World, method: &str, path: &str, header: &str) -> Answer {
    let request = world
        .request(method, &format!("/tent{path}"))
        .header(AUTHORIZATION, header);
    world.send(request.body(Body::empty()).unwrap()).await
}

fn sign(credentials: &Credentials, path: &str, timestamp: i64, nonce: &str) -> String {
    let url = Url::parse(&format!("{ROOT}{path}")).unwrap();
    let stamp = Stamp {
        timestamp: timestamp.unsigned_abs(),
        nonce,
    };
    credentials.sign(&Method::GET, &url, stamp)
}

#[tokio::test]
async fn both_spellings_of_the_header_and_any_order_are_read() {
    let world = World::new().await;
    let user = world.log_in("read_groups", "").await;
    let header = sign(&user, "/groups?limit=2", START, "a");
    call(&world, "GET", "/groups?limit=2", &header).await.ok();
    let spaces = sign(&user, "/groups", START, "b").replace(',', "");
    call(&world, "GET", "/groups", &spaces).await.ok();
    let header = sign(&user, "/groups", START, "c");
    let mut attributes: Vec<_> = header.strip_prefix("MAC ").unwrap().split(", ").collect();
    attributes.reverse();
    call(
        &world,
        "GET",
        "/groups",
        &format!("mac {}", attributes.join(",")),
    )
    .await
    .ok();
    let odd = "/posts?post_types=a%2fb&x=%27~&&y";
    call(&world, "GET", odd, &sign(&user, odd, START, "d"))
        .await
        .ok();
}

#[tokio::test]
async fn other_schemes_are_anonymous_and_broken_headers_are_not() {
    let world = World::new().await;
    for header in ["Bearer x", "Basic YTpi", "MACx id=\"a\"", ""] {
        call(&world, "GET", "/profile", header).await.ok();
    }
    for (header, text) in [
        ("MAC", "the Authorization header has no id"),
        (
            "MAC id=\"u:1\", ts=\"1\", nonce=\"n\"",
            "the Authorization header has no mac",
        ),
        (
            "MAC id=\"u:1\", ts=\"now\", nonce=\"n\", mac=\"m\"",
            "at byte 18 of the Authorization header, the ts is not valid",
        ),
        (
            "MAC id=u:1",
            "at byte 4 of the Authorization header there is no name=\"value\"",
        ),
    ] {
        let answer = call(&world, "GET", "/profile", header).await;
        assert_eq!(answer.error(), (401, text.into()), "{header}");
        assert_eq!(answer.header(WWW_AUTHENTICATE), "MAC");
    }
}

#[tokio::test]
async fn a_request_has_one_authorization() {
    let world = World::new().await;
    let user = world.log_in("read_groups", "").await;
    let header = sign(&user, "/groups", START, "a");
    let request = world
        .request("GET", "/tent/groups")
        .header(AUTHORIZATION, header)
        .header(AUTHORIZATION, "Bearer x");
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    let text = "the request has several Authorization headers";
    assert_eq!(answer.error(), (400, text.into()));
}

#[tokio::test]
async fn each_refusal_says_why() {
    let world = World::new().await;
    let user = world.log_in("read_groups", "").await;
    let key = user.key().clone();

    let unknown = Credentials::new("u:unknown", key.clone(), Algorithm::HmacSha256).unwrap();
    let answer = call(
        &world,
        "GET",
        "/profile",
        &sign(&unknown, "/profile", START, "a"),
    )
    .await;
    assert_eq!(answer.error(), (401, "Invalid MAC Key ID".into()));
    assert_eq!(answer.header(WWW_AUTHENTICATE), "MAC");
    assert_eq!(answer.header("date"), "Tue, 01 Jan 2013 00:00:00 GMT");

    let forged = Credentials::new(user.id(), "other", Algorithm::HmacSha256).unwrap();
    let answer = call(
        &world,
        "GET",
        "/profile",
        &sign(&forged, "/profile", START, "a"),
    )
    .await;
    assert_eq!(answer.error(), (403, "Invalid MAC Signature".into()));
    let other_path = call(
        &world,
        "GET",
        "/posts",
        &sign(&user, "/profile", START, "a"),
    )
    .await;
    assert_eq!(other_path.error().1, "Invalid MAC Signature");
    let other_method = call(
        &world,
        "HEAD",
        "/profile",
        &sign(&user, "/profile", START, "a"),
    )
    .await;
    assert_eq!(other_method.status, 403);
    let other_algorithm = Credentials::new(user.id(), key, Algorithm::HmacSha1).unwrap();
    let answer = call(
        &world,
        "GET",
        "/profile",
        &sign(&other_algorithm, "/profile", START, "a"),
    )
    .await;
    assert_eq!(answer.error().1, "Invalid MAC Signature");

    call(
        &world,
        "GET",
        "/profile",
        &sign(&user, "/profile", START, "a"),
    )
    .await
    .ok();
    let answer = call(&world, "GET", "/posts", &sign(&user, "/posts", START, "a")).await;
    assert_eq!(
        answer.error(),
        (401, "Replayed MAC Nonce".into()),
        "refused requests had not used it up"
    );

    let scopeless = world.log_in("read_posts", "").await;
    let answer = call(
        &world,
        "GET",
        "/groups",
        &sign(&scopeless, "/groups", START, "a"),
    )
    .await;
    assert_eq!(answer.error(), (403, "Unauthorized".into()));
    assert_eq!(
        world.get("/groups").await.error(),
        (403, "Unauthorized".into())
    );
}

#[tokio::test]
async fn timestamps_lie_within_ten_minutes() {
    let world = World::new().await;
    let user = world.log_in("", "").await;
    for (number, (offset, status)) in [(-600, 200), (600, 200), (-601, 401), (601, 401)]
        .into_iter()
        .enumerate()
    {
        let header = sign(&user, "/profile", START + offset, &number.to_string());
        let answer = call(&world, "GET", "/profile", &header).await;
        assert_eq!(answer.status, status, "{offset}");
        if status == 401 {
            assert_eq!(answer.error().1, "Stale MAC Timestamp");
            let challenge = "MAC error=\"Stale MAC Timestamp\"";
            assert_eq!(answer.header(WWW_AUTHENTICATE), challenge);
        }
    }
    let far = sign(&user, "/profile", i64::MAX, "x");
    assert_eq!(
        call(&world, "GET", "/profile", &far).await.error().1,
        "Stale MAC Timestamp"
    );
    let forged = Credentials::new(user.id(), "other", Algorithm::HmacSha256).unwrap();
    let stale = sign(&forged, "/profile", 5, "x");
    assert_eq!(
        call(&world, "GET", "/profile", &stale).await.error().1,
        "Invalid MAC Signature"
    );
}

#[tokio::test]
async fn the_host_header_gives_the_port_that_was_signed() {
    let clock = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(START));
    let server = crate::world::builder(&clock)
        .root("http://localhost:8080".parse().unwrap())
        .build()
        .await
        .unwrap();
    let router = server.router();
    let app = {
        let body = r#"{"name":"A","url":"https://a.example"}"#;
        let request = Request::post("/apps")
            .header(HOST, "localhost:8080")
            .header("content-type", "application/json");
        let answer =
            tower::ServiceExt::oneshot(router.clone(), request.body(Body::from(body)).unwrap())
                .await
                .unwrap();
        let body = axum::body::to_bytes(answer.into_body(), 10_000)
            .await
            .unwrap();
        serde_json::from_slice::<serde_json::Value>(&body).unwrap()
    };
    let own = crate::world::credentials(&app, "mac_key_id");
    let ask = async |signed: &str, host: &str, nonce: &str| {
        let url = Url::parse(&format!("{signed}/apps/{}", app["id"].as_str().unwrap())).unwrap();
        let stamp = Stamp {
            timestamp: START.unsigned_abs(),
            nonce,
        };
        let header = own.sign(&Method::GET, &url, stamp);
        let request = Request::get(url.path())
            .header(HOST, host)
            .header(AUTHORIZATION, header);
        let answer =
            tower::ServiceExt::oneshot(router.clone(), request.body(Body::empty()).unwrap());
        answer.await.unwrap().status().as_u16()
    };
    assert_eq!(
        ask("http://localhost:8080", "localhost:8080", "a").await,
        200
    );
    assert_eq!(
        ask("http://localhost:8080", "LOCALHOST:8080", "b").await,
        200
    );
    assert_eq!(ask("http://localhost", "localhost:8080", "c").await, 403);
    assert_eq!(
        ask("http://localhost:8080", "alice.example:443", "d").await,
        403
    );
}

#[tokio::test]
async fn a_client_with_another_clock_counts_too() {
    let alice = Neighbour::new().await;
    alice.post(status("one")).await;
    let client = tent_async::Client::new().unwrap();
    let session = Session::new(
        alice.entity.parse().unwrap(),
        vec![format!("{}/tent", alice.entity).parse().unwrap()],
        alice.app.clone(),
        client.seed(),
    );
    // Its server lives in 2013, and an answer to `HEAD` has no body that could tell.
    let count = ListPosts::new().post_type(&TypeUri::status());
    let count = client.run(session.total(count)).await;
    assert_eq!(count.unwrap(), 1);
}
