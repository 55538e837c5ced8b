//! Lists against a server that is modelled: everything comes once, in order, in no more pages than
//! needed.

mod feed;
mod model;
mod slices;

use proptest::prelude::*;
use tent_flow::Series as _;
use tent_flow::script::{Answer, Clock, run};
use tent_proto::call::ListPosts;
use tent_proto::{CallError, Entity, List as _, Listing, Session};

use self::model::{Model, Ties, model};

fn session() -> Session {
    let entity: Entity = "https://alice.example".parse().unwrap();
    Session::anonymous(entity, vec!["https://a.example/tent".parse().unwrap()])
}

/// Enough cases for ties, limits and what is hidden to meet.
fn config() -> ProptestConfig {
    ProptestConfig {
        max_shrink_iters: 2000,
        ..ProptestConfig::with_cases(400)
    }
}

/// What was asked for, page by page.
#[derive(Debug, Default)]
struct Asked(Vec<ListPosts>);

impl Asked {
    fn limits(&self) -> Vec<Option<u32>> {
        self.0.iter().map(|list| list.query().limit()).collect()
    }
}

/// Reads pages, all of them or so many, and gives the ids of what they hold.
fn read(
    listing: &mut Listing<ListPosts>,
    asked: &mut Asked,
    pages: usize,
    mut serve: impl FnMut(&ListPosts) -> Answer,
) -> Result<Vec<String>, CallError> {
    let mut ids = Vec::new();
    let mut clock = Clock::at_epoch_seconds(0);
    for _ in 0..pages {
        let Some(page) = listing.next() else { break };
        let page = run(page, &mut clock, |request| {
            let list = model::received(request);
            asked.0.push(list.clone());
            serve(&list)
        });
        ids.extend(
            listing
                .take(page)?
                .into_iter()
                .map(|post| post.id.unwrap().to_string()),
        );
        assert!(asked.0.len() < 1000, "it does not end");
    }
    Ok(ids)
}

fn all(listing: &mut Listing<ListPosts>, model: &Model) -> (Vec<String>, Asked) {
    let mut asked = Asked::default();
    let ids = read(listing, &mut asked, usize::MAX, |list| model.answer(list)).unwrap();
    (ids, asked)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn everything_comes_once_in_order(model in model(), limit in prop::option::of(1_u32..12)) {
        let list = match limit {
            Some(limit) => ListPosts::new().limit(limit),
            None => ListPosts::new(),
        };
        let (ids, _) = all(&mut session().posts(list.clone()), &model);
        prop_assert_eq!(ids, model.ids(&list));
    }

    #[test]
    fn what_is_older_than_a_post_comes_once_in_order(model in model(), limit in 1_u32..12, at: prop::sample::Index) {
        prop_assume!(!model.posts.is_empty());
        let list = ListPosts::new().limit(limit).before(Some(&model::bob()), &model::id(at.get(&model.posts)));
        let (ids, _) = all(&mut session().posts(list.clone()), &model);
        prop_assert_eq!(ids, model.ids(&list));
    }

    #[test]
    fn what_is_newer_than_a_post_comes_once_oldest_first(mut model in model(), limit in 1_u32..12, at: prop::sample::Index) {
        prop_assume!(!model.posts.is_empty());
        // Only an empty page ends such a list, so it cannot pass over hidden ones.
        model.posts.iter_mut().for_each(|post| post.is_hidden = false);
        let list = ListPosts::new().limit(limit).since(Some(&model::bob()), &model::id(at.get(&model.posts)));
        let (ids, _) = all(&mut session().posts(list.clone()), &model);
        let mut expected = model.ids(&list);
        expected.reverse();
        prop_assert_eq!(ids, expected);
    }

    #[test]
    fn what_is_between_two_posts_comes_once_in_order(model in model(), limit in 1_u32..12, one: prop::sample::Index, other: prop::sample::Index) {
        prop_assume!(!model.posts.is_empty());
        let (one, other) = (one.index(model.posts.len()), other.index(model.posts.len()));
        let (newer, older) = (&model.posts[one.min(other)], &model.posts[one.max(other)]);
        let list = ListPosts::new().limit(limit).since(Some(&model::bob()), &model::id(older)).before(Some(&model::bob()), &model::id(newer));
        let (ids, _) = all(&mut session().posts(list.clone()), &model);
        prop_assert_eq!(ids, model.ids(&list));
    }

    #[test]
    fn pages_are_no_more_than_needed(count in 0_usize..60, limit in 1_usize..12) {
        let mut model = Model { posts: Vec::new(), ties: Ties::Both, has_links: true, default_limit: 50 };
        model.publish(&vec![1; count]);
        let list = ListPosts::new().limit(limit as u32);
        let (ids, asked) = all(&mut session().posts(list.clone()), &model);
        prop_assert_eq!(ids, model.ids(&list));
        // A full last page has a link to an empty one.
        prop_assert_eq!(asked.0.len(), count / limit + 1);
    }
}
