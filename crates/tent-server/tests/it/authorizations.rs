//! What an app that manages others does with what they were granted.

use serde_json::json;

use crate::world::{STATUS, World, credentials};

#[tokio::test]
async fn an_app_that_manages_others_grants_them_something() {
    let world = World::new().await;
    let manager = world.log_in("write_apps,write_secrets", "all").await;
    let app = world.register().await;
    let path = format!("/apps/{}/authorizations", app.id);
    let grant = json!({"scopes": ["write_posts"], "post_types": [STATUS], "profile_info_types": [],
        "notification_url": "https://app.example/notify"});
    let made = world
        .call(Some(&manager), "POST", &path, Some(grant.clone()))
        .await
        .ok();
    assert_eq!(made.header("cache-control"), "no-store");
    let made = made.json();
    for name in [
        "scopes",
        "post_types",
        "profile_info_types",
        "notification_url",
    ] {
        assert_eq!(made[name], grant[name], "{name}");
    }
    world
        .publish(&credentials(&made, "mac_key_id"), "Granted", true)
        .await;

    // With ids and a key of one's own, each of them once.
    let mut own = grant.clone();
    own["id"] = "moved1".into();
    own["mac_key_id"] = "u:moved".into();
    own["mac_key"] = "0123456789abcdef".into();
    own["mac_algorithm"] = "hmac-sha-1".into();
    let made = world
        .call(Some(&manager), "POST", &path, Some(own.clone()))
        .await
        .ok()
        .json();
    for name in ["id", "mac_key_id", "mac_algorithm"] {
        assert_eq!(made[name], own[name], "{name}");
    }
    world
        .publish(&credentials(&made, "mac_key_id"), "Moved", true)
        .await;
    let again = world
        .call(Some(&manager), "POST", &path, Some(own.clone()))
        .await;
    assert_eq!(again.status, 409);
    for (name, wrong) in [
        ("mac_algorithm", "hmac-md5"),
        ("mac_key_id", "s:moved"),
        ("notification_url", "mailto:me@app.example"),
        ("follow_url", "javascript:follow()"),
    ] {
        let mut wrong_one = own.clone();
        wrong_one["id"] = "moved2".into();
        wrong_one[name] = wrong.into();
        let refused = world
            .call(Some(&manager), "POST", &path, Some(wrong_one))
            .await;
        assert_eq!(refused.error().0, 422, "{name}");
    }
    let nowhere = "/apps/nobody/authorizations";
    let nowhere = world
        .call(Some(&manager), "POST", nowhere, Some(grant.clone()))
        .await;
    assert_eq!(nowhere.error().0, 404);

    for scopes in ["write_apps", "write_secrets", "write_posts"] {
        let user = world.log_in(scopes, "all").await;
        let refused = world
            .call(Some(&user), "POST", &path, Some(grant.clone()))
            .await;
        assert!(!refused.status.is_success(), "{scopes}: {refused:?}");
    }
}

#[tokio::test]
async fn what_was_granted_changes_and_the_credential_stays() {
    let world = World::new().await;
    let manager = world
        .log_in("write_apps,write_secrets,read_apps", "all")
        .await;
    let app = world.register().await;
    let path = format!("/apps/{}/authorizations", app.id);
    let grant =
        json!({"scopes": ["read_posts"], "post_types": [STATUS], "profile_info_types": ["all"]});
    let made = world
        .call(Some(&manager), "POST", &path, Some(grant))
        .await
        .ok()
        .json();
    let user = credentials(&made, "mac_key_id");
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    let put = async |caller, path: &str, body| world.call(caller, "PUT", path, Some(body)).await;

    let more = json!({"scopes": ["read_posts", "write_posts"]});
    assert_eq!(put(None, &one, more.clone()).await.error().0, 403);
    assert_eq!(put(Some(&user), &one, more.clone()).await.error().0, 403);
    let changed = put(Some(&manager), &one, more.clone()).await.ok().json();
    assert_eq!(changed["scopes"], more["scopes"]);
    assert_eq!(
        changed["post_types"],
        json!([STATUS]),
        "what is left out stays"
    );
    assert!(changed.get("mac_key").is_none(), "{changed}");
    world.publish(&user, "Now I may", true).await;

    let none = json!({"post_types": [], "scopes": ["write_posts"]});
    let changed = put(Some(&manager), &one, none).await.ok().json();
    assert_eq!(
        (&changed["post_types"], &changed["profile_info_types"]),
        (&json!([]), &json!(["all"]))
    );
    let body = json!({"type": STATUS, "content": {}});
    let refused = world.call(Some(&user), "POST", "/posts", Some(body)).await;
    assert_eq!(refused.error().0, 403);
    assert_eq!(
        put(Some(&manager), &format!("{path}/x"), more)
            .await
            .error()
            .0,
        404
    );
}

#[tokio::test]
async fn a_link_to_follow_somebody_leads_to_the_app_that_follows() {
    let world = World::new().await;
    let manager = world.log_in("write_apps,write_secrets", "all").await;
    let bob = "/follow?entity=https%3A%2F%2Fbob.example%2F%3Fa%3D1%26b";
    let own = world.get(bob).await.ok();
    assert!(own.text().contains("Sign in"), "there is none yet");
    let app = world.register().await;
    let path = format!("/apps/{}/authorizations", app.id);
    let mut ids = Vec::new();
    for (scope, url) in [
        ("follow_ui", "https://old.example/follow"),
        ("follow_ui", "https://app.example/follow?from=tent"),
        ("read_posts", "https://other.example/follow"),
    ] {
        let grant = json!({"scopes": [scope], "follow_url": url});
        let made = world.call(Some(&manager), "POST", &path, Some(grant)).await;
        let made = made.ok().json();
        assert!(made.get("follow_url").is_none(), "{made}");
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let asked = "entity=https%3A%2F%2Fbob.example%2F%3Fa%3D1%26b";
    let answer = world.get(bob).await;
    assert_eq!(answer.status, 302);
    let newest = format!("https://app.example/follow?from=tent&{asked}");
    assert_eq!(answer.header("location"), newest);

    let one = format!("{path}/{}", ids[1]);
    let change = json!({"follow_url": "https://new.example/follow"});
    let changed = world.call(Some(&manager), "PUT", &one, Some(change)).await;
    changed.ok();
    let new = format!("https://new.example/follow?{asked}");
    assert_eq!(world.get(bob).await.header("location"), new);
    let gone = world.call(Some(&manager), "DELETE", &one, None).await;
    gone.ok();
    let old = format!("https://old.example/follow?{asked}");
    assert_eq!(world.get(bob).await.header("location"), old);
}
