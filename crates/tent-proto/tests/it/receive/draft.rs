//! Calls of the draft.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use tent_proto::Timestamp;
use tent_proto::call::ReceiveError;
use tent_proto::draft::call::*;
use tent_proto::draft::model::{
    Follower, Following, Info, License, Mention, Post, Removed, TypeReference,
};

use super::any_post::{content, extra, timestamp};
use super::{id, read, round_trip};
use crate::apps::app;

fn host() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9-]{0,8}\\.example(/[a-z]{1,4})?"
}

fn text() -> impl Strategy<Value = Option<String>> {
    of("[ -~é]{1,12}")
}

fn reference() -> impl Strategy<Value = TypeReference> {
    let url = "https://[a-z]{1,6}\\.example/types/[a-z]{1,6}";
    (url, "[0-9]\\.[0-9]\\.[0-9]", of("[a-z]{1,7}"), extra()).prop_map(
        |(url, version, view, extra)| {
            let mut reference = TypeReference::new(url, version);
            reference.view = view;
            reference.extra = extra;
            reference
        },
    )
}

fn license() -> impl Strategy<Value = License> {
    ("https://[a-z]{1,6}\\.example", "[0-9]\\.[0-9]")
        .prop_map(|(url, version)| License::new(url, version))
}

fn info() -> impl Strategy<Value = Info> {
    let parts = (of(reference()), vec(license(), 0..3), of(host()), extra());
    (parts, vec("https://[a-z]{1,6}\\.example", 0..3)).prop_map(|(parts, servers)| {
        let mut info = Info::default();
        (info.info_type, info.licenses, info.entity, info.extra) = parts;
        info.servers = servers;
        info
    })
}

fn following() -> impl Strategy<Value = Following> {
    let lists = (
        vec("[a-z]{1,6}", 0..3),
        vec(license(), 0..3),
        vec(reference(), 0..3),
    );
    (of(id()), host(), lists, extra()).prop_map(|(id, entity, lists, extra)| {
        let mut following = Following::default();
        following.id = id.map(Into::into);
        following.entity = Some(entity);
        (following.groups, following.licenses, following.post_types) = lists;
        following.extra = extra;
        following
    })
}

fn follower() -> impl Strategy<Value = Follower> {
    let names = (text(), text());
    (of(host()), vec("[a-z]{1,6}", 0..3), names, extra()).prop_map(
        |(entity, groups, names, extra)| {
            let mut follower = Follower::default();
            (follower.entity, follower.groups, follower.extra) = (entity, groups, extra);
            (follower.full_name, follower.display_name) = names;
            follower
        },
    )
}

fn mention() -> impl Strategy<Value = Mention> {
    (of(host()), of(id())).prop_map(|(entity, id)| {
        let mut mention = Mention::default();
        mention.entity = entity;
        mention.id = id.map(Into::into);
        mention
    })
}

fn post() -> impl Strategy<Value = Post> {
    let what = (of(id()), of(timestamp()), of(host()), of(content()));
    let about = (
        vec("[a-z.]{1,8}", 0..3),
        vec(license(), 0..3),
        vec(mention(), 0..3),
    );
    (what, about, extra()).prop_map(|(what, about, extra)| {
        let mut post = Post::default();
        post.id = what.0.map(Into::into);
        (post.time, post.entity, post.content) = (what.1, what.2, what.3);
        (post.recipients, post.licences, post.mentions) = about;
        post.extra = extra;
        post
    })
}

fn removed() -> impl Strategy<Value = Removed> {
    (of("[a-z0-9]{1,8}"), of(host()), extra()).prop_map(|(id, entity, extra)| {
        let mut removed = Removed::default();
        (removed.id, removed.entity, removed.extra) = (id, entity, extra);
        removed
    })
}

fn fetch() -> impl Strategy<Value = Fetch> {
    prop_oneof![Just(Fetch::False), Just(Fetch::True), Just(Fetch::Force)]
}

/// A list that may have any parameter.
fn list() -> impl Strategy<Value = ListPosts> {
    let what = (of(fetch()), vec(host(), 0..3), vec(reference(), 0..3));
    let bounds = (of(id()), of(id()), of(timestamp()), of(timestamp()));
    (what, bounds, of(any::<u32>())).prop_map(|((fetch, entities, types), bounds, limit)| {
        let mut list = ListPosts::new();
        list = bounds.3.into_iter().fold(list, ListPosts::before_time);
        list = fetch.into_iter().fold(list, ListPosts::fetch);
        list = entities.iter().fold(list, |list, host| list.of(host));
        list = types.iter().fold(list, ListPosts::post_type);
        let ids = (bounds.0.map(Into::into), bounds.1.map(Into::into));
        list = ids.0.iter().fold(list, ListPosts::since);
        list = ids.1.iter().fold(list, ListPosts::before);
        list = bounds.2.into_iter().fold(list, ListPosts::since_time);
        limit.into_iter().fold(list, ListPosts::limit)
    })
}

#[test]
fn calls_without_parameters() {
    round_trip(&GetProfile::default()).unwrap();
    round_trip(&ListFollowings::default()).unwrap();
    round_trip(&ListFollowers::default()).unwrap();
}

