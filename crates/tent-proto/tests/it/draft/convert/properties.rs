//! Whatever an object holds, it comes back equal.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tent_proto::draft::convert::Converter;
use tent_proto::draft::model::{
    Follower as DraftFollower, Following as DraftFollowing, Info, Post as DraftPost,
};
use tent_proto::model::{Follower, Following, Group};
use tent_proto::{Post, Profile};

use crate::draft::{read, written};

/// Names that no dialect knows.
fn unknown() -> impl Strategy<Value = Map<String, Value>> {
    let value = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        vec(any::<u8>(), 0..3).prop_map(Value::from),
        Just(json!({"time": 1, "type": null, "entity": "x"})),
        Just(Value::Null),
    ];
    vec(("x_[a-z]{1,4}", value), 0..3).prop_map(|members| members.into_iter().collect())
}

fn host() -> impl Strategy<Value = String> {
    "(http://)?[a-z]{1,5}\\.(me|io|example)(:[1-9][0-9]{3})?(/[a-z]{1,3})?"
}

fn group() -> impl Strategy<Value = String> {
    prop_oneof![Just("friends".to_owned()), "[a-z -]{1,8}"]
}

fn reference() -> impl Strategy<Value = Value> {
    let version = option::of(prop_oneof![
        "[0-9]{1,2}(\\.[0-9x]){0,2}",
        Just("~> 1.1".to_owned())
    ]);
    let view = option::of("[a-z]{1,5}");
    let url = "https://[a-z]{1,5}\\.io(/[a-z-]{1,6}){0,3}(/v1)?(#[a-z])?";
    (url, version, view, unknown()).prop_map(|(url, version, view, unknown)| {
        object(
            [
                ("url", Some(json!(url))),
                ("version", version.map(Value::from)),
                ("view", view.map(Value::from)),
            ],
            unknown,
        )
    })
}

/// A reference that a URI says all of.
fn plain_reference() -> impl Strategy<Value = Value> {
    (
        // One that ends like a version, such as `/vx`, is refused.
        "https://[a-z]{1,5}\\.io/[a-u][a-z]{0,5}",
        option::of("[0-9](\\.[0-9x]){0,2}"),
    )
        .prop_map(|(url, version)| {
            object(
                [
                    ("url", Some(json!(url))),
                    ("version", version.map(Value::from)),
                ],
                Map::new(),
            )
        })
}

fn object<const N: usize>(known: [(&str, Option<Value>); N], unknown: Map<String, Value>) -> Value {
    let known = known
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(known.chain(unknown).collect())
}

fn list(of: impl Strategy<Value = Value>) -> impl Strategy<Value = Option<Value>> {
    option::of(vec(of, 0..3).prop_map(Value::from))
}

prop_compose! {
    fn draft_post()(
        id in option::of("[0-9a-f]{4}"),
        time in option::of(0_i64..1 << 33),
        entity in option::of(host()),
        scope in option::of(prop_oneof!["public", "limited", "direct", "[a-z]{3}"]),
        recipients in list(prop_oneof![host(), group()].prop_map(Value::from)),
        licences in list(plain_reference()),
        mentions in list((host(), option::of("[0-9a-f]{4}"), unknown()).prop_map(|(entity, id, unknown)| {
            object([("entity", Some(json!(entity))), ("id", id.map(Value::from))], unknown)
        })),
        content in option::of((option::of(reference()), option::of(host()), unknown())),
        unknown in unknown(),
    ) -> Value {
        let content = content.map(|(reference, entity, unknown)| {
            object([("type", reference), ("entity", entity.map(Value::from))], unknown)
        });
        object([
            ("id", id.map(Value::from)), ("time", time.map(Value::from)),
            ("entity", entity.map(Value::from)), ("scope", scope.map(Value::from)),
            ("recipients", recipients), ("licences", licences), ("mentions", mentions), ("content", content),
        ], unknown)
    }
}

fn uri() -> impl Strategy<Value = String> {
    prop_oneof![
        host().prop_map(|host| if host.contains("://") {
            host
        } else {
            format!("https://{host}")
        }),
        "https://[a-z]{1,5}\\.io/[a-z]{1,6}(/v[0-9](\\.[0-9x]){0,2})?(#[a-z]{0,4})?",
        Just("all".to_owned()),
    ]
}

