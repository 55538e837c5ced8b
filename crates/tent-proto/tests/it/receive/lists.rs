//! Lists and counts.

use http::{HeaderMap, Method};
use proptest::option;
use proptest::prelude::*;
use tent_proto::call::{
    Count, ListFollowers, ListFollowings, ListGroups, ListMentions, ListPosts, ListVersions,
    Receive, ReceiveError, Received, SortBy,
};
use tent_proto::{Entity, GroupId, List, Place, PostId, Timestamp, TypeUri};

use super::{entity, id, round_trip};

/// A builder that is used when there is something to build with.
fn maybe<L, T>(list: L, value: Option<T>, set: impl FnOnce(L, T) -> L) -> L {
    match value {
        Some(value) => set(list, value),
        None => list,
    }
}

fn cursor() -> impl Strategy<Value = Option<(Option<Entity>, PostId)>> {
    option::of((option::of(entity()), id().prop_map(PostId::from)))
}

fn time() -> impl Strategy<Value = Option<Timestamp>> {
    option::of(any::<i64>().prop_map(Timestamp::from_epoch_seconds))
}

fn types() -> impl Strategy<Value = Vec<TypeUri>> {
    let uri = "https://[a-z]{1,5}\\.example/t[ -+a-z]{0,4}/v[0-9]\\.[0-9]\\.0";
    prop::collection::vec(
        uri.prop_map(|uri: String| TypeUri::from(uri.replace(' ', "~"))),
        0..4,
    )
}

fn bounds() -> impl Strategy<Value = ListPosts> {
    (option::of(any::<u32>()), cursor(), cursor(), cursor()).prop_map(
        |(limit, since, before, until)| {
            let list = maybe(ListPosts::new(), limit, ListPosts::limit);
            let list = maybe(list, since, |list, (of, id)| list.since(of.as_ref(), &id));
            let list = maybe(list, before, |list, (of, id)| list.before(of.as_ref(), &id));
            maybe(list, until, |list, (of, id)| list.until(of.as_ref(), &id))
        },
    )
}

/// Every parameter, in two orders of saying them.
fn posts() -> impl Strategy<Value = (ListPosts, ListPosts)> {
    let column = option::of(prop::sample::select(vec![
        SortBy::ReceivedAt,
        SortBy::PublishedAt,
        SortBy::UpdatedAt,
    ]));
    let entities = prop::collection::vec(entity(), 0..4);
    let mentioned = option::of((entity(), option::of(id().prop_map(PostId::from))));
    let rest = (
        time(),
        time(),
        column,
        any::<[bool; 2]>(),
        option::of("[a-z]{1,5}"),
    );
    (bounds(), entities, types(), mentioned, rest).prop_map(
        |(list, entities, types, mentioned, rest)| {
            let filtered = |list: ListPosts, reversed: bool| {
                let mut entities: Vec<&Entity> = entities.iter().collect();
                let mut types: Vec<&TypeUri> = types.iter().collect();
                if reversed {
                    entities.reverse();
                    types.reverse();
                }
                let list = entities.into_iter().fold(list, ListPosts::entity);
                types.into_iter().fold(list, ListPosts::post_type)
            };
            let others = |list| {
                let (since, before, column, [oldest, original], view) = rest.clone();
                let list = maybe(list, since, ListPosts::since_time);
                let list = maybe(list, before, ListPosts::before_time);
                let list = maybe(list, column, ListPosts::sort_by);
                let list = maybe(list, oldest.then_some(()), |list, ()| list.oldest_first());
                let list = maybe(list, original.then_some(()), |list, ()| list.original());
                let list = maybe(list, view, |list, view| list.view(&view));
                maybe(list, mentioned.clone(), |list, (entity, post)| match post {
                    Some(post) => list.mentioning_post(&entity, &post),
                    None => list.mentioning(&entity),
                })
            };
            (
                others(filtered(list.clone(), false)),
                filtered(others(list), true),
            )
        },
    )
}

/// A list is received, also as its count, and survives being stored.
fn survives<L>(list: &L) -> Result<(), TestCaseError>
where
    L: List + std::fmt::Debug + serde::Serialize + serde::de::DeserializeOwned,
{
    round_trip(list)?;
    round_trip(&Count::new(list.clone()))?;
    let stored = serde_json::to_string(list).unwrap();
    prop_assert_eq!(&serde_json::from_str::<L>(&stored).unwrap(), list);
    let place = Place::new(list.clone());
    let stored = serde_json::to_string(&place).unwrap();
    prop_assert_eq!(serde_json::from_str::<Place<L>>(&stored).unwrap(), place);
    Ok(())
}

