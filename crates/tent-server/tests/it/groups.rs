//! Groups.

use serde_json::{Value, json};
use tent_proto::mac::Credentials;

use crate::world::{START, World};

const SCOPES: &str = "read_groups,write_groups,read_posts";

async fn create(world: &World, user: &Credentials, name: &str) -> Value {
    let body = json!({"name": name});
    let group = world.call(Some(user), "POST", "/groups", Some(body)).await;
    group.ok().json()
}

#[tokio::test]
async fn a_group_is_made_renamed_and_removed() {
    let world = World::new().await;
    let user = world.log_in(SCOPES, "all").await;
    let group = create(&world, &user, "friends").await;
    let id = group["id"].as_str().unwrap();
    assert_eq!(
        group,
        json!({"id": id, "name": "friends", "created_at": START, "updated_at": START})
    );
    let path = format!("/groups/{id}");
    let read = async || world.call(Some(&user), "GET", &path, None).await;
    assert_eq!(read().await.ok().json(), group);
    world.wait(5);
    let body = Some(json!({"name": "close friends"}));
    let renamed = world.call(Some(&user), "PUT", &path, body).await.ok();
    assert_eq!(
        renamed.json(),
        json!({"id": id, "name": "close friends", "created_at": START, "updated_at": START + 5})
    );
    let again = json!({"id": id, "name": "other"});
    let same = world
        .call(Some(&user), "POST", "/groups", Some(again))
        .await;
    assert_eq!(
        same.ok().json(),
        renamed.json(),
        "an id that is there is left"
    );
    let gone = world.call(Some(&user), "DELETE", &path, None).await.ok();
    assert!(gone.body.is_empty());
    assert_eq!(read().await.error().0, 404);
    for (method, body) in [("PUT", Some(json!({"name": "x"}))), ("DELETE", None)] {
        let answer = world.call(Some(&user), method, &path, body).await;
        assert_eq!(answer.error().0, 404, "{method}");
    }
    let posts = world.call(Some(&user), "GET", "/posts", None).await.ok();
    let actions = posts.json();
    let actions = actions.as_array().unwrap().iter();
    let actions: Vec<_> = actions.map(|post| post["content"].clone()).collect();
    assert_eq!(
        actions,
        [
            json!({"id": id, "name": "close friends", "action": "delete"}),
            json!({"id": id, "name": "friends", "action": "create"}),
        ]
    );
    assert_eq!(
        world.get("/posts").await.ok().json(),
        json!([]),
        "privately"
    );
}

#[tokio::test]
async fn groups_come_newest_first_in_pages() {
    let world = World::new().await;
    let user = world.log_in(SCOPES, "").await;
    let get = async |path: &str| world.call(Some(&user), "GET", path, None).await;
    assert_eq!(get("/groups").await.ok().text(), "[]");
    assert_eq!(get("/groups").await.ok().header("link"), "");
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        let group = create(&world, &user, name).await;
        ids.push(group["id"].as_str().unwrap().to_owned());
    }
    for (query, expected) in [
        (String::new(), "edcba"),
        ("limit=2".into(), "ed"),
        (format!("limit=2&before_id={}", ids[3]), "cb"),
        (format!("limit=2&since_id={}", ids[0]), "cb"),
        (format!("limit=2&until_id={}", ids[0]), "ed"),
        (format!("since_id={}&before_id={}", ids[0], ids[4]), "dcb"),
        ("order=asc&limit=2".into(), "ab"),
        (format!("order=asc&limit=2&since_id={}", ids[1]), "cd"),
        (format!("order=asc&limit=2&before_id={}", ids[4]), "cd"),
        ("since_id=unknown".into(), ""),
        ("until_id=unknown&limit=1".into(), "e"),
        ("limit=0".into(), ""),
    ] {
        let list = get(&format!("/groups?{query}")).await.ok().json();
        let names = list.as_array().unwrap().iter();
        let names: String = names.map(|group| group["name"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{query}");
    }
    let page = get("/groups?limit=2").await.ok();
    let expected = format!(
        r#"</tent/groups?limit=2&since_id={}>; rel="prev", </tent/groups?limit=2&before_id={}>; rel="next""#,
        ids[4], ids[3]
    );
    assert_eq!(page.header("link"), expected);
    let head = world
        .call(Some(&user), "HEAD", "/groups?limit=2", None)
        .await;
    assert_eq!(head.ok().header("count"), "5");
    assert_eq!(get("/groups/count").await.ok().text(), "5");
}

#[tokio::test]
async fn groups_are_for_those_who_were_granted_them() {
    let world = World::new().await;
    let (reader, writer) = (
        world.log_in("read_groups", "").await,
        world.log_in("write_groups", "").await,
    );
    let name = || Some(json!({"name": "friends"}));
    let id = create(&world, &writer, "x").await["id"].clone();
    let path = format!("/groups/{}", id.as_str().unwrap());
    for (user, method, path, body) in [
        (None, "GET", "/groups", None),
        (None, "GET", "/groups/count", None),
        (None, "POST", "/groups", name()),
        (Some(&writer), "GET", "/groups", None),
        (Some(&writer), "GET", &path, None),
        (Some(&reader), "POST", "/groups", name()),
        (Some(&reader), "PUT", &path, name()),
        (Some(&reader), "DELETE", &path, None),
    ] {
        let answer = world.call(user, method, path, body).await;
        assert_eq!(
            answer.error(),
            (403, "Unauthorized".into()),
            "{method} {path}"
        );
    }
    for body in [json!({}), json!({"name": ""}), json!([])] {
        let answer = world.call(Some(&writer), "POST", "/groups", Some(body.clone()));
        assert_eq!(answer.await.error().0, 422, "{body}");
    }
}
