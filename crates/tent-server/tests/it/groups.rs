use crate::world::World;

#[tokio::test]
async fn there_are_no_groups_and_whoever_may_ask_is_told() {
    let world = World::new().await;
    let user = world.log_in("read_groups", "").await;
    assert_eq!(
        world
            .call(Some(&user), "GET", "/groups", None)
            .await
            .ok()
            .text(),
        "[]"
    );
    assert_eq!(
        world
            .call(Some(&user), "GET", "/groups/count", None)
            .await
            .ok()
            .text(),
        "0"
    );
    assert_eq!(
        world
            .call(Some(&user), "HEAD", "/groups", None)
            .await
            .ok()
            .header("count"),
        "0"
    );
    assert_eq!(
        world.get("/groups/count").await.error(),
        (403, "Unauthorized".into())
    );
}
