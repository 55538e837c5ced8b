//! Posts that change and go.

use serde_json::{Value, json};

use crate::world::{ENTITY, START, STATUS, World};

const SCOPES: &str = "read_posts,write_posts";

async fn put(
    world: &World,
    user: &tent_proto::mac::Credentials,
    id: &str,
    body: Value,
) -> crate::world::Answer {
    let path = format!("/posts/{id}");
    world.call(Some(user), "PUT", &path, Some(body)).await
}

#[tokio::test]
async fn an_update_is_a_new_version_and_the_old_one_stays() {
    let world = World::new().await;
    let user = world.log_in(SCOPES, STATUS).await;
    let body = json!({
        "type": STATUS, "content": {"text": "one"}, "permissions": {"public": true},
        "licenses": ["http://creativecommons.org/licenses/by/3.0/"],
        "mentions": [{"entity": "https://bob.example"}],
    });
    let created = world.call(Some(&user), "POST", "/posts", Some(body)).await;
    let created = created.ok().json();
    let id = created["id"].as_str().unwrap();
    world.wait(10);
    let body = json!({
        "content": {"text": "two", "n": 1.50}, "type": "https://x.example/other/v1.0.0", "id": "mine",
        "published_at": 5, "permissions": {"public": false},
        "mentions": [{"entity": "https://carol.example", "post": "c1"}],
    });
    let changed = put(&world, &user, id, body).await.ok().json();
    let mut expected = created.clone();
    expected["content"] = json!({"text": "two", "n": 1.50});
    expected["mentions"] = json!([{"entity": "https://carol.example", "post": "c1"}]);
    expected["version"] = 2.into();
    expected["updated_at"] = (START + 10).into();
    assert_eq!(changed, expected, "four members change, the others do not");

    let read = async |path: String| world.call(Some(&user), "GET", &path, None).await;
    assert_eq!(read(format!("/posts/{id}")).await.ok().json(), changed);
    assert_eq!(
        read(format!("/posts/{id}?version=1")).await.ok().json(),
        created
    );
    assert_eq!(
        read(format!("/posts/{id}?version=2")).await.ok().json(),
        changed
    );
    for version in ["0", "3", "99999999999"] {
        let answer = read(format!("/posts/{id}?version={version}")).await;
        assert_eq!(answer.error().0, 404, "{version}");
    }
    let mentioning =
        async |entity: &str| read(format!("/posts?mentioned_entity={entity}")).await.ok();
    assert_eq!(mentioning("https://bob.example").await.json(), json!([]));
    assert_eq!(
        mentioning("https://carol.example").await.json(),
        json!([changed])
    );

    let bare = put(&world, &user, id, json!({"content": {"text": "three"}})).await;
    let bare = bare.ok().json();
    assert_eq!(bare["mentions"], json!([]), "left out, they are gone");
    assert_eq!(bare["licenses"], created["licenses"]);
}

#[tokio::test]
async fn a_version_alone_goes_back_to_it() {
    let world = World::new().await;
    let user = world.log_in(SCOPES, STATUS).await;
    let id = world.publish(&user, "one", true).await;
    put(&world, &user, &id, json!({"content": {"text": "two"}}))
        .await
        .ok();
    let back = put(&world, &user, &id, json!({"version": 1})).await.ok();
    assert_eq!(back.json()["content"], json!({"text": "one"}));
    assert_eq!(back.json()["version"], 3);
    let same = put(&world, &user, &id, json!({"version": 3})).await.ok();
    assert_eq!(same.json()["content"], json!({"text": "one"}));
    assert_eq!(same.json()["version"], 4);
    for version in [0, 5, u64::from(u32::MAX) + 1] {
        let answer = put(&world, &user, &id, json!({"version": version})).await;
        assert_eq!(answer.error().0, 404, "{version}");
    }
    let now = world.get(&format!("/posts/{id}")).await.ok().json();
    assert_eq!(now["version"], 4, "what failed made no version");
}

#[tokio::test]
async fn what_cannot_be_an_update_changes_nothing() {
    let world = World::new().await;
    let user = world.log_in(SCOPES, STATUS).await;
    let id = world.publish(&user, "one", true).await;
    for (body, status) in [
        (json!({"content": "text"}), 422),
        (json!({"content": [1]}), 422),
        (json!([]), 422),
    ] {
        let answer = put(&world, &user, &id, body.clone()).await;
        assert_eq!(answer.error().0, status, "{body}");
    }
    let unknown = put(&world, &user, "unknown", json!({"content": {}})).await;
    assert_eq!(unknown.error().0, 404);
    let reader = world.log_in("read_posts", STATUS).await;
    let answer = put(&world, &reader, &id, json!({"content": {}})).await;
    assert_eq!(answer.error(), (403, "Unauthorized".into()));
    let other = world.log_in(SCOPES, "https://x.example/other/v1.0.0").await;
    for method in ["PUT", "DELETE"] {
        let body = (method == "PUT").then(|| json!({"content": {}}));
        let path = format!("/posts/{id}");
        let answer = world.call(Some(&other), method, &path, body.clone()).await;
        assert_eq!(answer.error().0, 403, "{method}: of a type not granted");
        let answer = world.call(None, method, &path, body).await;
        assert_eq!(answer.error().0, 403, "{method}: anonymous");
    }
    let post = world.get(&format!("/posts/{id}")).await.ok().json();
    assert_eq!(post["version"], 1);
}

