use serde_json::json;

use crate::world::{ENTITY, ROOT, World, encoded};

const CORE: &str = "https://tent.io/types/info/core/v0.1.0";
pub(crate) const BASIC: &str = "https://tent.io/types/info/basic/v0.1.0";

#[tokio::test]
async fn the_profile_says_who_and_where() {
    let world = World::new().await;
    let profile = world.get("/profile").await.ok().json();
    assert_eq!(
        profile[CORE],
        json!({
            "entity": ENTITY, "servers": [ROOT], "licenses": [], "permissions": {"public": true},
            "version": 1, "tent_version": "0.2",
        })
    );
    assert_eq!(profile[BASIC]["name"], "alice.example");
    assert_eq!(profile.as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn sections_are_found_by_the_base_of_their_type() {
    let world = World::new().await;
    let profile = world.get("/profile").await.json();
    for section_type in [CORE, "https://tent.io/types/info/core/v9.9.9"] {
        let section = world
            .get(&format!("/profile/{}", encoded(section_type)))
            .await
            .ok()
            .json();
        assert_eq!(section, profile[CORE]);
    }
    let core = encoded(CORE);
    world.get(&format!("/profile/{core}?version=1")).await.ok();
    assert_eq!(
        world
            .get(&format!("/profile/{core}?version=2"))
            .await
            .error()
            .0,
        404
    );
    let unknown = encoded("https://tent.io/types/info/cursor/v0.1.0");
    assert_eq!(
        world.get(&format!("/profile/{unknown}")).await.error(),
        (404, "Not Found".into())
    );
}

const NOTES: &str = "https://app.example/types/info/notes/v1.0.0";

async fn put(
    world: &World,
    user: &tent_proto::mac::Credentials,
    section: &str,
    body: serde_json::Value,
) -> crate::world::Answer {
    let path = format!("/profile/{}", encoded(section));
    world.call(Some(user), "PUT", &path, Some(body)).await
}

#[tokio::test]
async fn a_section_is_replaced_as_a_new_version() {
    let world = World::new().await;
    let user = world
        .log_in(
            "read_profile,write_profile,read_permissions,read_posts",
            "all",
        )
        .await;
    let body = json!({"name": "Alice", "n": 1.50, "version": 7, "tent_version": "9"});
    let profile = put(&world, &user, BASIC, body).await.ok().json();
    assert_eq!(
        profile[BASIC],
        json!({"name": "Alice", "n": 1.50, "version": 2,
               "permissions": {"public": true, "groups": [], "entities": {}}}),
        "who may see it stays, and what the server adds is not taken back"
    );
    assert!(profile[CORE].is_object(), "the whole profile comes");
    let first = format!("/profile/{}?version=1", encoded(BASIC));
    let first = world.get(&first).await.ok().json();
    assert_eq!(
        (&first["name"], &first["version"]),
        (&json!("alice.example"), &json!(1))
    );
    let unknown = format!("/profile/{}?version=3", encoded(BASIC));
    assert_eq!(world.get(&unknown).await.error().0, 404);

    let posts = world.get("/posts").await.ok().json();
    assert_eq!(
        posts[0]["type"],
        "https://tent.io/types/post/profile/v0.1.0"
    );
    assert_eq!(
        posts[0]["content"],
        json!({"action": "update", "types": [BASIC]})
    );
}

#[tokio::test]
async fn a_new_section_is_private_until_it_says_otherwise() {
    let world = World::new().await;
    let user = world.log_in("read_profile,write_profile", "all").await;
    let profile = put(&world, &user, NOTES, json!({"a": 1})).await.ok().json();
    assert_eq!(profile[NOTES]["permissions"], json!({"public": false}));
    assert!(world.get("/profile").await.ok().json().get(NOTES).is_none());
    assert_eq!(world.get("/posts").await.ok().json(), json!([]));
    let shared = json!({"a": 2, "permissions": {"public": true}});
    put(&world, &user, NOTES, shared).await.ok();
    let seen = world.get("/profile").await.ok().json();
    assert_eq!(
        seen[NOTES],
        json!({"a": 2, "version": 2, "permissions": {"public": true}})
    );
    let kept = json!({"a": 3, "permissions": null});
    put(&world, &user, NOTES, kept).await.ok();
    assert_eq!(world.get("/profile").await.ok().json()[NOTES]["a"], 3);
}

#[tokio::test]
async fn a_section_goes_whole_or_by_version() {
    let world = World::new().await;
    let user = world.log_in("read_profile,write_profile", "all").await;
    for value in 1..=3 {
        put(&world, &user, NOTES, json!({"a": value})).await.ok();
    }
    let path = format!("/profile/{}", encoded(NOTES));
    let delete = async |query: &str| {
        let path = format!("{path}{query}");
        world.call(Some(&user), "DELETE", &path, None).await
    };
    let read = async || world.call(Some(&user), "GET", &path, None).await;
    delete("?version=3").await.ok();
    assert_eq!(read().await.ok().json()["a"], 2);
    assert_eq!(delete("?version=3").await.error().0, 404);
    assert!(delete("").await.ok().body.is_empty());
    assert_eq!(read().await.error().0, 404);
    assert_eq!(delete("").await.error().0, 404);
}

#[tokio::test]
async fn what_would_break_a_profile_is_refused() {
    let world = World::new().await;
    let user = world.log_in("read_profile,write_profile", "all").await;
    let moved = json!({"entity": ENTITY, "servers": ["https://elsewhere.example"], "licenses": []});
    let renamed = json!({"entity": "https://bob.example", "servers": [ROOT], "licenses": []});
    let hidden = json!({"entity": ENTITY, "servers": [ROOT], "permissions": {"public": false}});
    for (section, body) in [
        (CORE, moved),
        (CORE, renamed),
        (CORE, hidden),
        (BASIC, json!([])),
        (BASIC, json!({"permissions": {"groups": [{"id": "none"}]}})),
        (BASIC, json!({"permissions": 7})),
        ("https://tent.io/types/info/basic", json!({})),
    ] {
        let answer = put(&world, &user, section, body.clone()).await;
        assert_eq!(answer.error().0, 422, "{section} {body}");
    }
    let core = format!("/profile/{}", encoded(CORE));
    let answer = world.call(Some(&user), "DELETE", &core, None).await;
    assert_eq!(answer.error().0, 422);
    let more = json!({"entity": ENTITY, "licenses": ["http://l.example"],
                      "servers": [format!("{ROOT}/"), "https://backup.example"]});
    put(&world, &user, CORE, more).await.ok();

    let reader = world.log_in("read_profile", "all").await;
    let answer = put(&world, &reader, BASIC, json!({})).await;
    assert_eq!(answer.error(), (403, "Unauthorized".into()));
    let answer = world.call(None, "PUT", &core, Some(json!({}))).await;
    assert_eq!(answer.error().0, 403);
}
