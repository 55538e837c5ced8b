//! Parts of a feed, and places in it.

use proptest::prelude::*;
use tent_flow::Series as _;
use tent_flow::script::{Clock, run};
use tent_proto::call::ListPosts;
use tent_proto::{CallError, Place, Timestamp};

use super::model::{Model, Post, Ties, model};
use super::{Asked, all, config, read, session};

/// A place, stored and loaded.
fn stored(place: &Place<ListPosts>) -> Place<ListPosts> {
    let text = serde_json::to_string(place).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn of(steps: &[i64]) -> Model {
    let mut model = Model {
        posts: Vec::new(),
        ties: Ties::Both,
        has_links: true,
        default_limit: 50,
    };
    model.publish(steps);
    model
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_first_come_and_no_more(model in model(), count in 0_usize..40, limit in prop::option::of(1_u32..12)) {
        let list = limit.map_or_else(ListPosts::new, |limit| ListPosts::new().limit(limit));
        let (ids, _) = all(&mut session().posts(list.clone()).first(count as u64), &model);
        let mut expected = model.ids(&list);
        expected.truncate(count);
        prop_assert_eq!(ids, expected);
    }

    #[test]
    fn no_more_is_asked_for_than_needed(wanted in 0_u32..1000, limit in prop::option::of(1_u32..300)) {
        let model = of(&[1; 1000]);
        let list = limit.map_or_else(ListPosts::new, |limit| ListPosts::new().limit(limit));
        let (ids, asked) = all(&mut session().posts(list).first(wanted.into()), &model);
        prop_assert_eq!(ids.len(), wanted as usize);
        let most = limit.unwrap_or(200).min(200);
        prop_assert_eq!(asked.0.len() as u32, wanted.div_ceil(most));
        prop_assert_eq!(asked.limits().into_iter().flatten().sum::<u32>(), wanted);
        prop_assert!(asked.limits().into_iter().all(|limit| limit.is_some_and(|limit| limit <= most)));
    }

    #[test]
    fn a_list_goes_on_where_it_was_left(model in model(), pages in 0_usize..8, first in prop::option::of(0_u64..20), limit in 1_u32..8) {
        let list = ListPosts::new().limit(limit);
        let mut listing = session().posts(list.clone());
        if let Some(first) = first {
            listing = listing.first(first);
        }
        let mut asked = Asked::default();
        let mut ids = read(&mut listing, &mut asked, pages, |list| model.answer(list)).unwrap();
        if let Some(place) = listing.rest() {
            ids.extend(all(&mut session().resume(stored(&place)), &model).0);
        }
        prop_assert_eq!(ids, model.ids(&list));
    }

    #[test]
    fn what_is_new_since_last_time_comes_once(mut model in model(), news in prop::collection::vec(0_i64..2, 0..20), limit in 1_u32..8, reads in 1_usize..4) {
        model.posts.iter_mut().for_each(|post| post.is_hidden = false);
        prop_assume!(!model.posts.is_empty());
        // Where a second is all there is, a server that takes "newer" for "of a later second" and has
        // no links cannot be asked for the others of it.
        let oldest = model.posts.last().map(|post| post.time);
        prop_assume!(model.ties != Ties::Neither || oldest != model.posts.first().map(|post| post.time));
        let mut listing = session().posts(ListPosts::new().limit(limit));
        all(&mut listing, &model);
        let mut place = stored(&listing.newer().unwrap());
        for news in news.chunks(reads) {
            let known = model.posts.len();
            model.publish(news);
            let mut unread = session().resume(place);
            let (ids, _) = all(&mut unread, &model);
            let new: Vec<String> = (known..model.posts.len()).map(|number| format!("p{number}")).collect();
            let mut sorted = ids.clone();
            sorted.sort_by_key(|id| id[1..].parse::<usize>().unwrap());
            prop_assert_eq!(&sorted, &new);
            place = stored(&unread.newer().unwrap());
        }
    }

    #[test]
    fn what_was_published_between_two_times_comes(model in model(), from in -1_i64..40, length in 0_i64..20) {
        let time = Timestamp::from_epoch_seconds;
        let list = ListPosts::new().between(time(from), time(from + length));
        let (ids, _) = all(&mut session().posts(list), &model);
        let is_in = |post: &&Post| !post.is_hidden && (from..from + length).contains(&post.time);
        let expected: Vec<String> = model.posts.iter().filter(is_in).map(|post| post.id.clone()).collect();
        prop_assert_eq!(ids, expected);
    }
}

#[test]
fn a_slice_may_begin_after_a_post() {
    let model = of(&[1; 9]);
    let mut post = tent_proto::Post::default();
    assert_eq!(ListPosts::new().after(&post), ListPosts::new());
    post.id = Some("p2".into());
    let list = ListPosts::new().after(&post);
    let (ids, asked) = all(&mut session().posts(list).first(3), &model);
    assert_eq!(ids, ["p3", "p4", "p5"]);
    assert_eq!(asked.limits(), [Some(3)]);
}

#[test]
fn a_second_that_outgrows_a_page_is_asked_for_once_more_and_then_an_error() {
    let mut steps = vec![0; 150];
    steps.push(1);
    let list = ListPosts::new().limit(20);
    let (ids, asked) = all(&mut session().posts(list.clone()), &of(&steps));
    assert_eq!(ids.len(), 151);
    assert_eq!(
        asked
            .limits()
            .iter()
            .filter(|limit| **limit == Some(200))
            .count(),
        1
    );

    let model = of(&[0; 300]);
    let mut asked = Asked::default();
    let mut listing = session().posts(list);
    let result = read(&mut listing, &mut asked, usize::MAX, |list| {
        model.answer(list)
    });
    let Err(CallError::Ties { url }) = result else {
        panic!("{result:?}");
    };
    assert!(url.query().unwrap().contains("limit=200"), "{url}");
    assert!(listing.next().is_none() && listing.rest().is_none());
}

#[test]
fn a_page_that_did_not_come_is_where_the_list_goes_on() {
    let model = of(&[1; 9]);
    let mut listing = session().posts(ListPosts::new().limit(4));
    let mut asked = Asked::default();
    let ids = read(&mut listing, &mut asked, 1, |list| model.answer(list)).unwrap();
    assert_eq!(ids.len(), 4);
    let page = run(
        listing.next().unwrap(),
        &mut Clock::at_epoch_seconds(0),
        |_| tent_flow::script::Answer::status(503),
    );
    assert!(listing.take(page).is_err());
    assert!(listing.next().is_none());
    let (ids, _) = all(
        &mut session().resume(stored(&listing.rest().unwrap())),
        &model,
    );
    assert_eq!(ids, ["p4", "p3", "p2", "p1", "p0"]);
}

#[test]
fn nothing_is_new_until_something_was_read() {
    let model = of(&[]);
    let mut listing = session().posts(ListPosts::new());
    all(&mut listing, &model);
    assert!(listing.newer().is_none());
    // A list of what is newer stays where it was.
    let list = ListPosts::new().since(None, &"p0".into());
    let mut listing = session().posts(list.clone());
    all(&mut listing, &of(&[1]));
    assert_eq!(listing.newer().unwrap().list(), &list);
}
