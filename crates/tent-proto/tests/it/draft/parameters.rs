//! Parameters, as the document writes them.

use proptest::prelude::*;
use tent_proto::call::Call;
use tent_proto::draft::call::*;
use tent_proto::draft::model::TypeReference;
use tent_proto::{PostId, Timestamp};

use super::{READ, ROOT, answer, make, repost};

fn query(list: &ListPosts) -> String {
    let server = ROOT.parse().unwrap();
    let url = list.request(&server).unwrap().url;
    assert_eq!((url.path(), url.fragment()), ("/posts", None));
    url.query().unwrap_or_default().to_owned()
}

fn in_view(name: &str, view: &str) -> TypeReference {
    TypeReference::new(format!("https://tent.io/post-types/{name}"), "0.1.0").in_view(view)
}

#[test]
fn of_a_list_each_is_there() {
    let id = PostId::from("80b445839dd1");
    let time = Timestamp::from_epoch_seconds(1_345_575_602);
    let list = ListPosts::new;
    for (list, expected) in [
        (list(), ""),
        (list().fetch(Fetch::True), "fetch=true"),
        (list().fetch(Fetch::Force), "fetch=force"),
        (
            list().of("smithson.me").of("sheldon.io"),
            "entity=smithson%2Eme,sheldon%2Eio",
        ),
        (
            // As printed in the document, but for the number signs, which would begin a fragment.
            list()
                .post_type(&in_view("post", "excerpt"))
                .post_type(&in_view("photo", "thumb")),
            "post_types=https%3A%2F%2Ftent%2Eio%2Fpost-types%2Fpost%23%23excerpt,\
             https%3A%2F%2Ftent%2Eio%2Fpost-types%2Fphoto%23%23thumb",
        ),
        (list().since(&id), "since_id=80b445839dd1"),
        (list().before(&id), "before_id=80b445839dd1"),
        (list().since_time(time), "since_time=1345575602"),
        (list().before_time(time), "before_time=1345575602"),
        (list().limit(500), "limit=500"),
        // A comma within a value is no comma of the list.
        (list().of("a,b").of("c"), "entity=a%2Cb,c"),
    ] {
        assert_eq!(query(&list), expected);
    }
}

#[test]
fn of_a_list_all_go_together_and_are_signed_as_they_are_sent() {
    let (since, before) = (PostId::from("80b4"), PostId::from("9ac1"));
    let at = Timestamp::from_epoch_seconds;
    let list = ListPosts::new()
        .fetch(Fetch::True)
        .of("smithson.me")
        .post_type(&in_view("photo", "thumb"))
        .since(&since)
        .before(&before)
        .since_time(at(1))
        .before_time(at(2))
        .limit(3);
    let target = "GET /posts?fetch=true&entity=smithson%2Eme\
         &post_types=https%3A%2F%2Ftent%2Eio%2Fpost-types%2Fphoto%23%23thumb\
         &since_id=80b4&before_id=9ac1&since_time=1&before_time=2&limit=3";
    make(
        list.clone(),
        target,
        &READ,
        answer(&serde_json::json!([repost()])),
    );
    // Said again, a single one is replaced.
    assert!(query(&list.limit(9)).ends_with("&limit=9"));
}

#[test]
fn of_a_post_each_is_there() {
    let get = || GetPost::new("3fe1abef41cb");
    for (call, query) in [
        (get(), ""),
        (get().of("smithson.me"), "?entity=smithson%2Eme"),
        (get().fetch(Fetch::True), "?fetch=true"),
        (get().fetch(Fetch::False), "?fetch=false"),
    ] {
        let target = format!("GET /posts/3fe1abef41cb{query}");
        make(call, &target, &READ, answer(&repost()));
    }
}

proptest! {
    /// Split at the commas first, decoded then, the values are the ones that were given.
    #[test]
    fn lists_are_split_first_and_decoded_then(names in prop::collection::vec(".{1,12}", 1..4)) {
        let list = names.iter().fold(ListPosts::new(), |list, name| list.of(name));
        let query = query(&list);
        let value = query.strip_prefix("entity=").unwrap();
        let decoded: Vec<String> = value
            .split(',')
            .map(|one| percent_encoding::percent_decode_str(one).decode_utf8().unwrap().into_owned())
            .collect();
        prop_assert_eq!(decoded, names);
    }
}
