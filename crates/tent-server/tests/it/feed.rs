use http::header::LINK;
use serde_json::{Value, json};
use tent_discovery::link_header::LinkValue;
use tent_proto::mac::Credentials;

use crate::world::{ENTITY, START, STATUS, World, encoded};

const ESSAY: &str = "https://tent.io/types/post/essay/v0.1.0";

/// The target of a link below the root.
pub(crate) fn link(header: &str, relation: &str) -> Option<String> {
    let mut links = tent_discovery::link_header::parse(header).map(Result::unwrap);
    let found = links.find(|link| link.has_relation(relation))?;
    Some(found.target().strip_prefix("/tent").unwrap().to_owned())
}

pub(crate) fn ids(list: &Value) -> Vec<String> {
    let id = |post: &Value| post["id"].as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(id).collect()
}

async fn list(world: &World, caller: Option<&Credentials>, query: &str) -> Vec<String> {
    ids(&world
        .call(caller, "GET", &format!("/posts{query}"), None)
        .await
        .ok()
        .json())
}

/// An account with posts, oldest first, one a second.
async fn with_posts(count: usize) -> (World, Credentials, Vec<String>) {
    let world = World::new().await;
    let user = world.log_in("read_posts,write_posts", "all").await;
    let mut ids = Vec::new();
    for number in 0..count {
        ids.push(world.publish(&user, &number.to_string(), true).await);
        world.wait(1);
    }
    (world, user, ids)
}

#[tokio::test]
async fn pages_link_to_their_neighbours() {
    let (world, _, posts) = with_posts(5).await;
    let entity = encoded(ENTITY);
    let query = format!("/posts?limit=2&post_types={}", encoded(STATUS));
    let page = world.get(&query).await.ok();
    let targets = [
        (
            format!(
                "/tent{query}&since_id={}&since_id_entity={entity}",
                posts[4]
            ),
            "prev",
        ),
        (
            format!(
                "/tent{query}&before_id={}&before_id_entity={entity}",
                posts[3]
            ),
            "next",
        ),
    ];
    let links = targets
        .each_ref()
        .map(|(target, relation)| LinkValue::new(target, relation).to_string());
    assert_eq!(page.header(LINK), links.join(", "));
    assert_eq!(page.headers.get_all(LINK).iter().count(), 1);

    let last = world.get("/posts?limit=10").await.ok();
    assert!(link(last.header(LINK), "prev").is_some());
    assert_eq!(
        link(last.header(LINK), "next"),
        None,
        "a short page is the last"
    );
    let newer = link(last.header(LINK), "prev").unwrap();
    let none = world.get(&newer).await.ok();
    assert_eq!((none.text(), none.header(LINK)), ("[]", ""));
    let head = world.call(None, "HEAD", &query, None).await.ok();
    assert_eq!(
        (head.header(LINK), head.header("count")),
        (page.header(LINK), "5")
    );
    assert_eq!(page.header("count"), "", "GET does not count");
}

#[tokio::test]
async fn limits_are_kept() {
    let (world, _, posts) = with_posts(4).await;
    for (query, length) in [
        ("", 4),
        ("?limit=2", 2),
        ("?limit=0", 0),
        ("?limit=many", 0),
        ("?limit=9999", 4),
        ("?limit=99999999999999999999", 4),
        ("?limit=", 0),
    ] {
        assert_eq!(list(&world, None, query).await.len(), length, "{query}");
    }
    for below in ["-1", "-99999999999999999999"] {
        let answer = world.get(&format!("/posts?limit={below}")).await;
        let text = format!("the parameter limit cannot be \"{below}\"");
        assert_eq!(answer.error(), (422, text));
    }
    assert_eq!(list(&world, None, "?limit=1").await, [posts[3].clone()]);
    assert_eq!(world.get("/posts?limit=0").await.header(LINK), "");
    assert_eq!(world.get("/posts/count?limit=1").await.ok().text(), "4");
}

#[tokio::test]
async fn a_page_has_fifty_posts_unless_asked_and_two_hundred_at_most() {
    let (world, _, _) = with_posts(205).await;
    assert_eq!(list(&world, None, "").await.len(), 50);
    assert_eq!(list(&world, None, "?limit=1000").await.len(), 200);
}

#[tokio::test]
async fn cursors_bound_the_list() {
    let (world, _, posts) = with_posts(6).await;
    let posts: [String; 6] = posts.try_into().unwrap();
    let [a, b, c, d, e, f] = posts.each_ref().map(String::as_str);
    for (query, expected) in [
        (format!("?before_id={d}"), vec![c, b, a]),
        (format!("?before_id={d}&limit=2"), vec![c, b]),
        (format!("?since_id={b}"), vec![f, e, d, c]),
        (format!("?since_id={b}&limit=2"), vec![d, c]),
        (format!("?until_id={b}&limit=2"), vec![f, e]),
        (format!("?until_id={b}&before_id={e}"), vec![d, c]),
        (format!("?since_id={b}&before_id={e}"), vec![d, c]),
        (
            format!("?since_id={b}&since_id_entity={}&limit=1", encoded(ENTITY)),
            vec![c],
        ),
        (
            format!(
                "?since_id={b}&since_id_entity={}",
                encoded("https://bob.example")
            ),
            vec![],
        ),
        ("?since_id=unknown".into(), vec![]),
        ("?before_id=unknown".into(), vec![]),
        ("?until_id=unknown&limit=1".into(), vec![f]),
        (format!("?order=asc&since_id={b}&limit=2"), vec![c, d]),
        (format!("?order=asc&before_id={e}&limit=2"), vec![c, d]),
        ("?order=asc&limit=2".into(), vec![a, b]),
        (format!("?since_time={}", START + 3), vec![f, e]),
        (format!("?before_time={}", START + 2), vec![b, a]),
        (
            format!("?since_time={}&before_time={}", START, START + 3),
            vec![c, b],
        ),
    ] {
        assert_eq!(list(&world, None, &query).await, expected, "{query}");
    }
    assert_eq!(
        world.get("/posts?since_time=yesterday").await.error().0,
        422
    );
    assert_eq!(world.get("/posts?sort_by=colour").await.error().0, 422);
    assert_eq!(
        world
            .get("/posts?before_id_entity=bob&before_id=x")
            .await
            .error()
            .0,
        422
    );
}

