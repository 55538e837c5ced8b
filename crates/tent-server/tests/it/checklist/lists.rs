//! S5: how pages lead to one another.

use serde_json::json;

use super::Ground;

/// The target of a relation in a `Link` header.
fn link(header: &str, relation: &str) -> Option<String> {
    let mut links = header.split(", ");
    let link = links.find(|link| link.ends_with(&format!("rel=\"{relation}\"")))?;
    let (target, _) = link.strip_prefix('<')?.split_once('>')?;
    Some(target.to_owned())
}

async fn ground() -> Ground {
    let ground = Ground::new();
    for number in 0..5 {
        ground.publish(&number.to_string(), true).await;
    }
    ground
}

#[tokio::test]
async fn s5_links_are_path_absolute() {
    let ground = ground().await;
    let page = ground.anonymous("GET", "/posts?limit=2").await;
    for relation in ["prev", "next"] {
        let target = link(page.header("link"), relation).unwrap();
        assert!(
            target.starts_with("/posts?") && target.contains("limit=2"),
            "{target}"
        );
    }
}

#[tokio::test]
async fn s5_prev_is_always_there_and_next_unless_the_page_is_short() {
    let ground = ground().await;
    let mut path = "/posts?limit=2".to_owned();
    let mut texts = Vec::new();
    for length in [2, 2, 1] {
        let page = ground.anonymous("GET", &path).await;
        let posts = page.json();
        let posts = posts.as_array().unwrap();
        texts.extend(posts.iter().map(|post| post["content"]["text"].clone()));
        assert_eq!(posts.len(), length);
        assert!(link(page.header("link"), "prev").is_some(), "{page:?}");
        let next = link(page.header("link"), "next");
        assert_eq!(next.is_none(), length < 2, "{page:?}");
        path = next.unwrap_or(path);
    }
    assert_eq!(texts, ["4", "3", "2", "1", "0"]);
}

#[tokio::test]
async fn s5_an_empty_page_has_no_links() {
    let ground = ground().await;
    let page = ground.anonymous("GET", "/posts").await;
    let newer = link(page.header("link"), "prev").unwrap();
    for path in [
        newer.as_str(),
        "/posts?limit=0",
        "/posts?before_id=nothing",
        "/groups",
    ] {
        let page = ground.ask("GET", path, None).await;
        assert_eq!(
            (page.json(), page.header("link")),
            (json!([]), ""),
            "{path}"
        );
    }
}
