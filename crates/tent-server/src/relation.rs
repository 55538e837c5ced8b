//! Followers and followings, as far as they are alike.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.3, §6.4 and §6.7.

pub(crate) mod follow;
pub(crate) mod follow_page;
pub(crate) mod follower;
pub(crate) mod following;
pub(crate) mod reading;
mod shown;
pub(crate) mod through;

use axum::response::Response;
use http::HeaderMap;
use tent_proto::model::{Group, Permissions, Post, RelationChange};
use tent_proto::{Entity, GroupId, Scope};

use self::shown::{Sight, shown};
use crate::answer::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::post;
use crate::server::Shared;
use crate::storage::{Audience, NewPost, Record, Relation, RelationName, Side};

impl Side {
    /// The scope for reading.
    const fn read_scope(self) -> Scope {
        match self {
            Self::Follower => Scope::ReadFollowers,
            Self::Following => Scope::ReadFollowings,
        }
    }

    /// The scope for writing.
    const fn write_scope(self) -> Scope {
        match self {
            Self::Follower => Scope::WriteFollowers,
            Self::Following => Scope::WriteFollowings,
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Follower => "followers",
            Self::Following => "followings",
        }
    }
}

/// A relation as an answer.
fn respond(
    side: Side,
    caller: &Caller,
    relation: &Relation,
    secrets: bool,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let sight = Sight::of(side, caller, secrets).or_own(caller.is_relation(side, &relation.id));
    let json = Json::new(&shown(side, relation, sight))?;
    if sight.secrets {
        return Ok(json.unstored());
    }
    Ok(json.with(headers))
}

/// The post that tells of a change of a relation, to be seen by whoever may see that.
fn notice(
    server: &Shared,
    side: Side,
    relation: &Relation,
    action: &str,
) -> Result<NewPost, ApiError> {
    let change = RelationChange::new(relation.id.clone(), relation.entity.clone(), action);
    let notice = post::notice(
        server,
        match side {
            Side::Follower => Post::follower(&change),
            Side::Following => Post::following(&change),
        },
    )?;
    Ok(NewPost {
        audience: Audience {
            public: relation.public,
            entities: relation.record.permitted_entities.clone(),
            groups: relation.record.permitted_groups.clone(),
        },
        ..notice
    })
}

async fn delete(
    server: &Shared,
    side: Side,
    caller: &Caller,
    id: String,
) -> Result<Relation, ApiError> {
    if !caller.is_relation(side, &id) {
        caller.require(&side.write_scope())?;
    }
    let account = server.account.key;
    let found = server
        .database
        .relation(account, side, RelationName::Id(id.clone()))
        .await?;
    let found = found.ok_or_else(ApiError::not_found)?;
    let notice = notice(server, side, &found, "delete")?;
    let deleted = server
        .database
        .delete_relation(account, side, id, notice, caller.stamp())
        .await?;
    tracing::info!(with = %found.entity, "a relation was ended");
    deleted.ok_or_else(ApiError::not_found)
}

/// Applies what an app says of a relation. What it leaves out stays.
fn apply(record: &mut Record, public: &mut bool, groups: Groups, permissions: Option<Permissions>) {
    if let Groups::Given(groups) = groups {
        record.groups = groups;
    }
    let Some(permissions) = permissions else {
        return;
    };
    if let Some(is_public) = permissions.public {
        *public = is_public;
    }
    record.permitted_groups = ids(&permissions.groups);
    let entities = permissions.entities.into_iter();
    record.permitted_entities = entities.filter(|(_, allowed)| *allowed).collect();
}

/// Groups that somebody is to be in.
#[derive(Clone)]
enum Groups {
    Given(Vec<GroupId>),
    Unchanged,
}

impl Groups {
    /// # Errors
    ///
    /// When there is no such group.
    async fn of(server: &Shared, groups: &[Group], is_given: bool) -> Result<Self, ApiError> {
        let ids = ids(groups);
        post::require_groups(server, &ids).await?;
        Ok(if is_given || !ids.is_empty() {
            Self::Given(ids)
        } else {
            Self::Unchanged
        })
    }
}

fn ids(groups: &[Group]) -> Vec<GroupId> {
    groups.iter().filter_map(|group| group.id.clone()).collect()
}

/// # Errors
///
/// When it is the server's own entity.
fn require_other(server: &Shared, entity: &Entity) -> Result<(), ApiError> {
    if *entity == server.account.entity {
        let text = "an entity cannot follow itself";
        return Err(ApiError::new(http::StatusCode::NOT_ACCEPTABLE, text));
    }
    Ok(())
}