fn entity() -> impl Strategy<Value = String> {
    host().prop_map(|host| {
        if host.contains("://") {
            host
        } else {
            format!("https://{host}")
        }
    })
}

prop_compose! {
    fn permissions()(
        public in option::of(any::<bool>()),
        groups in list(prop_oneof![
            Just(json!({"id": "g1"})), Just(json!({"id": "gone"})), group().prop_map(|name| json!({"name": name})),
        ]),
        entities in option::of(vec((entity(), any::<bool>()), 0..3)),
        unknown in unknown(),
    ) -> Value {
        let entities = entities.map(|all| Value::Object(all.into_iter().map(|(name, may)| (name, may.into())).collect()));
        object([("public", public.map(Value::from)), ("groups", groups), ("entities", entities)], unknown)
    }
}

prop_compose! {
    fn later_post()(
        id in option::of("[0-9a-zA-Z_-]{6}"),
        entity in option::of(entity()),
        post_type in option::of("https://[a-z]{1,5}\\.io/(repost|[a-z]{1,6})(/v[0-9](\\.[0-9x]){0,2})?(#[a-z]{0,4})?"),
        content in option::of((option::of(entity()), unknown()).prop_filter("no content says as much", |(entity, unknown)| {
            entity.is_some() || !unknown.is_empty()
        })),
        times in (option::of(0_i64..1 << 33), option::of(0_i64..1 << 33)),
        licenses in list(uri().prop_map(Value::from)),
        mentions in list((entity(), option::of("[0-9a-f]{4}"), unknown()).prop_map(|(entity, post, unknown)| {
            object([("entity", Some(json!(entity))), ("post", post.map(Value::from))], unknown)
        })),
        permissions in option::of(permissions()),
        version in option::of(1_u64..9),
        unknown in unknown(),
    ) -> Value {
        let content = content.map(|(entity, unknown)| object([("entity", entity.map(Value::from))], unknown));
        object([
            ("id", id.map(Value::from)), ("entity", entity.map(Value::from)),
            ("type", post_type.map(Value::from)), ("content", content),
            ("published_at", times.0.map(Value::from)), ("received_at", times.1.map(Value::from)),
            ("licenses", licenses), ("mentions", mentions), ("permissions", permissions),
            ("version", version.map(Value::from)),
        ], unknown)
    }
}

fn converter() -> Converter {
    let friends: Group = read(&json!({"id": "g1", "name": "friends"}));
    Converter::new().with_groups([&friends])
}

