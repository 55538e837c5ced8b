use http::StatusCode;
use serde_json::json;

use crate::browser::Browser;
use crate::store::Kept;
use crate::world::{CALLBACK, STATUS, TestApp, World, credentials, encoded};

async fn approved(world: &World) -> (TestApp, String) {
    let app = world.register().await;
    let query = format!(
        "{}&scope=read_posts,write_posts&tent_post_types={}&tent_notification_url=https%3A%2F%2Fapp.example%2Fnotify",
        app.query(CALLBACK),
        encoded(STATUS)
    );
    let mut browser = Browser::default();
    browser.sign_in(world, &query).await;
    let code = browser.approve(world, &query).await;
    (app, code)
}

#[tokio::test]
async fn a_code_becomes_a_credential_with_what_was_granted() {
    let world = World::new().await;
    let (app, code) = approved(&world).await;
    let path = format!("/apps/{}", app.id);
    let before = world
        .call(Some(&app.credentials), "GET", &path, None)
        .await
        .ok()
        .json();
    assert_eq!(
        before["authorizations"],
        json!([]),
        "an approval counts from its exchange on"
    );

    let answer = world.exchange(&app, &code).await.ok();
    assert_eq!(answer.header("cache-control"), "no-store");
    let token = answer.json();
    assert!(token["access_token"].as_str().unwrap().starts_with("u:"));
    assert_eq!(token["token_type"], "mac");
    assert!(token["refresh_token"].is_string());
    assert_eq!(token.get("tent_expires_at"), None);
    let user = credentials(&token, "access_token");
    world.publish(&user, "hi", true).await;

    let after = world
        .call(Some(&app.credentials), "GET", &path, None)
        .await
        .ok()
        .json();
    let authorizations = after["authorizations"].as_array().unwrap();
    assert_eq!(authorizations.len(), 1);
    let mut authorization = authorizations[0].clone();
    let id = authorization.as_object_mut().unwrap().remove("id").unwrap();
    assert_eq!(
        authorization,
        json!({
            "scopes": ["read_posts", "write_posts"], "post_types": [STATUS], "profile_info_types": [],
            "notification_url": "https://app.example/notify",
        })
    );

    let path = format!("{path}/authorizations/{}", id.as_str().unwrap());
    assert_eq!(
        world
            .call(Some(&user), "DELETE", &path, None)
            .await
            .error()
            .0,
        403
    );
    assert!(
        world
            .call(Some(&app.credentials), "DELETE", &path, None)
            .await
            .ok()
            .body
            .is_empty()
    );
    assert_eq!(
        world
            .call(Some(&app.credentials), "DELETE", &path, None)
            .await
            .error()
            .0,
        404
    );
    let refused = world.call(Some(&user), "GET", "/posts", None).await;
    assert_eq!(refused.error(), (401, "Invalid MAC Key ID".into()));
}

#[tokio::test]
async fn a_code_works_once_for_its_app_and_for_ten_minutes() {
    let world = World::new().await;
    let refused = (403, "Unauthorized".to_owned());
    let (app, code) = approved(&world).await;
    let other = world.register().await;
    assert_eq!(world.exchange(&app, "wrong").await.error(), refused);
    assert_eq!(world.exchange(&other, &code).await.error(), refused);
    let stranger = TestApp {
        id: app.id.clone(),
        credentials: other.credentials,
    };
    assert_eq!(world.exchange(&stranger, &code).await.error(), refused);
    let path = format!("/apps/{}/authorizations", app.id);
    let body = json!({"code": code, "redirect_uri": "https://app.example/other"});
    let elsewhere = world
        .call(Some(&app.credentials), "POST", &path, Some(body))
        .await;
    assert_eq!(elsewhere.error(), refused);
    let unsigned = world
        .call(None, "POST", &path, Some(json!({"code": code})))
        .await;
    assert_eq!(unsigned.error(), refused);
    let own = Some(&app.credentials);
    let without = world.call(own, "POST", &path, Some(json!({}))).await;
    assert_eq!(without.error().0, 422);

    world.wait(599);
    world.exchange(&app, &code).await.ok();

    let (app, code) = approved(&world).await;
    world.wait(600);
    assert_eq!(world.exchange(&app, &code).await.error(), refused);
}

