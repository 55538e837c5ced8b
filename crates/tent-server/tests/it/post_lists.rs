//! Lists about one post: its versions, and what mentions it.

use serde_json::{Value, json};
use tent_proto::mac::Credentials;

use crate::world::{Answer, ENTITY, STATUS, World, encoded};

const SCOPES: &str = "read_posts,write_posts";

/// The numbers of the versions, and where the page before and after are.
async fn versions(world: &World, id: &str, query: &str) -> (Vec<u64>, String) {
    let answer = world
        .get(&format!("/posts/{id}/versions?{query}"))
        .await
        .ok();
    let list = answer.json();
    let numbers = list.as_array().unwrap().iter();
    let numbers = numbers.map(|post| post["version"].as_u64().unwrap());
    (numbers.collect(), answer.header("link").to_owned())
}

async fn with_versions(world: &World, user: &Credentials, count: u32) -> String {
    let id = world.publish(user, "1", true).await;
    for version in 2..=count {
        let body = json!({"content": {"text": version.to_string()}});
        let path = format!("/posts/{id}");
        world.call(Some(user), "PUT", &path, Some(body)).await.ok();
    }
    id
}

#[tokio::test]
async fn versions_come_highest_first_in_pages() {
    let world = World::new().await;
    let user = world.log_in(SCOPES, STATUS).await;
    let id = with_versions(&world, &user, 5).await;
    assert_eq!(versions(&world, &id, "").await.0, [5, 4, 3, 2, 1]);
    for (query, expected) in [
        ("limit=2", &[5, 4][..]),
        ("limit=2&before_version=4", &[3, 2]),
        ("limit=2&since_version=1", &[3, 2]),
        ("limit=2&until_version=1", &[5, 4]),
        ("since_version=2&before_version=5", &[4, 3]),
        ("limit=2&order=asc", &[1, 2]),
        ("limit=2&order=asc&since_version=2", &[3, 4]),
        ("limit=2&order=asc&before_version=4", &[2, 3]),
        ("since_version=5", &[]),
        ("before_version=1", &[]),
        ("limit=0", &[]),
    ] {
        assert_eq!(versions(&world, &id, query).await.0, expected, "{query}");
    }
    let (_, links) = versions(&world, &id, "limit=2").await;
    let path = format!("/tent/posts/{id}/versions?limit=2");
    let expected =
        format!(r#"<{path}&since_version=5>; rel="prev", <{path}&before_version=4>; rel="next""#);
    assert_eq!(links, expected);
    let (_, links) = versions(&world, &id, "limit=2&before_version=2").await;
    assert_eq!(links, format!(r#"<{path}&since_version=1>; rel="prev""#));
    let wrong = world
        .get(&format!("/posts/{id}/versions?since_version=x"))
        .await;
    assert_eq!(wrong.error().0, 422);
}

#[tokio::test]
async fn versions_are_seen_as_their_post_is() {
    let world = World::new().await;
    let user = world.log_in(SCOPES, STATUS).await;
    let id = world.publish(&user, "for me", false).await;
    let path = format!("/posts/{id}/versions");
    assert_eq!(world.get(&path).await.error().0, 404);
    let seen = world.call(Some(&user), "GET", &path, None).await.ok();
    assert_eq!(seen.json()[0]["content"]["text"], "for me");
    assert_eq!(world.get("/posts/unknown/versions").await.error().0, 404);
    let counted = world.call(Some(&user), "HEAD", &path, None).await.ok();
    assert_eq!(counted.header("count"), "1");
}

async fn reply(world: &World, user: &Credentials, to: &str, public: bool) -> String {
    let body = json!({
        "type": STATUS, "content": {"text": "reply"}, "permissions": {"public": public},
        "mentions": [{"entity": ENTITY, "post": to}],
    });
    let post = world.call(Some(user), "POST", "/posts", Some(body)).await;
    post.ok().json()["id"].as_str().unwrap().to_owned()
}

fn ids(answer: &Answer) -> Vec<String> {
    let list = answer.json();
    let all = list.as_array().unwrap().iter();
    all.map(|mention| mention["post"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn public_posts_that_mention_a_post_come_oldest_first() {
    let world = World::new().await;
    let user = world.log_in(SCOPES, "all").await;
    let id = world.publish(&user, "hello", true).await;
    let mut replies = Vec::new();
    for count in 0..5 {
        replies.push(reply(&world, &user, &id, true).await);
        reply(&world, &user, &id, false).await;
        world.wait(i64::from(count % 2 == 0)); // some in the same second
    }
    let path = format!("/posts/{id}/mentions");
    let list = world.get(&path).await.ok();
    assert_eq!(ids(&list), replies);
    let first: Value = json!({"entity": ENTITY, "post": replies[0], "type": STATUS});
    assert_eq!(list.json()[0], first);
    let head = world.call(None, "HEAD", &path, None).await.ok();
    assert_eq!(head.header("count"), "5");

    // The links lead through all of them.
    let mut target = format!("{path}?limit=2");
    let mut walked = Vec::new();
    loop {
        let page = world.get(&target).await.ok();
        walked.extend(ids(&page));
        let links = page.header("link").to_owned();
        let next = links
            .split(", ")
            .find(|link| link.ends_with(r#"rel="next""#));
        let Some(next) = next else { break };
        let (next, _) = next.trim_start_matches('<').split_once('>').unwrap();
        target = next.strip_prefix("/tent").unwrap().to_owned();
    }
    assert_eq!(walked, replies);

    for (query, expected) in [
        (format!("since_id={}", replies[2]), &replies[3..]),
        (format!("limit=2&before_id={}", replies[4]), &replies[2..4]),
        (format!("until_id={}", replies[2]), &replies[..2]),
        (format!("post_types={}", encoded(STATUS)), &replies[..]),
        ("post_types=https://x.example/y/v1.0.0".into(), &[]),
        ("since_id=unknown".into(), &[]),
    ] {
        let page = world.get(&format!("{path}?{query}")).await.ok();
        assert_eq!(ids(&page), expected, "{query}");
    }
    assert_eq!(world.get("/posts/unknown/mentions").await.error().0, 404);
}
