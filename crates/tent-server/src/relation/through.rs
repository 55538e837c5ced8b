//! Reading from the server of somebody who is followed: `GET /followings/:id/…`.
//!
//! It is asked as the follower that the entity is there, for apps that may see all that is shared with
//! the entity; for others, as anybody would ask.
//!
//! Source: `docs/protocol.md` §6.4 and §6.6.1.

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{
    ACCEPT, CONNECTION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, DATE, IF_MODIFIED_SINCE,
    PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use percent_encoding::percent_decode_str;
use tent_flow::TransportErrorKind;
use tent_proto::call::{Access, Call, GetPost, Replay};
use tent_proto::json::DecodeError;
use tent_proto::model::Post;
use tent_proto::{BuildError, CallError, Entity, PostId, Scope, Server, Session};

use crate::answer::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::post::{self, Seen};
use crate::server::{Addressed, Shared};
use crate::storage::{Relation, RelationName, Side, Visible};

/// What is not passed on of an answer: what is about the connection, and what another server has no
/// business with here.
const KEPT_BACK: [HeaderName; 11] = [
    CONNECTION,
    CONTENT_LENGTH,
    DATE,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    SET_COOKIE,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
];

pub(crate) async fn read(
    Addressed(server): Addressed,
    caller: Caller,
    request: Request<Body>,
) -> Result<Response, ApiError> {
    caller.require(&Scope::ReadFollowings)?;
    let target = request.uri().path_and_query();
    let target = target.map_or("", |target| target.as_str());
    let (id, path) = target
        .strip_prefix(server.root_path())
        .and_then(|target| target.strip_prefix("/followings/")?.split_once('/'))
        .ok_or_else(ApiError::not_found)?;
    let id = percent_decode_str(id).decode_utf8();
    let id = id.map_err(|_| ApiError::not_found())?.into_owned();
    let following = following(&server, RelationName::Id(id)).await?;
    let following = following.ok_or_else(ApiError::not_found)?;
    let session = session(&server, &caller, &following)?;
    let call = Through {
        method: request.method().clone(),
        path: path.to_owned(),
        headers: passed_on(request.headers()),
    };
    match server.peers.run(session.call(call)).await? {
        Ok(answer) => {
            let (head, body) = answer.into_parts();
            answered(head.status, head.headers, body)
        }
        Err(CallError::Refused(refused)) => {
            let headers = refused.headers().clone();
            answered(refused.status(), headers, refused.body().clone())
        }
        Err(error) => Err(unanswered(&error)),
    }
}

/// A post of somebody who is followed, that is not here, as their server shows it.
pub(crate) async fn post(
    server: &Shared,
    caller: &Caller,
    publisher: Entity,
    call: GetPost,
) -> Result<Json, ApiError> {
    let following = of_app(server, caller, publisher).await?;
    let session = session(server, caller, &following)?;
    Json::new(&fetch(server, caller, &session, call).await?)
}

/// A post of somebody who is followed that the caller sees, and a session in which its files are read:
/// the post that is here, or else as their server shows it.
pub(crate) async fn post_with_files(
    server: &Shared,
    caller: &Caller,
    publisher: Entity,
    id: PostId,
) -> Result<(Session, Post), ApiError> {
    let following = of_app(server, caller, publisher.clone()).await?;
    let stored = server
        .database
        .post(
            server.account.key,
            publisher,
            id.clone(),
            post::visible(caller),
        )
        .await?;
    let Some(stored) = stored else {
        let session = session(server, caller, &following)?;
        let post = fetch(server, caller, &session, GetPost::new(id)).await?;
        return Ok((session, post));
    };
    let stored = Seen::whole().text(&stored)?;
    let post = serde_json::from_str(&stored).map_err(|error| ApiError::internal(&error))?;
    let Relation {
        entity,
        servers,
        credentials,
        ..
    } = following;
    Ok((server.peers.session(entity, servers, credentials)?, post))
}

/// A following that the caller may read through: the owner's apps may that see posts of others.
async fn of_app(server: &Shared, caller: &Caller, entity: Entity) -> Result<Relation, ApiError> {
    let found = match post::visible(caller) {
        Visible::All | Visible::Types(_) => following(server, RelationName::Entity(entity)).await?,
        Visible::Public | Visible::Shared(..) => None,
    };
    found.ok_or_else(ApiError::not_found)
}

/// A post of the entity of a session, if it is one that the caller may see.
async fn fetch(
    server: &Shared,
    caller: &Caller,
    session: &Session,
    call: GetPost,
) -> Result<Post, ApiError> {
    let found = match server.peers.run(session.call(call)).await? {
        Ok(found) => found,
        Err(CallError::Refused(refused)) if refused.status().is_client_error() => {
            return Err(ApiError::not_found());
        }
        Err(error) => return Err(unanswered(&error)),
    };
    let publisher = found.entity.as_ref();
    let is_theirs = publisher.is_some_and(|publisher| publisher.is_same_page(session.entity()));
    let is_seen = match (post::visible(caller), &found.post_type) {
        (Visible::Types(bases), Some(found)) => bases.iter().any(|base| base == found.base()),
        (Visible::Types(_), None) => false,
        _ => true,
    };
    match is_theirs && is_seen {
        true => Ok(found),
        false => Err(ApiError::not_found()),
    }
}

async fn following(server: &Shared, name: RelationName) -> Result<Option<Relation>, ApiError> {
    let found = server
        .database
        .relation(server.account.key, Side::Following, name)
        .await?;
    Ok(found.filter(|found| found.confirmed))
}

fn session(server: &Shared, caller: &Caller, following: &Relation) -> Result<Session, ApiError> {
    let credentials = following.credentials.clone();
    let credentials = credentials.filter(|_| post::visible(caller) == Visible::All);
    let (entity, servers) = (following.entity.clone(), following.servers.clone());
    server.peers.session(entity, servers, credentials)
}

fn passed_on(headers: &HeaderMap) -> HeaderMap {
    let passed_on = [ACCEPT, IF_MODIFIED_SINCE].into_iter();
    let fields = passed_on.filter_map(|name| {
        let value = headers.get(&name)?.clone();
        Some((name, value))
    });
    fields.collect()
}

fn answered(status: StatusCode, mut headers: HeaderMap, body: Bytes) -> Result<Response, ApiError> {
    if status == StatusCode::UNAUTHORIZED {
        // It is not the app's credential that is no good.
        let text = "the server of the entity does not know its follower";
        return Err(ApiError::new(StatusCode::BAD_GATEWAY, text));
    }
    for name in KEPT_BACK {
        headers.remove(name);
    }
    // Should a browser ever show it, it shows what another server says.
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok((status, headers, body).into_response())
}

/// Says that another server gave no answer, or none of use.
pub(crate) fn unanswered(error: &CallError) -> ApiError {
    tracing::debug!(%error, "nothing was read from another server");
    match error {
        CallError::Build(_) => ApiError::not_found(),
        CallError::NoAnswer { cause, .. } if cause.kind() == TransportErrorKind::Timeout => {
            let text = "the server of the entity does not answer in time";
            ApiError::new(StatusCode::GATEWAY_TIMEOUT, text)
        }
        _ => {
            let text = "the server of the entity does not answer";
            ApiError::new(StatusCode::BAD_GATEWAY, text)
        }
    }
}

/// A read that is passed on as it came.
#[derive(Debug)]
struct Through {
    method: Method,
    /// Below the API root, with the query.
    path: String,
    headers: HeaderMap,
}

impl Call for Through {
    type Answer = http::Response<Bytes>;

    fn access(&self) -> Access {
        Access::Optional
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<tent_flow::Request, BuildError> {
        let url = server.path(&self.path)?;
        let mut request = tent_flow::Request::new(self.method.clone(), url);
        request.headers = self.headers.clone();
        Ok(request)
    }

    fn answer(
        &self,
        _: &Server,
        answer: http::Response<Bytes>,
    ) -> Result<Self::Answer, DecodeError> {
        Ok(answer)
    }

    fn accepts(&self, status: StatusCode) -> bool {
        status.is_success() || status == StatusCode::NOT_MODIFIED
    }
}
