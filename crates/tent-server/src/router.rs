//! Which path is answered by what.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, delete, get, post};
use http::StatusCode;

use crate::error::ApiError;
use crate::not_yet::not_yet;
use crate::server::Shared;
use crate::{answer, app, approval, authorization, cors, date, feed, group, home, host, profile};

/// How long a request may take, its body included.
const TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) fn router(server: Shared) -> Router {
    let root = server.root_path();
    let mut router = Router::new();
    for page in pages(&server) {
        router = router.route(&page, get(home::read));
    }
    for (path, methods) in routes() {
        router = router.route(&format!("{root}{path}"), methods);
    }
    router
        .fallback(|| async { ApiError::not_found() })
        .method_not_allowed_fallback(|| async {
            ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
        })
        .layer(from_fn(limit_time))
        .layer(from_fn(answer::revalidate))
        .layer(from_fn(cors::allow))
        .layer(from_fn_with_state(server.clone(), host::require))
        .layer(from_fn_with_state(server.clone(), date::stamp))
        .layer(from_fn(trace))
        .with_state(server)
}

/// The paths of the entity's page: its own, and the API root.
fn pages(server: &Shared) -> BTreeSet<String> {
    let root = server.root_path();
    let entity = server.account.entity.url().ok();
    let own = entity.map(|url| url.path().to_owned());
    let bare = Some(root.to_owned()).filter(|root| !root.is_empty());
    own.into_iter()
        .chain(bare)
        .chain([format!("{root}/")])
        .collect()
}

fn routes() -> Vec<(&'static str, MethodRouter<Shared>)> {
    vec![
        ("/profile", get(profile::read)),
        (
            "/profile/{type}",
            get(profile::section).fallback(not_yet("changes of the profile")),
        ),
        ("/apps", post(app::create).get(app::list)),
        (
            "/apps/{id}",
            get(app::read).put(app::update).delete(app::delete),
        ),
        ("/apps/{id}/authorizations", post(authorization::exchange)),
        (
            "/apps/{id}/authorizations/{authorization}",
            delete(authorization::delete).put(not_yet("changes of authorizations")),
        ),
        (
            "/oauth/authorize",
            get(approval::show).post(approval::submit),
        ),
        ("/posts", get(feed::list).post(crate::post::create)),
        ("/posts/count", get(feed::count)),
        (
            "/posts/{id}",
            get(crate::post::read)
                .put(not_yet("changes of posts"))
                .delete(not_yet("deletion of posts")),
        ),
        ("/posts/{id}/versions", any(not_yet("versions of posts"))),
        ("/posts/{id}/mentions", any(not_yet("mentions of posts"))),
        ("/posts/{entity}/{id}", get(crate::post::read_of)),
        (
            "/posts/{id}/attachments/{name}",
            any(not_yet("attachments")),
        ),
        (
            "/posts/{entity}/{id}/attachments/{name}",
            any(not_yet("attachments")),
        ),
        ("/groups", get(group::list).post(not_yet("groups"))),
        ("/groups/count", get(group::count)),
        ("/groups/{id}", any(not_yet("groups"))),
        ("/followers", any(not_yet("followers"))),
        ("/followers/{*rest}", any(not_yet("followers"))),
        ("/followings", any(not_yet("followings"))),
        ("/followings/{*rest}", any(not_yet("followings"))),
        ("/follow", any(not_yet("followings"))),
        ("/notifications/{*rest}", any(not_yet("notifications"))),
    ]
}

async fn limit_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            ApiError::new(StatusCode::REQUEST_TIMEOUT, "the request took too long").into_response()
        }
    }
}

/// Logs what was asked and how it was answered. Queries are left out: they hold what is nobody's
/// business.
async fn trace(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    tracing::debug!(%method, path, status = response.status().as_u16(), "answered");
    response
}
