//! Posts with every member, as strategies.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use serde_json::value::RawValue;
use tent_proto::model::{
    Attachment, Condition, Content, Extra, Group, Mention, Pointer, PostApp, View,
};
use tent_proto::{Permissions, Post, Timestamp, TypeUri};

use super::{entity, id};

/// A JSON value whose text serde would write otherwise.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("1.50".to_owned()),
        Just("1e2".to_owned()),
        Just("123456789012345678901234567890".to_owned()),
        Just("true".to_owned()),
        "[ -~é]{0,8}".prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..3).prop_map(|items| format!("[{}]", items.join(", "))),
            btree_map("[a-z]{1,4}", inner, 1..3).prop_map(object),
        ]
    })
}

fn object(members: BTreeMap<String, String>) -> String {
    let members = members.into_iter();
    let members: Vec<_> = members
        .map(|(name, json)| format!("\"{name}\": {json}"))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// Members that nobody knows.
pub(crate) fn extra() -> impl Strategy<Value = Extra> {
    btree_map("x_[a-z]{1,4}", json(), 0..3).prop_map(|members| {
        let mut extra = Extra::default();
        for (name, json) in members {
            extra.set(name, RawValue::from_string(json).unwrap());
        }
        extra
    })
}

/// An object of any shape.
pub(crate) fn content() -> impl Strategy<Value = Content> {
    btree_map("[a-z]{1,4}", json(), 0..4)
        .prop_map(|members| Content::from_json(object(members)).unwrap())
}

pub(crate) fn type_uri() -> impl Strategy<Value = TypeUri> {
    "https://[a-z]{1,6}\\.example/types/post/[a-z]{1,6}/v[0-9]\\.[0-9]\\.[0-9]"
        .prop_map(TypeUri::from)
}

pub(crate) fn timestamp() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp::from_epoch_seconds)
}

/// Permissions that say something.
pub(crate) fn permissions() -> impl Strategy<Value = Permissions> {
    let groups = vec(id(), 0..3).prop_map(|ids| {
        let group = |id: String| {
            let mut group = Group::default();
            group.id = Some(id.into());
            group
        };
        ids.into_iter().map(group).collect::<Vec<_>>()
    });
    let entities = btree_map(entity(), any::<bool>(), 0..3);
    (any::<bool>(), groups, entities, extra()).prop_map(|(public, groups, entities, extra)| {
        let mut permissions = Permissions::default();
        permissions.public = Some(public);
        permissions.groups = groups;
        permissions.entities = entities;
        permissions.extra = extra;
        permissions
    })
}

pub(crate) fn mention() -> impl Strategy<Value = Mention> {
    let mention = (of(entity()), of(id()), of(type_uri()), extra());
    mention.prop_map(|(entity, post, post_type, extra)| {
        let mut mention = Mention::default();
        mention.entity = entity;
        mention.post = post.map(Into::into);
        mention.post_type = post_type;
        mention.extra = extra;
        mention
    })
}

pub(crate) fn attachment() -> impl Strategy<Value = Attachment> {
    let text = || of("[ -~é]{1,12}");
    let attachment = (text(), text(), text(), any::<Option<i64>>(), extra());
    attachment.prop_map(|(category, media_type, name, size, extra)| {
        let mut attachment = Attachment::default();
        attachment.category = category;
        attachment.media_type = media_type;
        attachment.name = name;
        attachment.size = size.map(i64::unsigned_abs).map(|size| size >> 1);
        attachment.extra = extra;
        attachment
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let text = || of("[ -~é]{1,12}");
    (text(), text(), text(), extra()).prop_map(|(category, name, media_type, extra)| {
        let mut condition = Condition::default();
        condition.category = category;
        condition.name = name;
        condition.media_type = media_type;
        condition.extra = extra;
        condition
    })
}

pub(crate) fn view() -> impl Strategy<Value = View> {
    let paths = vec("[a-z~/01]{0,6}".prop_map(Pointer::from), 0..4);
    let view = (paths, vec(condition(), 0..3), any::<bool>(), extra());
    view.prop_map(|(content, attachments, hides, extra)| {
        let mut view = View::default();
        view.content = content;
        view.attachments = attachments;
        view.extra = extra;
        if hides {
            view.without_attachments()
        } else {
            view
        }
    })
}

fn app() -> impl Strategy<Value = PostApp> {
    ("[ -~é]{1,12}", of("https://[a-z]{1,8}\\.example")).prop_map(|(name, url)| {
        let mut app = PostApp::default();
        app.name = Some(name);
        app.url = url;
        app
    })
}

/// A post that may have any member.
pub(crate) fn post() -> impl Strategy<Value = Post> {
    let what = (of(id()), of(entity()), of(type_uri()), of(content()));
    let times = (of(timestamp()), of(timestamp()), of(timestamp()));
    let about = (
        vec("https://[a-z]{1,8}\\.example", 0..3),
        vec(mention(), 0..3),
        of(permissions()),
    );
    let rest = (
        vec(attachment(), 0..3),
        btree_map("[a-z]{1,6}", view(), 0..3),
        of(app()),
        of(0..u64::MAX >> 1),
        extra(),
    );
    (what, times, about, rest).prop_map(|(what, times, about, rest)| {
        let mut post = Post::default();
        post.id = what.0.map(Into::into);
        post.entity = what.1;
        post.post_type = what.2;
        post.content = what.3;
        (post.published_at, post.received_at, post.updated_at) = times;
        (post.licenses, post.mentions, post.permissions) = about;
        (
            post.attachments,
            post.views,
            post.app,
            post.version,
            post.extra,
        ) = rest;
        post
    })
}
