//! Posts of other entities, on their way into storage.

use tent_proto::model::Post;
use tent_proto::{Entity, Timestamp};

use crate::error::ApiError;
use crate::post::{is_object, only_somebody};
use crate::storage::{Audience, NewPost};

/// In bytes.
const LONGEST_ID: usize = 256;

/// Members that this server has from elsewhere, or that are nobody's business.
const NOT_TAKEN: [&str; 9] = [
    "id",
    "entity",
    "version",
    "published_at",
    "received_at",
    "updated_at",
    "permissions",
    "views",
    "following_id",
];

/// The post of another entity as it is stored: its id, version, times and app, and what nobody here
/// knows, are kept. Whom else it is shared with is not.
pub(super) fn foreign(mut post: Post, publisher: &Entity, now: i64) -> Result<NewPost, ApiError> {
    let id = post.id.clone();
    let id = id.filter(|id| (1..=LONGEST_ID).contains(&id.as_str().len()));
    let id = id.ok_or_else(|| ApiError::invalid("a post of another entity has an id"))?;
    let post_type = post.post_type.clone();
    let post_type = post_type.filter(|found| !found.as_str().is_empty());
    let post_type = post_type.ok_or_else(|| ApiError::invalid("a post needs a type"))?;
    if !post.content.as_ref().is_none_or(is_object) {
        return Err(ApiError::invalid("the content of a post must be an object"));
    }
    let version = post.version.unwrap_or(1).max(1);
    let version = u32::try_from(version).map_err(|_| ApiError::invalid("such a version"))?;
    let published_at = post.published_at.map_or(now, Timestamp::epoch_seconds);
    let public = post.is_public();
    post.entity = Some(publisher.clone());
    post.version = Some(version.into());
    post.published_at = Some(Timestamp::from_epoch_seconds(published_at));
    post.mentions = only_somebody(&post.mentions);
    Ok(NewPost {
        publisher: publisher.clone(),
        version,
        post_type,
        audience: Audience {
            public,
            ..Audience::default()
        },
        published_at,
        received_at: post.received_at.map_or(now, Timestamp::epoch_seconds),
        updated_at: now,
        mentions: post.mentions.clone(),
        attachments: Vec::new(), // they stay where they come from
        members: members(post)?,
        views: None,
        id,
    })
}

/// The members that everybody sees who sees the post.
fn members(mut post: Post) -> Result<String, ApiError> {
    post.received_at = None;
    post.updated_at = None;
    post.permissions = None;
    post.views.clear();
    for name in NOT_TAKEN {
        post.extra.remove(name);
    }
    let empty = [
        ("licenses", post.licenses.is_empty()),
        ("mentions", post.mentions.is_empty()),
        ("attachments", post.attachments.is_empty()),
    ];
    for (name, is_empty) in empty {
        if is_empty && let Ok(none) = serde_json::value::to_raw_value(&[(); 0]) {
            post.extra.set(name, none);
        }
    }
    let mut text = serde_json::to_string(&post).map_err(|error| ApiError::internal(&error))?;
    text.pop();
    Ok(text.split_off(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(json: &str) -> Result<NewPost, ApiError> {
        let bob = "https://bob.example".parse().unwrap();
        foreign(serde_json::from_str(json).unwrap(), &bob, 1_356_998_400)
    }

    #[test]
    fn what_a_post_is_made_of_is_kept() {
        let new = stored(
            r#"{"id":"p1","entity":"https://bob.example/","type":"https://x.example/note/v2.0.0","mood":1.50,
                "content":{"n":1.50},"published_at":5,"version":3,"received_at":6,"updated_at":null,"views":{},
                "permissions":{"public":true,"entities":{"https://carol.example":true}},"app":{"name":"Harbour"},
                "mentions":[{"entity":"https://alice.example"},{"entity":"https://alice.example"}]}"#,
        )
        .unwrap();
        assert_eq!((new.version, new.published_at), (3, 5));
        assert_eq!((new.received_at, new.updated_at), (6, 1_356_998_400));
        assert!(new.audience.public && new.audience.entities.is_empty());
        let members: serde_json::Value =
            serde_json::from_str(&format!("{{{}}}", new.members)).unwrap();
        assert_eq!(
            members,
            serde_json::json!({
                "id": "p1", "entity": "https://bob.example", "type": "https://x.example/note/v2.0.0", "mood": 1.5,
                "content": {"n": 1.5}, "published_at": 5, "version": 3, "app": {"name": "Harbour"}, "licenses": [],
                "mentions": [{"entity": "https://alice.example"}], "attachments": [],
            })
        );
        assert!(new.members.contains("1.50"));
    }

    #[test]
    fn what_cannot_be_a_post_is_refused() {
        let long = "x".repeat(LONGEST_ID + 1);
        for json in [
            r#"{"type":"https://x.example/note/v0.1.0","content":{}}"#,
            r#"{"id":"p1","content":{}}"#,
            r#"{"id":"p1","type":"https://x.example/note/v0.1.0","content":[]}"#,
            &format!(r#"{{"id":"{long}","type":"https://x.example/note/v0.1.0"}}"#),
        ] {
            assert!(stored(json).is_err(), "{json}");
        }
        let seen = r#"{"id":"p1","type":"https://x.example/note/v0.1.0"}"#;
        assert!(stored(seen).is_ok(), "a view leaves the content out");
    }
}