#[tokio::test]
async fn a_private_post_is_no_cursor_for_strangers() {
    let (world, user, posts) = with_posts(2).await;
    let private = world.publish(&user, "secret", false).await;
    assert_eq!(
        list(&world, None, &format!("?before_id={private}")).await,
        Vec::<String>::new()
    );
    assert_eq!(
        list(&world, Some(&user), &format!("?before_id={private}")).await,
        [posts[1].clone(), posts[0].clone()]
    );
}

#[tokio::test]
async fn a_list_asks_for_so_much_and_no_more() {
    let world = World::new().await;
    let types = |count: usize| (0..count).map(|number| format!("a{number}/v0.1.0"));
    let path = |types: Vec<String>| format!("/posts?post_types={}", types.join(","));
    world.get(&path(types(100).collect())).await.ok();
    // Doubled ones count once.
    let doubled = types(100).chain(types(100)).collect();
    world.get(&path(doubled)).await.ok();
    assert_eq!(
        world.get(&path(types(101).collect())).await.error(),
        (422, "there are more than 100 of post_types".into())
    );
    let entities: String = (0..101)
        .map(|number| format!("&entity[]=https://{number}.example"))
        .collect();
    assert_eq!(
        world.get(&format!("/posts?{entities}")).await.error(),
        (422, "there are more than 100 of entity".into())
    );
}

#[tokio::test]
async fn filters_and_orders_can_be_combined() {
    let world = World::new().await;
    let user = world.log_in("read_posts,write_posts", "all").await;
    let post = async |post_type: &str, published_at: i64, mentions: Value| {
        let body = json!({"type": post_type, "content": {}, "published_at": published_at, "mentions": mentions, "permissions": {"public": true}});
        world.wait(1);
        world
            .call(Some(&user), "POST", "/posts", Some(body))
            .await
            .ok()
            .json()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let a = post(STATUS, 300, json!([{"entity": "https://bob.example"}])).await;
    let b = post(
        ESSAY,
        100,
        json!([{"entity": "https://bob.example", "post": "p1"}]),
    )
    .await;
    let c = post(
        "https://tent.io/types/post/status/v0.2.0",
        200,
        json!([{"entity": "https://carol.example", "post": "p1"}]),
    )
    .await;
    let (a, b, c) = (a.as_str(), b.as_str(), c.as_str());
    let (status, essay, entity) = (encoded(STATUS), encoded(ESSAY), encoded(ENTITY));
    let (bob, carol) = (
        encoded("https://bob.example"),
        encoded("https://carol.example"),
    );
    for (query, expected) in [
        ("?sort_by=published_at".to_owned(), vec![a, c, b]),
        ("?sort_by=published_at&order=asc".into(), vec![b, c, a]),
        (format!("?sort_by=published_at&before_id={a}"), vec![c, b]),
        (
            "?sort_by=published_at&since_time=100&before_time=300".into(),
            vec![c],
        ),
        ("?sort_by=updated_at".into(), vec![c, b, a]),
        (format!("?post_types={status}"), vec![c, a]),
        (format!("?post_types={status}%2C{essay}"), vec![c, b, a]),
        (format!("?post_types[]={essay}"), vec![b]),
        ("?post_types=all".into(), vec![c, b, a]),
        (format!("?entity={entity}"), vec![c, b, a]),
        (format!("?entity={bob}"), vec![]),
        (
            format!("?entity[]={bob}&entity%5B%5D={entity}"),
            vec![c, b, a],
        ),
        (format!("?mentioned_entity={bob}"), vec![b, a]),
        (
            format!("?mentioned_entity={bob}&mentioned_post=p1"),
            vec![b],
        ),
        ("?mentioned_post=p1".into(), vec![c, b]),
        (
            format!("?mentioned_entity={carol}&post_types={essay}"),
            vec![],
        ),
        ("?original=1".into(), vec![c, b, a]),
    ] {
        for caller in [None, Some(&user)] {
            assert_eq!(list(&world, caller, &query).await, expected, "{query}");
            let path = format!("/posts/count{query}");
            let count = world.call(caller, "GET", &path, None).await.ok();
            assert_eq!(count.text(), expected.len().to_string(), "{query}");
            assert_eq!(count.header("content-type"), "application/vnd.tent.v0+json");
        }
    }
    assert_eq!(world.get("/posts?entity=bob").await.error().0, 422);
}
