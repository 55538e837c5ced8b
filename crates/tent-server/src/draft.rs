//! The dialect before v0.1, below a root of its own: what apps of it say becomes what those of v0.2 say,
//! and the answers the reverse. Both see the same posts, people and profile.
//!
//! A server that follows does so in v0.2: in the draft nothing would prove that it is who it says it is.
//!
//! Source: `docs/protocol.md` §8.

mod app;
mod created;
mod feed;
mod groups;
mod post;
mod profile;
mod relation;
mod remote;
mod shown;

use axum::extract::{FromRequest, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{self, MethodRouter, get, patch};
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue};
use tent_proto::Server;
use tent_proto::call::Receive;
use tent_proto::draft::convert::ConvertError;

use crate::answer::MEDIA_TYPE;
use crate::approval;
use crate::error::ApiError;
use crate::incoming;
use crate::server::{self, Shared};

/// The relation of an entity's page to the API root of the draft, and the field that names it
/// (`docs/protocol.md` §8.7).
pub(crate) const RELATION: &str = "tent";
pub(crate) const TENT_SERVER: HeaderName = HeaderName::from_static("tent-server");

/// What the API root of the draft has after the other one.
const SEGMENT: &str = "draft";

/// The API root of the draft.
pub(crate) fn root(server: &Shared) -> Result<Server, ApiError> {
    let url = server.root.endpoint(SEGMENT).url();
    let url = url.map_err(|error| ApiError::internal(&error))?;
    Server::try_from(url).map_err(|error| ApiError::internal(&error))
}

/// Paths below the other root, and what answers them.
pub(crate) fn routes() -> impl Iterator<Item = (&'static str, MethodRouter)> {
    let routes = [
        ("/draft/profile", get(profile::read).patch(profile::update)),
        ("/draft/posts", get(feed::list).post(post::create)),
        ("/draft/posts/{id}", get(post::read)),
        (
            "/draft/following",
            get(relation::followings).post(relation::follow),
        ),
        (
            "/draft/following/{id}",
            patch(relation::update_following).delete(relation::unfollow),
        ),
        ("/draft/followers", get(relation::followers)),
        (
            "/draft/followers/{id}",
            get(relation::follower)
                .patch(relation::update_follower)
                .delete(relation::block),
        ),
        ("/draft/apps", routing::post(app::create)),
        ("/draft/apps/{id}", patch(app::update)),
        (
            "/draft/apps/{id}/access_token",
            routing::post(app::exchange),
        ),
        ("/draft/auth", get(approval::show).post(approval::submit)),
    ];
    let in_json = |(path, methods): (_, MethodRouter)| {
        let methods = methods.layer(from_fn(in_json));
        (path, methods)
    };
    routes.into_iter().map(in_json)
}

/// Gives answers the media type of the draft (`docs/protocol.md` §8.1).
async fn in_json(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if headers.get(CONTENT_TYPE).is_some_and(|of| of == MEDIA_TYPE) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    response
}

/// The call of the draft that a request makes.
#[derive(Debug)]
struct Incoming<C>(C);

impl<C: Receive> FromRequest<()> for Incoming<C> {
    type Rejection = ApiError;

    async fn from_request(request: Request, (): &()) -> Result<Self, ApiError> {
        let server = &server::of(request.extensions())?;
        let read = incoming::read(request, server, incoming::LIMIT, |received| {
            C::receive(&received.below(SEGMENT)?)
        });
        read.await.map(Self)
    }
}

/// What an app says that has no counterpart in v0.2.
fn unsaid(error: &ConvertError) -> ApiError {
    ApiError::invalid(error.to_string())
}