proptest! {
    #[test]
    fn a_draft_post_comes_back(old in draft_post()) {
        let post: DraftPost = read(&old);
        let later = converter().post_to_v0(&post).unwrap();
        // It also survives being written down in between.
        let later: Post = read(&written(&later));
        prop_assert_eq!(written(&converter().post_from_v0(&later).unwrap()), old);
    }

    #[test]
    fn a_later_post_comes_back(new in later_post()) {
        let post: Post = read(&new);
        let old = converter().post_from_v0(&post).unwrap();
        let old: DraftPost = read(&written(&old));
        prop_assert_eq!(written(&converter().post_to_v0(&old).unwrap()), new);
    }

    /// Whoever is told of in the draft was told of before.
    #[test]
    fn no_conversion_widens_an_audience(new in later_post()) {
        let post: Post = read(&new);
        let old = converter().post_from_v0(&post).unwrap();
        let is_for_all = old.recipients.is_empty() && old.scope.as_deref().unwrap_or("public") == "public";
        prop_assert_eq!(is_for_all, post.is_public());
        for host in old.recipients.iter().filter(|name| name.contains('.')) {
            let entity = tent_proto::draft::convert::entity(host).unwrap();
            prop_assert_eq!(post.permissions.as_ref().unwrap().entities.get(&entity), Some(&true));
        }
    }

    #[test]
    fn relations_come_back(
        id in option::of("[0-9a-f]{4}"), host in option::of(host()), groups in list(group().prop_map(Value::from)),
        licenses in list(plain_reference()), types in list(plain_reference()),
        names in (option::of("[A-Z][a-z]{1,4}"), option::of("[a-z]{1,4}")), unknown in unknown(),
    ) {
        let common = [("id", id.map(Value::from)), ("entity", host.map(Value::from)), ("groups", groups)];
        let [id, host, groups] = common;
        let following = object([id.clone(), host.clone(), groups.clone(), ("licenses", licenses), ("post_types", types)], unknown.clone());
        let later = converter().following_to_v0(&read::<DraftFollowing>(&following)).unwrap();
        let later: Following = read(&written(&later));
        prop_assert_eq!(written(&converter().following_from_v0(&later).unwrap()), following);

        let names = [("full_name", names.0.map(Value::from)), ("display_name", names.1.map(Value::from))];
        let [full, display] = names;
        let follower = object([id, host, groups, full, display], unknown);
        let later = converter().follower_to_v0(&read::<DraftFollower>(&follower)).unwrap();
        let later: Follower = read(&written(&later));
        prop_assert_eq!(written(&converter().follower_from_v0(&later).unwrap()), follower);
    }

    #[test]
    fn later_relations_come_back(
        entity in option::of(entity()),
        groups in list(prop_oneof![Just(json!({"id": "g1"})), "[a-e]{1,8}".prop_map(|name| json!({"name": name}))]),
        types in list(uri().prop_map(Value::from)), licenses in list(uri().prop_map(Value::from)),
        name in option::of("[A-Z][a-z]{1,4}"), is_known in any::<bool>(), unknown in unknown(),
    ) {
        let basic = object([("name", name.map(Value::from)), ("bio", Some(json!("!")))], Map::new());
        let profile = is_known.then(|| json!({"https://tent.io/types/info/basic/v0.1.0": basic}));
        let new = object([
            ("entity", entity.map(Value::from)), ("groups", groups), ("types", types), ("licenses", licenses),
            ("profile", profile), ("created_at", Some(json!(5))),
        ], unknown);
        let old: DraftFollowing = read(&written(&converter().following_from_v0(&read::<Following>(&new)).unwrap()));
        prop_assert_eq!(written(&converter().following_to_v0(&old).unwrap()), new.clone());
        let old: DraftFollower = read(&written(&converter().follower_from_v0(&read::<Follower>(&new)).unwrap()));
        prop_assert_eq!(written(&converter().follower_to_v0(&old).unwrap()), new);
    }

    #[test]
    fn profiles_come_back(
        core in (host(), vec("https://[a-z]{1,5}\\.me(/[a-z]{1,3})?", 0..3), any::<bool>(), unknown()),
        parts in vec((reference(), unknown()), 0..4),
    ) {
        let (host, servers, is_sibling, members) = core;
        let url = if is_sibling { "https://tent.io/types/info/tent" } else { "https://tent.io" };
        let core = object([
            ("type", Some(json!({"url": url, "version": "0.1.0"}))), ("entity", Some(json!(host))), ("servers", Some(json!(servers))),
        ], members);
        let mut all = vec![core];
        all.extend(parts.into_iter().map(|(reference, unknown)| object([("type", Some(reference))], unknown)));
        let parts: Vec<Info> = read(&json!(all));
        let Ok(profile) = converter().profile_to_v0(&parts) else {
            return Ok(()); // two of one type
        };
        let profile: Profile = read(&written(&profile));
        let back = written(&converter().profile_from_v0(&profile).unwrap());
        let mut back: Vec<Value> = read(&back);
        // The order of a profile says nothing, but the core part comes first.
        prop_assert_eq!(&back[0], &all[0]);
        back.sort_by_key(Value::to_string);
        all.sort_by_key(Value::to_string);
        prop_assert_eq!(back, all);
    }

    #[test]
    fn later_profiles_come_back(
        sections in vec(("https://[a-z]{1,5}\\.io/(info/)?[a-z]{1,6}(/v[0-9](\\.[0-9x]){0,2})?", unknown()), 0..4),
        entity in entity(), unknown in unknown(),
    ) {
        let mut map: Map<String, Value> = sections.into_iter().map(|(uri, section)| (uri, Value::Object(section))).collect();
        let core = object([
            ("entity", Some(json!(entity))), ("servers", Some(json!(["https://t.example"]))), ("tent_version", Some(json!("0.2"))),
            ("licenses", Some(json!(["https://a.example/by/3.0"]))), ("permissions", Some(json!({"public": true}))),
        ], unknown);
        map.insert("https://tent.io/types/info/core/v0.1.0".into(), core);
        let profile: Profile = read(&Value::Object(map.clone()));
        let parts: Vec<Info> = read(&written(&converter().profile_from_v0(&profile).unwrap()));
        let back = converter().profile_to_v0(&parts).unwrap();
        prop_assert_eq!(written(&back), Value::Object(map));
    }
}
