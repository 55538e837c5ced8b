//! Lists: paging by links, by ids, and coming to an end.

use proptest::prelude::*;
use tent_flow::script::{Answer, Clock, Script, run};
use tent_flow::{Seed, Series};
use tent_proto::call::ListPosts;
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::{CallError, Entity, Post, PostId, Session, TypeUri};

const ROOT: &str = "https://a.example/tent";

fn session() -> Session {
    let entity: Entity = "https://alice.example".parse().unwrap();
    let credentials = Credentials::new("u:1", "k", Algorithm::HmacSha256).unwrap();
    Session::new(
        entity,
        vec![ROOT.parse().unwrap()],
        credentials,
        Seed::new([7; 32]),
    )
}

fn page(ids: &[&str]) -> Answer {
    let posts: Vec<String> = ids
        .iter()
        .map(|id| format!(r#"{{"id":"{id}","entity":"https://bob.example"}}"#))
        .collect();
    Answer::json(format!("[{}]", posts.join(",")))
}

fn link(answer: Answer, relation: &str, query: &str) -> Answer {
    answer.header(
        "link",
        &format!("</tent/posts?{query}>; rel=\"{relation}\""),
    )
}

fn all(script: &mut Script, list: ListPosts) -> Result<Vec<String>, CallError> {
    let mut posts = session().posts(list);
    let mut ids = Vec::new();
    while let Some(flow) = posts.next() {
        let page = posts.take(script.run(flow))?;
        ids.extend(page.into_iter().map(|post| post.id.unwrap().to_string()));
    }
    Ok(ids)
}

#[test]
fn parameters_are_those_of_the_protocol() {
    let bob: Entity = "https://bob.example".parse().unwrap();
    let id = PostId::from("Zz8");
    let list = ListPosts::new()
        .limit(20)
        .before(Some(&bob), &id)
        .entity(&bob)
        .entity(&"https://carol.example".parse().unwrap())
        .post_type(&TypeUri::status())
        .post_type(&TypeUri::from("https://a.example/t/v1"));
    let expected = "https://a.example/tent/posts?limit=20&before_id=Zz8\
        &before_id_entity=https%3A%2F%2Fbob.example\
        &entity%5B%5D=https%3A%2F%2Fbob.example&entity%5B%5D=https%3A%2F%2Fcarol.example\
        &post_types=https%3A%2F%2Ftent.io%2Ftypes%2Fpost%2Fstatus%2Fv0.1.0%2Chttps%3A%2F%2Fa.example%2Ft%2Fv1";
    let mut script = Script::new().on("GET", expected, page(&[]));
    script.run(session().list_posts(list)).unwrap();
}

#[test]
fn a_cursor_of_ones_own_has_no_entity() {
    let (bob, id) = ("https://bob.example".parse().unwrap(), PostId::from("a"));
    let list = ListPosts::new().before(Some(&bob), &id).before(None, &id);
    let mut script = Script::new().on("GET", &format!("{ROOT}/posts?before_id=a"), page(&[]));
    script.run(session().list_posts(list)).unwrap();
}

#[test]
fn links_lead_to_older_and_newer_pages() {
    let answer = link(page(&["b", "a"]), "next", "limit=2&before_id=a&odd=%2B1");
    let answer = link(answer, "prev", "limit=2&since_id=b");
    let mut script = Script::new()
        .on("GET", &format!("{ROOT}/posts?limit=2"), answer)
        .on(
            "GET",
            &format!("{ROOT}/posts?limit=2&before_id=a&odd=%2B1"),
            page(&[]),
        );
    let first = script
        .run(session().list_posts(ListPosts::new().limit(2)))
        .unwrap();
    assert_eq!(first.items.len(), 2);
    let last = script
        .run(session().list_posts(first.next.unwrap()))
        .unwrap();
    assert!(last.next.is_none() && last.previous.is_none());
    assert!(first.previous.is_some());
}

#[test]
fn a_full_last_page_is_followed_by_an_empty_one_and_the_end() {
    let mut script = Script::new()
        .on(
            "GET",
            &format!("{ROOT}/posts"),
            link(page(&["c", "b"]), "next", "before_id=b"),
        )
        .on(
            "GET",
            &format!("{ROOT}/posts?before_id=b"),
            link(page(&["b", "a"]), "next", "before_id=a"),
        )
        .on("GET", &format!("{ROOT}/posts?before_id=a"), page(&[]));
    // `b` came twice, as posts of one second do.
    assert_eq!(all(&mut script, ListPosts::new()).unwrap(), ["c", "b", "a"]);
    script.finish();
}

#[test]
fn posts_of_two_entities_may_share_an_id() {
    let both = Answer::json(
        r#"[{"id":"a","entity":"https://bob.example"},{"id":"a","entity":"https://carol.example"}]"#,
    );
    let mut script = Script::new().on(
        "GET",
        &format!("{ROOT}/posts"),
        link(both, "prev", "since_id=a"),
    );
    assert_eq!(all(&mut script, ListPosts::new()).unwrap(), ["a", "a"]);
}

#[test]
fn a_page_with_links_but_no_next_is_the_last() {
    let answer = link(page(&["a"]), "prev", "since_id=a");
    let mut script = Script::new().on("GET", &format!("{ROOT}/posts"), answer);
    assert_eq!(all(&mut script, ListPosts::new()).unwrap(), ["a"]);
    script.finish();
}

#[test]
fn an_empty_page_in_the_middle_is_not_the_end() {
    let mut script = Script::new()
        .on(
            "GET",
            &format!("{ROOT}/posts"),
            link(page(&[]), "next", "before_id=x"),
        )
        .on(
            "GET",
            &format!("{ROOT}/posts?before_id=x"),
            link(page(&["a"]), "prev", "since_id=a"),
        );
    assert_eq!(all(&mut script, ListPosts::new()).unwrap(), ["a"]);
    script.finish();
}

#[test]
fn links_that_lead_in_circles_end() {
    let mut script = Script::new()
        .on(
            "GET",
            &format!("{ROOT}/posts"),
            link(page(&["b"]), "next", "before_id=b"),
        )
        .on(
            "GET",
            &format!("{ROOT}/posts?before_id=b"),
            link(page(&["a"]), "next", "before_id=b"),
        );
    assert_eq!(all(&mut script, ListPosts::new()).unwrap(), ["b", "a"]);
    let mut script = Script::new()
        .on(
            "GET",
            &format!("{ROOT}/posts"),
            link(page(&["a"]), "next", "x=1"),
        )
        .on(
            "GET",
            &format!("{ROOT}/posts?x=1"),
            link(page(&["a"]), "next", "x=2"),
        )
        // Bigger pages may have more.
        .on(
            "GET",
            &format!("{ROOT}/posts?x=1&limit=200"),
            link(page(&["a"]), "next", "x=2"),
        )
        .on(
            "GET",
            &format!("{ROOT}/posts?x=2&limit=200"),
            link(page(&["a"]), "next", "x=1"),
        );
    assert_eq!(all(&mut script, ListPosts::new()).unwrap(), ["a"]);
    script.finish();
}

#[test]
fn without_links_ids_lead_on_along_with_their_entity() {
    let before = "before_id=a&before_id_entity=https%3A%2F%2Fbob.example";
    let mut script = Script::new()
        .on("GET", &format!("{ROOT}/posts?limit=2"), page(&["b", "a"]))
        .on("GET", &format!("{ROOT}/posts?limit=2&{before}"), page(&[]));
    assert_eq!(
        all(&mut script, ListPosts::new().limit(2)).unwrap(),
        ["b", "a"]
    );
    script.finish();
}

#[test]
fn what_is_between_two_posts_ends_at_the_older_one() {
    let between = |before| format!("{ROOT}/posts?since_id=0&before_id={before}");
    let id = PostId::from;
    let list = || {
        ListPosts::new()
            .since(None, &id("0"))
            .before(None, &id("9"))
    };
    // The links of some servers have one cursor only.
    let mut script = Script::new()
        .on(
            "GET",
            &between("9"),
            link(page(&["8"]), "next", "before_id=8"),
        )
        .on(
            "GET",
            &format!("{ROOT}/posts?before_id=8&since_id=0"),
            page(&[]),
        );
    assert_eq!(all(&mut script, list()).unwrap(), ["8"]);
    script.finish();
    // Without links, ids lead on.
    let rest = "since_id=0&before_id=8&before_id_entity=https%3A%2F%2Fbob.example";
    let mut script = Script::new().on("GET", &between("9"), page(&["8"])).on(
        "GET",
        &format!("{ROOT}/posts?{rest}"),
        page(&[]),
    );
    assert_eq!(all(&mut script, list()).unwrap(), ["8"]);
    script.finish();
}

#[test]
fn what_is_newer_than_a_post_comes_oldest_first() {
    let since = |id| format!("{ROOT}/posts?since_id={id}");
    let mut script = Script::new()
        .on(
            "GET",
            &since("0"),
            link(page(&["2", "1"]), "prev", "since_id=2"),
        )
        .on("GET", &since("2"), link(page(&["3"]), "prev", "since_id=3"))
        .on("GET", &since("3"), link(page(&[]), "prev", "since_id=4"));
    let list = ListPosts::new().since(None, &PostId::from("0"));
    assert_eq!(all(&mut script, list).unwrap(), ["1", "2", "3"]);
    script.finish();
}

#[test]
fn a_link_to_another_origin_is_refused() {
    for target in [
        "https://evil.example/tent/posts?x",
        "http://a.example/tent/posts",
        "//evil.example/x",
    ] {
        let answer = page(&["a"]).header("link", &format!("<{target}>; rel=\"next\""));
        let mut script = Script::new().on("GET", &format!("{ROOT}/posts"), answer);
        let error = all(&mut script, ListPosts::new()).unwrap_err();
        assert!(matches!(error, CallError::Decode { .. }), "{error:?}");
        script.finish();
    }
}

#[test]
fn a_page_that_does_not_come_ends_the_list() {
    let mut script = Script::new().on("GET", &format!("{ROOT}/posts"), Answer::status(403));
    let mut posts = session().posts(ListPosts::new());
    let page = script.run(posts.next().unwrap());
    assert!(posts.take(page).is_err());
    assert!(posts.next().is_none());
}

/// A server of so many posts, which gives at most `limit` of them on a page, as the reference server
/// does.
fn serve(count: usize, limit: usize, query: &str) -> Answer {
    let before: usize = query
        .rsplit_once("before_id=")
        .map_or(count, |(_, id)| id.parse().unwrap());
    let ids: Vec<String> = (before.saturating_sub(limit)..before)
        .rev()
        .map(|id| id.to_string())
        .collect();
    let answer = page(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    match ids.last() {
        None => answer,
        Some(last) if ids.len() == limit => link(
            link(answer, "prev", "since_id=0"),
            "next",
            &format!("before_id={last}"),
        ),
        Some(_) => link(answer, "prev", "since_id=0"),
    }
}

proptest! {
    #[test]
    fn every_post_comes_once_in_order(count in 0_usize..60, limit in 1_usize..12) {
        let mut posts = session().posts(ListPosts::new());
        let mut clock = Clock::at_epoch_seconds(0);
        let mut found: Vec<Post> = Vec::new();
        while let Some(flow) = posts.next() {
            let page = run(flow, &mut clock, |seen| serve(count, limit, seen.url.query().unwrap_or("")));
            found.extend(posts.take(page).unwrap());
        }
        let found: Vec<usize> = found.iter().map(|post| post.id.as_ref().unwrap().as_str().parse().unwrap()).collect();
        prop_assert_eq!(found, (0..count).rev().collect::<Vec<_>>());
    }
}
