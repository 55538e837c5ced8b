//! Following from server to server: `POST /followers`, and the challenge before it is answered.
//!
//! Source: tent.io 0.2, server-protocol; `docs/protocol.md` §6.8.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use tent_proto::call::{ChallengeFollower, CreateFollower, Receive, RequestFollow};
use tent_proto::follow::{FollowRefused, confirm};
use tent_proto::mac::{Algorithm, Credentials};

use super::shown::{Sight, shown};
use super::{follower, ids, notice};
use crate::answer::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::incoming::{self, Incoming};
use crate::secret;
use crate::server::{self, Addressed};
use crate::storage::{Change, Record, Relation, RelationName, Side};

/// A `POST /followers`: a server's request, or an app's import. The body does not tell, the caller does.
pub(crate) struct Create(CreateFollower, Result<RequestFollow, ApiError>);

impl FromRequest<()> for Create {
    type Rejection = ApiError;

    async fn from_request(request: Request, (): &()) -> Result<Self, ApiError> {
        let server = &server::of(request.extensions())?;
        incoming::read(request, server, incoming::LIMIT, |received| {
            let request = RequestFollow::receive(received).map_err(ApiError::from);
            CreateFollower::receive(received).map(|create| Self(create, request))
        })
        .await
    }
}

pub(crate) async fn create(
    Addressed(server): Addressed,
    caller: Caller,
    Create(import, request): Create,
) -> Result<Response, ApiError> {
    if !caller.is_anonymous() {
        return follower::import(&server, &caller, import).await;
    }
    let seed = tent_flow::Seed::new(secret::random()?);
    let flow = confirm(request?, server.account.entity.clone(), seed);
    let flow = flow.with_scheme_rule(server.peers.scheme());
    let confirmed = server.peers.run(flow).await?;
    let confirmed = confirmed.map_err(|refused| refusal(&refused))?;

    let credentials = secret::credentials('s')?;
    let servers = confirmed.discovery.servers.clone();
    let given = confirmed.follower();
    let permissions = given.permissions.unwrap_or_default();
    let now = server.now();
    let follower = Relation {
        id: secret::id()?,
        entity: confirmed.discovery.entity.clone(),
        public: permissions.is_public(),
        confirmed: true,
        credentials: Some(credentials.clone()),
        servers: servers.clone(),
        record: Record {
            types: given.types,
            licenses: given.licenses,
            permitted_groups: ids(&permissions.groups),
            permitted_entities: permissions.entities,
            profile: given.profile.clone(),
            notification_path: given.notification_path.clone(),
            ..Record::default()
        },
        created_at: now,
        updated_at: now,
    };
    let notice = notice(&server, Side::Follower, &follower, "create")?;
    let account = server.account.key;
    let (stored, is_new) = server
        .database
        .create_relation(account, Side::Follower, follower, Some(notice), None)
        .await?;
    let follower = if is_new {
        stored
    } else {
        // Who follows already gets a new key, and is reached where it is now.
        let change = move |follower: &mut Relation| {
            let id = follower.credentials.as_ref().map(Credentials::id);
            let renewed = id.and_then(|id| {
                Credentials::new(id, credentials.key().clone(), Algorithm::HmacSha256).ok()
            });
            follower.credentials = Some(renewed.unwrap_or(credentials));
            follower.servers = servers;
            follower.record.profile = given.profile;
            follower.record.notification_path = given.notification_path;
            follower.updated_at = now;
        };
        let changed = server
            .database
            .change_relation(
                account,
                Side::Follower,
                stored.id,
                Change::new(change),
                None,
                None,
            )
            .await?;
        changed.ok_or_else(ApiError::not_found)?
    };
    tracing::info!(entity = %follower.entity, "an entity follows");
    Ok(Json::new(&shown(Side::Follower, &follower, Sight::new_follower()))?.unstored())
}

fn refusal(refused: &FollowRefused) -> ApiError {
    ApiError::new(refused.status(), refused.to_string())
}

/// Answers a challenge, while the other server considers the request or at any time later.
pub(crate) async fn challenge(
    Addressed(server): Addressed,
    Incoming(call): Incoming<ChallengeFollower>,
) -> Result<Response, ApiError> {
    let id = call.notification_path.following();
    let id = id.ok_or_else(ApiError::not_found)?;
    let name = RelationName::Id(id.to_string());
    let found = server
        .database
        .relation(server.account.key, Side::Following, name)
        .await?;
    found.ok_or_else(ApiError::not_found)?;
    let (parts, body) = call.challenge.answer().into_parts();
    Ok((parts, body).into_response())
}
