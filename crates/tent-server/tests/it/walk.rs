use std::collections::BTreeSet;

use http::header::LINK;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use tent_proto::mac::Credentials;

use crate::feed::{ids, link};
use crate::world::{STATUS, World};

/// Follows a relation from page to page.
async fn walk(
    world: &World,
    caller: Option<&Credentials>,
    start: &str,
    relation: &str,
) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut next = Some(start.to_owned());
    while let Some(path) = next {
        let page = world.call(caller, "GET", &path, None).await.ok();
        next = link(page.header(LINK), relation);
        pages.push(ids(&page.json()));
        assert!(pages.len() < 100, "the walk ends");
    }
    pages
}

#[test]
fn whoever_walks_through_the_pages_meets_each_post_once_and_in_order() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: 12,
        failure_persistence: None,
        ..Config::default()
    };
    let post = (0..4_i64, 0..4_i64, any::<bool>());
    let case = (
        prop::collection::vec(post, 0..30),
        1..8_usize,
        prop::sample::select(vec!["received_at", "published_at"]),
    );
    TestRunner::new(config)
        .run(&case, |(posts, limit, sort_by)| {
            runtime.block_on(async {
                let world = World::new().await;
                let user = world.log_in("read_posts,write_posts", "all").await;
                let mut expected = Vec::new();
                let mut received = 0;
                for (number, (wait, published_at, public)) in posts.into_iter().enumerate() {
                    world.wait(wait / 3); // mostly none, so that times are equal
                    received += wait / 3;
                    let body = json!({"type": STATUS, "content": {}, "published_at": published_at, "permissions": {"public": public}});
                    let post = world.call(Some(&user), "POST", "/posts", Some(body)).await.ok().json();
                    let time = if sort_by == "received_at" { received } else { published_at };
                    expected.push(((time, number), public, post["id"].as_str().unwrap().to_owned()));
                }
                expected.sort();
                for (caller, sees_all) in [(None, false), (Some(&user), true)] {
                    let seen = expected.iter().rev().filter(|(_, public, _)| sees_all || *public);
                    let newest_first: Vec<String> = seen.map(|(_, _, id)| id.clone()).collect();
                    let mut oldest_first = newest_first.clone();
                    oldest_first.reverse();

                    let start = format!("/posts?limit={limit}&sort_by={sort_by}");
                    prop_assert_eq!(walk(&world, caller, &start, "next").await.concat(), newest_first.clone());
                    let ascending = format!("{start}&order=asc");
                    prop_assert_eq!(walk(&world, caller, &ascending, "next").await.concat(), oldest_first);

                    // Back from the oldest post: pages come oldest first, each newest first.
                    if let Some(oldest) = newest_first.last() {
                        let back = format!("{start}&since_id={oldest}");
                        let mut pages = walk(&world, caller, &back, "prev").await;
                        prop_assert!(pages.pop().is_some_and(|page| page.is_empty()));
                        pages.reverse();
                        let back = pages.concat();
                        prop_assert_eq!(back.iter().collect::<BTreeSet<_>>().len(), back.len());
                        prop_assert_eq!(&back[..], &newest_first[..newest_first.len() - 1]);
                    }
                }
                Ok(())
            })
        })
        .unwrap();
}
