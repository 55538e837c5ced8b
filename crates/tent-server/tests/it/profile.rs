use serde_json::json;

use crate::world::{ENTITY, ROOT, World, encoded};

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
