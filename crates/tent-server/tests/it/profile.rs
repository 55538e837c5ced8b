use serde_json::json;

use crate::browser::Browser;
use crate::world::{CALLBACK, ENTITY, ROOT, World, credentials, encoded};

const CORE: &str = "https://tent.io/types/info/core/v0.1.0";
const BASIC: &str = "https://tent.io/types/info/basic/v0.1.0";

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

#[tokio::test]
async fn private_sections_are_seen_with_the_scope_and_the_type() {
    const CURSOR: &str = "https://tent.io/types/info/cursor/v0.1.0";
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tent.db");
    let world = World::with(tent_server::Database::sqlite(&file).unwrap()).await;
    let stored = rusqlite::Connection::open(&file).unwrap();
    let base = CURSOR.trim_end_matches("/v0.1.0");
    stored
        .execute(
            "INSERT INTO profile_sections (entity_id, type_base, version, type, public, content, updated_at)
             VALUES (1, ?1, 1, ?2, 0, '{\"mentions\":{}}', 0)",
            (base, CURSOR),
        )
        .unwrap();

    let path = format!("/profile/{}", encoded(CURSOR));
    assert_eq!(world.get(&path).await.error().0, 404);
    for (scope, types, sees) in [
        ("read_profile", "all", true),
        (
            "write_profile",
            "https://tent.io/types/info/cursor/v0.2.0",
            true,
        ),
        ("read_profile", BASIC, false),
        ("read_posts", "all", false),
    ] {
        let app = world.register().await;
        let query = format!(
            "{}&scope={scope}&tent_profile_info_types={}",
            app.query(CALLBACK),
            encoded(types)
        );
        let mut browser = Browser::default();
        browser.sign_in(&world, &query).await;
        let code = browser.approve(&world, &query).await;
        let user = credentials(
            &world.exchange(&app, &code).await.ok().json(),
            "access_token",
        );
        let profile = world
            .call(Some(&user), "GET", "/profile", None)
            .await
            .ok()
            .json();
        assert_eq!(profile.get(CURSOR).is_some(), sees, "{scope} {types}");
        let section = world.call(Some(&user), "GET", &path, None).await;
        assert_eq!(
            section.status,
            if sees { 200 } else { 404 },
            "{scope} {types}"
        );
        if sees {
            assert_eq!(
                section.json(),
                json!({"mentions": {}, "permissions": {"public": false}, "version": 1})
            );
        }
    }
}