#[tokio::test]
async fn of_many_exchanges_at_once_one_wins() {
    let kept = Kept::new();
    let world = std::sync::Arc::new(World::with(kept.open().await).await);
    let (app, code) = approved(&world).await;
    let app = std::sync::Arc::new(app);
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (world, app, code) = (world.clone(), app.clone(), code.clone());
            tokio::spawn(async move { world.exchange(&app, &code).await.status })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            StatusCode::OK => won += 1,
            status => assert_eq!(status, StatusCode::FORBIDDEN),
        }
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn a_refresh_rotates_the_code_and_keeps_the_key() {
    let world = World::new().await;
    let (app, code) = approved(&world).await;
    let first = world.exchange(&app, &code).await.ok().json();
    let refresh = |token: &serde_json::Value| token["refresh_token"].as_str().unwrap().to_owned();
    world.wait(86_400);
    let second = world.exchange(&app, &refresh(&first)).await.ok().json();
    for name in ["access_token", "mac_key", "mac_algorithm"] {
        assert_eq!(first[name], second[name], "{name}");
    }
    assert_ne!(refresh(&first), refresh(&second));
    assert_eq!(
        world.exchange(&app, &refresh(&first)).await.error(),
        (403, "Unauthorized".into())
    );
    let other = world.register().await;
    assert_eq!(
        world.exchange(&other, &refresh(&second)).await.error().0,
        403
    );
    world.exchange(&app, &refresh(&second)).await.ok();
}

#[tokio::test]
async fn an_expiry_ends_the_credential_and_the_refresh_token() {
    let world = World::new().await;
    let (app, code) = approved(&world).await;
    let path = format!("/apps/{}/authorizations", app.id);
    let expiry = world.now() + 3600;
    let body = json!({"code": code, "token_type": "mac", "tent_expires_at": expiry});
    let token = world
        .call(Some(&app.credentials), "POST", &path, Some(body))
        .await
        .ok()
        .json();
    assert_eq!(token["tent_expires_at"], expiry);
    let user = credentials(&token, "access_token");
    world.wait(3599);
    world.publish(&user, "still", true).await;
    let token = world
        .exchange(&app, token["refresh_token"].as_str().unwrap())
        .await
        .ok()
        .json();
    assert_eq!(
        token["tent_expires_at"], expiry,
        "it stays unless another one is asked for"
    );
    world.wait(1);
    let refused = world.call(Some(&user), "GET", "/posts", None).await;
    assert_eq!(refused.error(), (401, "Invalid MAC Key ID".into()));
    let refused = world
        .exchange(&app, token["refresh_token"].as_str().unwrap())
        .await;
    assert_eq!(refused.error(), (403, "Unauthorized".into()));
}

#[tokio::test]
async fn a_code_that_comes_twice_ends_what_came_of_it() {
    let world = World::new().await;
    let (app, code) = approved(&world).await;
    let token = world.exchange(&app, &code).await.ok().json();
    let user = credentials(&token, "access_token");
    let (another, another_code) = approved(&world).await;
    let another_token = world.exchange(&another, &another_code).await.ok().json();

    // Only its own app can say that it is known to somebody else.
    let foreign = world.exchange(&another, &code).await;
    assert_eq!(foreign.error(), (403, "Unauthorized".into()));
    world.call(Some(&user), "GET", "/posts", None).await.ok();
    // Nor does a refresh token that is not the code.
    let refresh_token = token["refresh_token"].as_str().unwrap();
    let token = world.exchange(&app, refresh_token).await.ok().json();
    assert_eq!(world.exchange(&app, refresh_token).await.status, 403);
    world.call(Some(&user), "GET", "/posts", None).await.ok();

    let again = world.exchange(&app, &code).await;
    assert_eq!(again.error(), (403, "Unauthorized".into()));
    let ended = world.call(Some(&user), "GET", "/posts", None).await;
    assert_eq!(ended.error(), (401, "Invalid MAC Key ID".into()));
    let refresh_token = token["refresh_token"].as_str().unwrap();
    assert_eq!(world.exchange(&app, refresh_token).await.status, 403);
    let other = credentials(&another_token, "access_token");
    world.call(Some(&other), "GET", "/posts", None).await.ok();
}