proptest! {
    #[test]
    fn update_profile(profile in vec(info(), 0..4)) {
        round_trip(&UpdateProfile::new(profile))?;
    }

    #[test]
    fn followings(id in id(), following in following()) {
        let mut create = CreateFollowing::new("a.example");
        create.following = following.clone();
        round_trip(&create)?;
        round_trip(&UpdateFollowing::new(id.as_str(), following))?;
        round_trip(&DeleteFollowing::new(id))?;
    }

    #[test]
    fn followers(id in id(), follower in follower()) {
        round_trip(&GetFollower::new(id.as_str()))?;
        round_trip(&UpdateFollower::new(id.as_str(), follower))?;
        round_trip(&DeleteFollower::new(id))?;
    }

    #[test]
    fn create_follower(host in host(), license in license(), wanted in reference()) {
        let call = CreateFollower::new(host);
        round_trip(&call)?;
        round_trip(&call.under(license).post_type(wanted))?;
    }

    #[test]
    fn create_post(post in post()) {
        round_trip(&CreatePost::new(post))?;
    }

    #[test]
    fn get_post(id in id(), entity in of(host()), fetch in of(fetch())) {
        let mut call = GetPost::new(id);
        call.entity = entity;
        call.fetch = fetch;
        round_trip(&call)?;
    }

    #[test]
    fn list_posts(list in list()) {
        round_trip(&list)?;
    }

    #[test]
    fn apps(id in id(), app in app(), code in "[ -~é]{0,12}") {
        round_trip(&RegisterApp::new(app.clone()))?;
        round_trip(&UpdateApp::new(id.as_str(), app))?;
        round_trip(&ExchangeCode::new(id.into(), code.into()))?;
    }

    #[test]
    fn notifications(posts in vec(post(), 0..3), removed in vec(removed(), 0..3)) {
        round_trip(&NotifyPosts::new(posts))?;
        round_trip(&NotifyRemovals::new(removed))?;
    }
}

fn listed(query: &str) -> Result<ListPosts, ReceiveError> {
    read("GET", &format!("posts?{query}"), "")
}

#[test]
fn what_a_list_asks_for_is_read_however_it_is_escaped() {
    let plain = "fetch=force&entity=smithson.me,sheldon%2Eio&limit=7&since_time=9&before_time=10\
        &since_id=a%2Fb&before_id=c&post_types=https://tent.io/post-types/post%23excerpt,\
        https%3A%2F%2Ftent%2Eio%2Fpost-types%2Fphoto%23%23thumb,https://x.example/t%23%230.1.0&x=y&limit=8";
    let list = listed(plain).unwrap();
    assert_eq!(list.asked_fetch(), Some(Fetch::Force));
    let entities: Vec<_> = list.asked_entities().collect();
    assert_eq!(entities, ["smithson.me", "sheldon.io"]);
    let mut post = TypeReference::default();
    post.url = Some("https://tent.io/post-types/post".to_owned());
    let mut photo = TypeReference::default();
    photo.url = Some("https://tent.io/post-types/photo".to_owned());
    let versioned = TypeReference::new("https://x.example/t", "0.1.0");
    let types: Vec<_> = list.asked_types().collect();
    let expected = [post.in_view("excerpt"), photo.in_view("thumb"), versioned];
    assert_eq!(types, expected);
    assert_eq!(list.asked_since(), Some("a/b".into()));
    assert_eq!(list.asked_before(), Some("c".into()));
    let seconds = |time: Option<Timestamp>| time.map(|time| time.epoch_seconds());
    assert_eq!(seconds(list.asked_since_time()), Some(9));
    assert_eq!(seconds(list.asked_before_time()), Some(10));
    assert_eq!(list.asked_limit(), Some(7));
    assert_eq!(
        listed("limit=7&limit=8").unwrap(),
        ListPosts::new().limit(7)
    );
    let spaced = listed("since_id=a+b&before_id=a%2Bb").unwrap();
    assert_eq!(spaced.asked_since(), Some("a b".into()));
    assert_eq!(spaced.asked_before(), Some("a+b".into()));
}

#[test]
fn a_comma_within_a_value_is_none_of_the_list() {
    let list = listed("entity=a%2Cb,c,,&post_types=").unwrap();
    assert_eq!(list.asked_entities().collect::<Vec<_>>(), ["a,b", "c"]);
    assert_eq!(list.asked_types().count(), 0);
}

#[test]
fn parameters_that_mean_nothing_are_told() {
    for query in ["fetch=maybe", "limit=-1", "since_time=x", "before_time=1e9"] {
        let error = listed(query).unwrap_err();
        assert!(matches!(error, ReceiveError::Parameter { .. }), "{query}");
    }
    let post = read::<GetPost>("GET", "posts/p?fetch=maybe", "").unwrap_err();
    assert!(matches!(post, ReceiveError::Parameter { .. }), "{post:?}");
}

#[test]
fn one_object_is_a_list_of_it_and_all_else_is_refused() {
    let alone = read::<NotifyPosts>("POST", "notifications", r#"{"id":"p"}"#).unwrap();
    assert_eq!(alone.posts.len(), 1);
    for body in [r#"[["p"]]"#, "[1]", "[null]"] {
        let error = read::<NotifyPosts>("POST", "notifications", body).unwrap_err();
        assert!(matches!(error, ReceiveError::NotAnObject), "{body}");
    }
    let array = read::<CreatePost>("POST", "posts", "[]").unwrap_err();
    assert!(matches!(array, ReceiveError::NotAnObject), "{array:?}");
    let nobody = read::<CreateFollowing>("POST", "following", r#"{"groups":[]}"#).unwrap_err();
    assert!(matches!(nobody, ReceiveError::Body(_)), "{nobody:?}");
}

#[test]
fn a_code_is_not_shown_in_an_error() {
    for body in [r#"{"code":["hush"]}"#, "code=hush"] {
        let error = read::<ExchangeCode>("POST", "apps/a/access_token", body);
        assert!(!format!("{:?}", error.unwrap_err()).contains("hush"));
    }
}