proptest! {
    #[test]
    fn list_posts((one, other) in posts()) {
        prop_assert_eq!(&one, &other, "the order of saying it makes no difference");
        survives(&one)?;
        survives(&other)?;
    }

    #[test]
    fn list_relations(limit: u32, since in id(), before in id(), entity in entity(), choices: [bool; 5]) {
        let [limited, is_since, is_before, filtered, secrets] = choices;
        macro_rules! check {
            ($list:ty) => {{
                let list = maybe(<$list>::new(), limited.then_some(limit), <$list>::limit);
                let list = maybe(list, is_since.then(|| since.as_str().into()), |list, id| list.since(&id));
                let list = maybe(list, is_before.then(|| before.as_str().into()), |list, id| list.before(&id));
                let list = maybe(list, filtered.then_some(&entity), <$list>::entity);
                survives(&maybe(list, secrets.then_some(()), |list, ()| list.with_secrets()))?;
            }};
        }
        check!(ListFollowers);
        check!(ListFollowings);
    }

    #[test]
    fn list_groups(limit: u32, until in id()) {
        survives(&ListGroups::new())?;
        survives(&ListGroups::new().limit(limit).until(&GroupId::from(until)).oldest_first())?;
    }

    #[test]
    fn list_versions(post in id(), limit: Option<u32>, since: Option<u64>, before: Option<u64>, until: Option<u64>) {
        let list = maybe(ListVersions::new(post), limit, ListVersions::limit);
        let list = maybe(list, since, ListVersions::since);
        let list = maybe(list, before, ListVersions::before);
        survives(&maybe(list, until, ListVersions::until))?;
    }

    #[test]
    fn list_mentions(post in id(), since in cursor(), before in cursor(), types in types()) {
        let list = maybe(ListMentions::new(post), since, |list, (of, id)| list.since(of.as_ref(), &id));
        let list = maybe(list, before, |list, (of, id)| list.before(of.as_ref(), &id));
        survives(&types.iter().fold(list, ListMentions::post_type))?;
    }

    #[test]
    fn no_query_panics(query in ".{0,80}", known in "(limit|since_id|entity\\[\\]|post_types|sort_by)=.{0,20}") {
        for query in [query, known] {
            let _ = read::<ListPosts>(&Method::GET, "/posts", &query);
        }
    }
}

fn read<C: Receive>(method: &Method, path: &str, query: &str) -> Result<C, ReceiveError> {
    let (headers, body) = (HeaderMap::new(), "".into());
    C::receive(&Received::new(method, path, Some(query), &headers, &body)?)
}

fn list(query: &str) -> Result<ListPosts, ReceiveError> {
    read(&Method::GET, "/posts", query)
}

#[test]
fn what_clients_of_other_makes_write_is_read() {
    let (a, b) = (
        "https://a.example".parse().unwrap(),
        "https://b.example".parse().unwrap(),
    );
    let both = ListPosts::new().entity(&a).entity(&b);
    for query in [
        "entity=https://a.example&entity[]=https://b.example",
        "entity%5B%5D=https%3A%2F%2Fb.example&entity%5B%5D=https%3A%2F%2Fa.example",
        "entity[]=https://a.example&entity=https://b.example&entity=https://a.example&entity[]=",
    ] {
        assert_eq!(list(query).unwrap(), both, "{query}");
        let mut entities: Vec<_> = list(query).unwrap().query().entities().collect();
        entities.sort();
        assert_eq!(entities, [a.clone(), b.clone()], "{query}");
    }
    let types = ListPosts::new()
        .post_type(&"t/v1".into())
        .post_type(&"u/v1".into());
    for query in [
        "post_types=t/v1,u/v1",
        "post_types=u/v1%2C%20t/v1,,",
        "post_types[]=t/v1&post_types=u/v1&post_types=t/v1",
    ] {
        assert_eq!(list(query).unwrap(), types, "{query}");
        assert_eq!(
            list(query).unwrap().query().post_types().count(),
            2,
            "{query}"
        );
    }
    let everything = ListPosts::new();
    for query in [
        "",
        "&&=&x",
        "unknown=1&secrets=true",
        "post_types=all",
        "post_types=t/v1,all",
        "since_id=",
        "order=desc",
        "since_version=3",
        "limit[]=3",
        "view=&entity=&since_time=",
    ] {
        assert_eq!(list(query).unwrap(), everything, "{query}");
    }
    let first = ListPosts::new().limit(3).sort_by(SortBy::UpdatedAt);
    assert_eq!(
        list("limit=3&sort_by=updated_at&limit=4&sort_by=received_at").unwrap(),
        first
    );
}

