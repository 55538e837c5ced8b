//! Followers, followings and groups with every member, as strategies.

use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use tent_proto::model::{Follower, Following, Group};
use tent_proto::{Profile, Secret, TypeUri};

use super::any_post::{content, extra, permissions, timestamp, type_uri};
use super::{entity, id};

pub(crate) fn group() -> impl Strategy<Value = Group> {
    let group = (
        of(id()),
        of("[ -~é]{1,12}"),
        of(timestamp()),
        of(timestamp()),
        extra(),
    );
    group.prop_map(|(id, name, created_at, updated_at, extra)| {
        let mut group = Group::default();
        group.id = id.map(Into::into);
        group.name = name;
        group.created_at = created_at;
        group.updated_at = updated_at;
        group.extra = extra;
        group
    })
}

/// Types with versions that match several, with views, and the word for all.
pub(crate) fn types() -> impl Strategy<Value = Vec<TypeUri>> {
    let one = prop_oneof![
        type_uri(),
        type_uri().prop_map(|uri| format!("{}/v0.1.x#meta", uri.base()).into()),
        Just(TypeUri::all()),
    ];
    vec(one, 0..3)
}

pub(crate) fn licenses() -> impl Strategy<Value = Vec<String>> {
    vec("https://[a-z]{1,8}\\.example", 0..3)
}

fn profile() -> impl Strategy<Value = Profile> {
    let sections = btree_map(type_uri(), content(), 1..3);
    sections.prop_map(|sections| {
        let json = serde_json::to_string(&sections).unwrap();
        serde_json::from_str(&json).unwrap()
    })
}

fn text() -> impl Strategy<Value = Option<String>> {
    of("[ -~é]{1,12}")
}

fn key() -> impl Strategy<Value = Option<Secret>> {
    of("[0-9a-f]{32}".prop_map(Secret::new))
}

/// A follower or a following of these parts; the braces hold what one has and the other has not.
macro_rules! relation {
    ($(#[$meta:meta])* $name:ident: $relation:ident { $own:ident: $strategy:expr }) => {
        $(#[$meta])*
        pub(crate) fn $name() -> impl Strategy<Value = $relation> {
            let who = (of(id()), of(entity()), $strategy, vec(group(), 0..3));
            let what = (types(), licenses(), of(permissions()), of(profile()));
            let rest = (of(timestamp()), of(timestamp()), text(), key(), text(), extra());
            (who, what, rest).prop_map(|(who, what, rest)| {
                let mut relation = $relation::default();
                relation.id = who.0.map(Into::into);
                relation.entity = who.1;
                relation.$own = who.2.map(Into::into);
                relation.groups = who.3;
                (relation.types, relation.licenses, relation.permissions, relation.profile) = what;
                (relation.created_at, relation.updated_at) = (rest.0, rest.1);
                (relation.mac_key_id, relation.mac_key, relation.mac_algorithm) =
                    (rest.2, rest.3, rest.4);
                relation.extra = rest.5;
                relation
            })
        }
    };
}

relation! {
    /// A follower that may have any member.
    follower: Follower { notification_path: text() }
}
relation! {
    /// A following that may have any member.
    following: Following { remote_id: of(id()) }
}