#[tokio::test]
async fn a_deleted_post_is_gone_and_a_notice_says_so() {
    let world = World::new().await;
    let user = world.log_in(SCOPES, "all").await;
    let (public, private) = (
        world.publish(&user, "one", true).await,
        world.publish(&user, "two", false).await,
    );
    put(&world, &user, &public, json!({"content": {"text": "more"}}))
        .await
        .ok();
    for id in [&public, &private] {
        let path = format!("/posts/{id}");
        let gone = world.call(Some(&user), "DELETE", &path, None).await.ok();
        assert!(gone.body.is_empty());
        for path in [path.clone(), format!("{path}?version=1")] {
            let answer = world.call(Some(&user), "GET", &path, None).await;
            assert_eq!(answer.error().0, 404, "{path}");
        }
        let again = world.call(Some(&user), "DELETE", &path, None).await;
        assert_eq!(again.error().0, 404);
    }
    let feed = world.get("/posts").await.ok().json();
    let feed = feed.as_array().unwrap();
    assert_eq!(feed.len(), 1, "the notice of the public post is public");
    assert_eq!(feed[0]["type"], "https://tent.io/types/post/delete/v0.1.0");
    assert_eq!(feed[0]["content"], json!({"id": public}));
    assert_eq!(feed[0]["entity"], ENTITY);
    assert!(feed[0].get("app").is_none());
    let all = world.call(Some(&user), "GET", "/posts", None).await.ok();
    assert_eq!(all.json().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_version_goes_alone_until_it_is_the_last() {
    let world = World::new().await;
    let user = world.log_in(SCOPES, "all").await;
    let id = world.publish(&user, "one", true).await;
    for text in ["two", "three"] {
        let body = json!({"content": {"text": text}, "mentions": [{"entity": format!("https://{text}.example")}]});
        put(&world, &user, &id, body).await.ok();
    }
    let delete = async |version: u32| {
        let path = format!("/posts/{id}?version={version}");
        world.call(Some(&user), "DELETE", &path, None).await
    };
    let current = async || world.get(&format!("/posts/{id}")).await;
    delete(1).await.ok();
    assert_eq!(delete(1).await.error().0, 404);
    assert_eq!(current().await.ok().json()["version"], 3);
    delete(3).await.ok();
    let now = current().await.ok().json();
    assert_eq!(
        (&now["version"], &now["content"]["text"]),
        (&2.into(), &"two".into())
    );
    let mentioning = world
        .get("/posts?mentioned_entity=https://two.example")
        .await;
    assert_eq!(mentioning.ok().json(), json!([now]));
    delete(2).await.ok();
    assert_eq!(current().await.error().0, 404);
    let feed = world.get("/posts").await.ok().json();
    assert_eq!(feed[0]["content"], json!({"id": id}));
}

#[tokio::test]
async fn a_view_shows_the_parts_it_names() {
    let world = World::new().await;
    let user = world.log_in(SCOPES, "all").await;
    let body = json!({
        "type": STATUS, "permissions": {"public": true},
        "content": {"text": "long", "exif": {"camera": "Box"}},
        "views": {"short": {"content": ["exif/camera", "none"]}},
    });
    let created = world.call(Some(&user), "POST", "/posts", Some(body)).await;
    let id = created.ok().json()["id"].as_str().unwrap().to_owned();
    let seen = async |view: &str| {
        let path = format!("/posts/{id}?view={view}");
        let post = world.get(&path).await.ok().json();
        let listed = world.get(&format!("/posts?view={view}")).await.ok().json();
        assert_eq!(listed, json!([post]), "{view}");
        assert!(post.get("views").is_none());
        post
    };
    let full = seen("full").await;
    assert_eq!(full["content"]["text"], "long");
    assert_eq!(
        seen("short").await["content"],
        json!({"camera": "Box", "none": null})
    );
    assert_eq!(seen("other").await["content"], json!({}));
    let meta = seen("meta").await;
    assert!(meta.get("content").is_none() && meta.get("attachments").is_none());
    assert_eq!(meta["id"], full["id"]);
}
