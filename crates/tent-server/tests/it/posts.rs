use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::world::{ENTITY, START, STATUS, TENT, World, encoded};

const ESSAY: &str = "https://tent.io/types/post/essay/v0.1.0";

fn status(text: &str) -> Value {
    json!({"type": STATUS, "content": {"text": text}, "permissions": {"public": true}})
}

#[tokio::test]
async fn a_post_comes_back_as_it_is_stored() {
    let world = World::new().await;
    let user = world
        .log_in("read_posts,write_posts,read_permissions", STATUS)
        .await;
    let content = json!({"text": "^bob High tide at nine. ☂ \"quoted\"", "n": 1.50});
    let body = json!({
        "type": STATUS, "content": content, "licenses": ["http://creativecommons.org/licenses/by/3.0/"],
        "published_at": 1_356_990_000, "id": "mine", "entity": ENTITY, "received_at": 1, "updated_at": 1, "version": 7,
        "app": {"name": "Other"}, "colour": "blue",
        "mentions": [{"entity": "https://bob.example", "post": "Zz81kQ"}, {"post": "x"},
                     {"entity": "https://bob.example", "post": "Zz81kQ"}, {"entity": "https://carol.example"}],
        "permissions": {"public": false, "entities": {"https://bob.example": true, "https://dave.example": false}},
    });
    let post = world
        .call(Some(&user), "POST", "/posts", Some(body))
        .await
        .ok()
        .json();
    let id = post["id"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 22);
    assert_eq!(
        post,
        json!({
            "id": id, "entity": ENTITY, "type": STATUS, "content": content, "published_at": 1_356_990_000,
            "received_at": START, "updated_at": START, "version": 1, "attachments": [],
            "licenses": ["http://creativecommons.org/licenses/by/3.0/"],
            "app": {"name": "Harbour", "url": "https://app.example"},
            "mentions": [{"entity": "https://bob.example", "post": "Zz81kQ"}, {"entity": "https://carol.example"}],
            "permissions": {"public": false, "groups": [], "entities": {"https://bob.example": true}},
        })
    );
    for path in [
        format!("/posts/{id}"),
        format!("/posts/{id}?version=1"),
        format!("/posts/{id}?view=full"),
        format!("/posts/{}/{id}", encoded(ENTITY)),
    ] {
        assert_eq!(
            world
                .call(Some(&user), "GET", &path, None)
                .await
                .ok()
                .json(),
            post,
            "{path}"
        );
    }
    assert_eq!(
        world
            .call(Some(&user), "GET", "/posts", None)
            .await
            .ok()
            .json(),
        json!([post])
    );
    for path in [
        format!("/posts/{id}?version=2"),
        "/posts/unknown".into(),
        format!("/posts/{}/{id}", encoded("https://bob.example")),
        format!("/posts/bob/{id}"),
    ] {
        assert_eq!(
            world.call(Some(&user), "GET", &path, None).await.error(),
            (404, "Not Found".into()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn members_are_seen_by_whom_they_concern() {
    let world = World::new().await;
    let user = world.log_in("write_posts", STATUS).await;
    let id = world.publish(&user, "hi", true).await;
    let seen = world.get(&format!("/posts/{id}")).await.ok().json();
    for name in ["received_at", "updated_at"] {
        assert_eq!(seen.get(name), None, "{name}");
    }
    assert_eq!(seen["permissions"], json!({"public": true}));
    let seen = world
        .call(Some(&user), "GET", &format!("/posts/{id}"), None)
        .await
        .ok()
        .json();
    assert_eq!(seen["received_at"], START);
    assert_eq!(
        seen["permissions"],
        json!({"public": true}),
        "the rest needs read_permissions"
    );
}

#[tokio::test]
async fn posts_are_private_unless_they_say_otherwise() {
    let world = World::new().await;
    let user = world.log_in("read_posts,write_posts", STATUS).await;
    let body = json!({"type": STATUS, "content": {"text": "for me"}});
    let post = world
        .call(Some(&user), "POST", "/posts", Some(body))
        .await
        .ok()
        .json();
    assert_eq!(post["permissions"], json!({"public": false}));
    assert_eq!(post["published_at"], START);
    let path = format!("/posts/{}", post["id"].as_str().unwrap());
    assert_eq!(world.get(&path).await.error().0, 404);
    assert_eq!(world.get("/posts").await.ok().json(), json!([]));
    let essays = world.log_in("read_posts,write_posts", ESSAY).await;
    assert_eq!(
        world
            .call(Some(&essays), "GET", &path, None)
            .await
            .error()
            .0,
        404
    );
    assert_eq!(
        world
            .call(Some(&essays), "GET", "/posts", None)
            .await
            .ok()
            .json(),
        json!([])
    );
    let writer = world.log_in("write_posts", "all").await;
    assert_eq!(
        world
            .call(Some(&writer), "GET", &path, None)
            .await
            .error()
            .0,
        404,
        "read_posts is needed"
    );
    let all = world.log_in("read_posts", "all").await;
    world.call(Some(&all), "GET", &path, None).await.ok();
    let other_version = world
        .log_in("read_posts", "https://tent.io/types/post/status/v9.0.0")
        .await;
    world
        .call(Some(&other_version), "GET", &path, None)
        .await
        .ok();
}

#[tokio::test]
async fn public_posts_of_other_types_are_seen_by_apps_too() {
    let world = World::new().await;
    let user = world.log_in("write_posts", STATUS).await;
    let id = world.publish(&user, "hi", true).await;
    let essays = world.log_in("read_posts", ESSAY).await;
    world
        .call(Some(&essays), "GET", &format!("/posts/{id}"), None)
        .await
        .ok();
    let list = world
        .call(Some(&essays), "GET", "/posts", None)
        .await
        .ok()
        .json();
    assert_eq!(list[0]["id"], id);
}

#[tokio::test]
async fn what_may_not_or_cannot_be_posted_is_refused() {
    let world = World::new().await;
    let user = world.log_in("write_posts", STATUS).await;
    let reader = world.log_in("read_posts", STATUS).await;
    let unauthorized = (403, "Unauthorized".to_owned());
    let post = async |caller, body: Value| {
        world
            .call(caller, "POST", "/posts", Some(body))
            .await
            .error()
    };
    assert_eq!(post(None, status("x")).await, unauthorized);
    assert_eq!(post(Some(&reader), status("x")).await, unauthorized);
    assert_eq!(
        post(
            Some(&user),
            json!({"type": ESSAY, "content": {"body": "x"}})
        )
        .await,
        unauthorized
    );
    assert_eq!(
        post(
            None,
            json!({"entity": "https://bob.example", "type": STATUS, "content": {}})
        )
        .await,
        unauthorized
    );

    for body in [
        json!({"content": {}}),
        json!({"type": "https://tent.io/types/post/status", "content": {}}),
        json!({"type": "https://tent.io/types/post/status/v0.1.x", "content": {}}),
        json!({"type": format!("{STATUS}#meta"), "content": {}}),
        json!({"type": "all", "content": {}}),
        json!({"type": STATUS}),
        json!({"type": STATUS, "content": "text"}),
        json!({"type": STATUS, "content": [1]}),
        json!({"type": STATUS, "content": null}),
        json!({"type": STATUS, "content": {}, "published_at": "2013-01-01T00:00:00Z"}),
        json!({"type": STATUS, "content": {}, "views": "full"}),
        json!([status("x")]),
    ] {
        assert_eq!(post(Some(&user), body.clone()).await.0, 422, "{body}");
    }
    let grouped = json!({"type": STATUS, "content": {}, "permissions": {"groups": [{"id": "g"}]}});
    assert_eq!(
        post(Some(&user), grouped).await,
        (422, "there is no group g".into())
    );

    for (content_type, body, status) in [
        (TENT, "{\"type\":", 400),
        (TENT, "", 400),
        ("multipart/form-data", "x", 400),
    ] {
        let header = world.sign(&user, "POST", "/posts");
        let request = world
            .request("POST", "/tent/posts")
            .header(AUTHORIZATION, header);
        let answer = world
            .send(
                request
                    .header(CONTENT_TYPE, content_type)
                    .body(Body::from(body))
                    .unwrap(),
            )
            .await;
        assert_eq!(answer.error().0, status, "{body}");
    }
    assert_eq!(world.get("/posts/count").await.ok().text(), "0");
}

#[tokio::test]
async fn times_in_milliseconds_are_mended() {
    let world = World::new().await;
    let user = world.log_in("write_posts", STATUS).await;
    for (sent, stored) in [
        (START * 1000, START),
        (START + 1_000_000_000, START + 1_000_000_000),
        (-5, -5),
    ] {
        let mut body = status("x");
        body["published_at"] = sent.into();
        let post = world
            .call(Some(&user), "POST", "/posts", Some(body))
            .await
            .ok()
            .json();
        assert_eq!(post["published_at"], stored);
    }
}

#[tokio::test]
async fn imports_choose_their_id_and_time_and_come_but_once() {
    let world = World::new().await;
    let user = world.log_in("write_posts,import_posts", STATUS).await;
    let mut body = status("old");
    body["id"] = "old1".into();
    body["received_at"] = 1_000_000_000.into();
    let first = world
        .call(Some(&user), "POST", "/posts", Some(body.clone()))
        .await
        .ok()
        .json();
    assert_eq!(
        (&first["id"], &first["received_at"]),
        (&json!("old1"), &json!(1_000_000_000))
    );
    body["content"]["text"] = "changed".into();
    let second = world
        .call(Some(&user), "POST", "/posts", Some(body.clone()))
        .await
        .ok()
        .json();
    assert_eq!(second, first);
    body["id"] = "".into();
    let unnamed = world
        .call(Some(&user), "POST", "/posts", Some(body.clone()))
        .await
        .ok()
        .json();
    assert_eq!(unnamed["id"].as_str().unwrap().len(), 22);
}

#[tokio::test]
async fn posts_of_other_entities_are_brought_in_with_their_ids() {
    let world = World::new().await;
    let user = world.log_in("write_posts,import_posts", STATUS).await;
    let mut body = status("of Bob");
    body["entity"] = "https://bob.example".into();
    body["app"] = json!({"name": "Quay", "url": "https://quay.example"});
    let create = async |body: &Value| {
        let call = world.call(Some(&user), "POST", "/posts", Some(body.clone()));
        call.await
    };
    assert_eq!(create(&body).await.error().0, 422);
    body["id"] = "b1".into();
    body["published_at"] = 9.into();
    body["received_at"] = 1_000_000_000.into();
    let brought = create(&body).await.ok().json();
    for name in ["id", "entity", "app", "published_at", "received_at"] {
        assert_eq!(brought[name], body[name], "{name}");
    }
    // They are not the entity's own, so strangers do not see them.
    let path = "/posts/https%3A%2F%2Fbob.example/b1";
    assert_eq!(world.get(path).await.error().0, 404);
    let reader = world.log_in("read_posts", STATUS).await;
    let seen = world.call(Some(&reader), "GET", path, None).await;
    assert_eq!(seen.ok().json()["entity"], "https://bob.example");
    assert_eq!(world.get("/posts/b1").await.error().0, 404);

    // Whoever may not bring in posts publishes for the entity alone.
    let user = world.log_in("write_posts", STATUS).await;
    let own = world
        .call(Some(&user), "POST", "/posts", Some(body))
        .await
        .ok()
        .json();
    assert_eq!(own["entity"], ENTITY);
    assert_ne!(own["id"], "b1");
    assert_eq!(own["app"]["name"], "Harbour");
}

#[tokio::test]
async fn content_is_kept_to_the_letter() {
    let world = World::new().await;
    let user = world.log_in("write_posts", STATUS).await;
    let body = r#"{"type":"https://tent.io/types/post/status/v0.1.0","permissions":{"public":true},"content":{"b":1.0,"a":12345678901234567890123,"t":"\u00e9</script>'; DROP TABLE posts; --"}}"#;
    let header = world.sign(&user, "POST", "/posts");
    let request = world
        .request("POST", "/tent/posts")
        .header(AUTHORIZATION, header)
        .header(CONTENT_TYPE, TENT);
    let answer = world
        .send(request.body(Body::from(body)).unwrap())
        .await
        .ok();
    let content = r#""content":{"b":1.0,"a":12345678901234567890123,"t":"\u00e9</script>'; DROP TABLE posts; --"}"#;
    assert!(answer.text().contains(content), "{}", answer.text());
    assert!(world.get("/posts").await.ok().text().contains(content));
}