#[test]
fn limits_are_read_as_the_reference_server_does() {
    for (text, limit) in [
        ("0", 0),
        ("7", 7),
        (" 7 ", 7),
        ("", 0),
        ("many", 0),
        ("1.5", 0),
        ("-", 0),
        ("4294967295", u32::MAX),
        ("99999999999999999999", u32::MAX),
    ] {
        let list = list(&format!("limit={text}")).unwrap();
        assert_eq!(list.query().limit(), Some(limit), "{text:?}");
    }
    assert_eq!(list("").unwrap().query().limit(), None);
}

#[test]
fn values_without_meaning_are_refused() {
    for query in [
        "limit=-1",
        "since_time=yesterday",
        "before_time=1.5",
        "sort_by=colour",
        "entity=bob",
        "entity[]=bob",
        "mentioned_entity=ftp://a.example",
        "before_id_entity=bob&before_id=x",
    ] {
        let name = query.split(['=', '[']).next().unwrap();
        match list(query) {
            Err(ReceiveError::Parameter { name: found, .. }) => assert_eq!(found, name, "{query}"),
            other => panic!("{query}: {other:?}"),
        }
    }
    let versions = read::<ListVersions>(&Method::GET, "/posts/p/versions", "since_version=x");
    assert!(matches!(versions, Err(ReceiveError::Parameter { .. })));
}

#[test]
fn a_count_is_the_head_of_a_list_or_what_lies_below_it() {
    let counted = Count::new(ListPosts::new().limit(2));
    for (method, path, counted) in [
        (Method::HEAD, "/posts", counted.clone()),
        (Method::GET, "/posts/count", counted.clone().below()),
        (Method::HEAD, "/posts/count", counted.below()),
    ] {
        assert_eq!(
            read::<Count<ListPosts>>(&method, path, "limit=2").unwrap(),
            counted
        );
    }
    for (method, path) in [
        (Method::GET, "/posts"),
        (Method::POST, "/posts/count"),
        (Method::HEAD, "/posts/x/count"),
        (Method::GET, "/posts/x/count"),
        (Method::GET, "/groups/count"),
    ] {
        let read = read::<Count<ListPosts>>(&method, path, "");
        assert!(
            matches!(read, Err(ReceiveError::OtherCall)),
            "{method} {path}"
        );
    }
    // Versions and mentions have no number below them.
    let read = read::<Count<ListVersions>>(&Method::GET, "/posts/p1/versions/count", "");
    assert!(matches!(read, Err(ReceiveError::OtherCall)));
}

#[test]
fn what_was_stored_is_readable_and_nonsense_is_refused() {
    let list = ListPosts::new()
        .limit(20)
        .before(None, &PostId::from("Zz 8"));
    let stored = r#"{"posts":"limit=20&before_id=Zz+8"}"#;
    assert_eq!(serde_json::to_string(&list).unwrap(), stored);
    let place = format!(r#"{{"version":1,"list":{stored}}}"#);
    assert_eq!(serde_json::to_string(&Place::new(list)).unwrap(), place);
    // What servers put into links is kept, known or not.
    let odd = r#"{"posts":"odd=%2B1"}"#;
    let kept: ListPosts = serde_json::from_str(odd).unwrap();
    assert_eq!(serde_json::to_string(&kept).unwrap(), odd);
    for nonsense in [
        r#""limit=20""#,
        r#"{"followers":"limit=20"}"#,
        r#"{"posts":"limit=-1"}"#,
        r#"{"posts":"sort_by=colour"}"#,
        r#"{"posts":"","followers":""}"#,
        r#"{"posts":3}"#,
    ] {
        assert!(
            serde_json::from_str::<ListPosts>(nonsense).is_err(),
            "{nonsense}"
        );
    }
    for nonsense in [
        r#"{"version":2,"list":{"posts":""}}"#,
        r#"{"list":{"posts":""}}"#,
        r#"{"version":1,"list":{"posts":""},"seen":["x"]}"#,
        r#"{"version":1,"list":{"posts":""},"more":1}"#,
        r#"{"version":1,"list":{"followers":""}}"#,
    ] {
        assert!(
            serde_json::from_str::<Place<ListPosts>>(nonsense).is_err(),
            "{nonsense}"
        );
    }
    assert!(serde_json::from_str::<ListFollowers>(r#"{"followings":""}"#).is_err());
    assert!(serde_json::from_str::<ListFollowers>(r#"{"followers":"","x":""}"#).is_err());
    let followers: ListFollowers = serde_json::from_str(r#"{"followers":"limit=2"}"#).unwrap();
    assert_eq!(followers, ListFollowers::new().limit(2));
}
