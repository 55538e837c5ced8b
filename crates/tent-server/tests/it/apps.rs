use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::world::{START, STATUS, World, credentials};

#[tokio::test]
async fn an_app_registers_and_sees_its_key_once() {
    let world = World::new().await;
    let body = json!({
        "name": "Harbour", "description": "Posts tide notes", "url": "https://app.example",
        "icon": "https://app.example/icon.png", "redirect_uris": ["https://app.example/tent/callback"],
        "scopes": {"read_posts": "Shows your notes"}, "id": "mine", "mac_key": "mine", "created_at": 1, "colour": "blue",
    });
    let app = world
        .call(None, "POST", "/apps", Some(body.clone()))
        .await
        .ok()
        .json();
    for name in [
        "name",
        "description",
        "url",
        "icon",
        "redirect_uris",
        "scopes",
    ] {
        assert_eq!(app[name], body[name], "{name}");
    }
    assert_eq!(app["created_at"], START);
    assert_eq!(app["authorizations"], json!([]));
    assert_eq!(app["id"].as_str().unwrap().len(), 22);
    assert!(app["mac_key_id"].as_str().unwrap().starts_with("a:"));
    let key = app["mac_key"].as_str().unwrap();
    assert!(
        key.len() == 32
            && key
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
        "{key}"
    );
    assert_eq!(app.get("colour"), None);

    let own = credentials(&app, "mac_key_id");
    let path = format!("/apps/{}", app["id"].as_str().unwrap());
    let read = world.call(Some(&own), "GET", &path, None).await.ok().json();
    let mut expected = app;
    for name in ["mac_key_id", "mac_key", "mac_algorithm"] {
        expected.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(read, expected);
    let read = world
        .call(Some(&own), "GET", &format!("{path}?secrets=true"), None)
        .await
        .ok()
        .json();
    assert_eq!(read, expected, "keys need the scope too");
}

#[tokio::test]
async fn what_is_no_app_is_refused() {
    let world = World::new().await;
    let register = async |body: Value| world.call(None, "POST", "/apps", Some(body)).await.error();
    assert_eq!(
        register(json!({"url": "https://a.example"})).await,
        (422, "an app needs a name".into())
    );
    assert_eq!(
        register(json!({"name": "A"})).await,
        (422, "an app needs a url".into())
    );
    assert_eq!(
        register(json!({"name": " ", "url": "https://a.example"}))
            .await
            .0,
        422
    );
    assert_eq!(
        register(json!({"name": "A", "url": "nowhere"})).await.0,
        422
    );
    assert_eq!(
        register(json!({"name": [3], "url": "https://a.example"}))
            .await
            .0,
        422
    );
    let unsafe_uri =
        json!({"name": "A", "url": "https://a.example", "redirect_uris": ["javascript:alert(1)"]});
    assert_eq!(register(unsafe_uri).await.0, 422);
    let in_order = json!(["A", null, "https://a.example", null, [], {}]);
    assert_eq!(
        register(in_order).await,
        (422, "the body must be an object".into())
    );
    // What a key might stand in is not told.
    let (status, text) = register(json!("5ecret")).await;
    assert!(status == 422 && !text.contains("5ecret"), "{text}");
}

#[tokio::test]
async fn an_app_changes_what_it_names_and_goes_away() {
    let world = World::new().await;
    let app = world.register().await;
    let path = format!("/apps/{}", app.id);
    let own = Some(&app.credentials);
    let body = json!({"name": "Port", "redirect_uris": ["https://app.example/new"]});
    let changed = world.call(own, "PUT", &path, Some(body)).await.ok().json();
    assert_eq!(changed["name"], "Port");
    assert_eq!(changed["redirect_uris"], json!(["https://app.example/new"]));
    assert_eq!(changed["url"], "https://app.example");
    assert_eq!(changed["scopes"]["read_posts"], "Shows your notes");
    assert_eq!(changed.get("mac_key"), None);
    assert_eq!(
        world.call(own, "GET", &path, None).await.ok().json(),
        changed
    );
    let body = json!({"name": null, "redirect_uris": [], "scopes": null});
    let emptied = world.call(own, "PUT", &path, Some(body)).await.ok().json();
    assert_eq!(
        (&emptied["name"], &emptied["redirect_uris"]),
        (&json!("Port"), &json!([]))
    );
    assert_eq!(emptied["scopes"], changed["scopes"]);

    let deleted = world.call(own, "DELETE", &path, None).await.ok();
    assert!(deleted.body.is_empty());
    assert_eq!(deleted.header(CONTENT_TYPE), "");
    let gone = world.call(own, "GET", &path, None).await;
    assert_eq!(gone.error(), (401, "Invalid MAC Key ID".into()));
}

#[tokio::test]
async fn apps_are_their_own_affair_or_that_of_whoever_has_the_scope() {
    let world = World::new().await;
    let (one, other) = (world.register().await, world.register().await);
    let path = format!("/apps/{}", other.id);
    for method in ["GET", "PUT", "DELETE"] {
        let body = (method == "PUT").then(|| json!({"name": "Mine"}));
        for caller in [None, Some(&one.credentials)] {
            let answer = world.call(caller, method, &path, body.clone()).await;
            assert_eq!(answer.error(), (403, "Unauthorized".into()), "{method}");
        }
        let answer = world
            .call(Some(&one.credentials), method, "/apps/unknown", body)
            .await;
        assert_eq!(answer.error().0, 403);
    }
    assert_eq!(
        world
            .call(Some(&one.credentials), "GET", "/apps", None)
            .await
            .error()
            .0,
        403
    );

    let admin = world.log_in("read_apps,write_apps,read_secrets", "").await;
    let admin = Some(&admin);
    let apps = world.call(admin, "GET", "/apps", None).await.ok().json();
    assert_eq!(apps.as_array().unwrap().len(), 3);
    let secret = world
        .call(admin, "GET", &format!("{path}?secrets=true"), None)
        .await
        .ok();
    assert_eq!(secret.header("cache-control"), "no-store");
    let secret = secret.json();
    assert_eq!(secret["mac_key"], other.credentials.key().expose());
    assert_eq!(
        world
            .call(admin, "GET", &path, None)
            .await
            .ok()
            .json()
            .get("mac_key"),
        None
    );
    assert_eq!(
        world
            .call(admin, "GET", "/apps/unknown", None)
            .await
            .error()
            .0,
        404
    );
    world.call(admin, "DELETE", &path, None).await.ok();
    assert_eq!(
        world.call(admin, "DELETE", &path, None).await.error().0,
        404
    );
}

#[tokio::test]
async fn strangers_cannot_fill_the_disk_with_apps() {
    let world = World::new().await;
    let body = json!({"name": "a".repeat(64 * 1024), "url": "https://a.example"});
    let long = world.call(None, "POST", "/apps", Some(body)).await;
    assert_eq!(long.error(), (413, "the body is longer than 64 KiB".into()));

    let approved = world.log_in("read_apps", "").await;
    let pending = world.register().await;
    let mut last = None;
    for _ in 0..1000 {
        last = Some(world.register().await);
    }
    let apps = world.call(Some(&approved), "GET", "/apps", None).await.ok();
    assert_eq!(apps.json().as_array().unwrap().len(), 1001);
    let read = async |app: &crate::world::TestApp| {
        let path = format!("/apps/{}", app.id);
        world.call(Some(&app.credentials), "GET", &path, None).await
    };
    assert_eq!(
        read(&pending).await.error(),
        (401, "Invalid MAC Key ID".into()),
        "the oldest that nobody approved went"
    );
    read(&last.unwrap()).await.ok();
}

#[tokio::test]
async fn what_nobody_approves_is_not_kept_for_long() {
    const WEEK: i64 = 7 * 24 * 60 * 60;
    let world = World::new().await;
    let user = world.log_in("read_posts", STATUS).await;
    let pending = world.register().await;
    let read = async || {
        let path = format!("/apps/{}", pending.id);
        world
            .call(Some(&pending.credentials), "GET", &path, None)
            .await
    };
    world.wait(WEEK);
    world.register().await;
    read().await.ok();
    world.wait(1);
    world.register().await;
    assert_eq!(read().await.error(), (401, "Invalid MAC Key ID".into()));
    world.call(Some(&user), "GET", "/posts", None).await.ok();
}

#[tokio::test]
async fn an_app_comes_from_another_server_with_its_credential() {
    let world = World::new().await;
    let manager = world
        .log_in("read_apps,write_apps,read_secrets,write_secrets", "all")
        .await;
    let moved = json!({"name": "Harbour", "url": "https://app.example", "id": "moved1",
        "mac_key_id": "a:moved", "mac_key": "0123456789abcdef", "mac_algorithm": "hmac-sha-1"});
    let register = async |caller, body| world.call(caller, "POST", "/apps", Some(body)).await;
    let own = register(None, moved.clone()).await.ok().json();
    assert_ne!(own["id"], moved["id"], "strangers bring none");
    assert_eq!(own["mac_algorithm"], "hmac-sha-256");

    let made = register(Some(&manager), moved.clone()).await.ok().json();
    for (name, value) in moved.as_object().unwrap() {
        assert_eq!(made[name], *value, "{name}");
    }
    let path = "/apps/moved1";
    let signed = credentials(&made, "mac_key_id");
    world.call(Some(&signed), "GET", path, None).await.ok();
    let again = register(Some(&manager), moved.clone()).await;
    assert_eq!(again.error().0, 409);
    let mut wrong = moved;
    wrong["mac_key_id"] = "u:moved".into();
    assert_eq!(register(Some(&manager), wrong).await.error().0, 422);

    // The credential can be changed, but not to that of another.
    let change = |id: &Value| json!({"mac_key_id": id, "mac_key": "fedcba9876543210", "mac_algorithm": "hmac-sha-256"});
    let put = async |caller, id: &Value| world.call(caller, "PUT", path, Some(change(id))).await;
    put(Some(&signed), &"a:ignored".into()).await.ok();
    assert_eq!(put(Some(&manager), &own["mac_key_id"]).await.error().0, 409);
    put(Some(&manager), &"a:moved2".into()).await.ok();
    let shown = "/apps/moved1?secrets=true";
    let shown = world.call(Some(&manager), "GET", shown, None).await;
    assert_eq!(shown.ok().json()["mac_key_id"], "a:moved2");
    let old = world.call(Some(&signed), "GET", path, None).await;
    assert_eq!(old.error().0, 401);
}
