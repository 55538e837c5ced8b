//! Which path is answered by what.

use std::collections::BTreeSet;
use std::mem;
use std::sync::LazyLock;

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{MethodRouter, delete, get, post};
use axum::{Extension, Router};
use http::{StatusCode, Uri};
use tent_proto::{Entity, Server};
use tower::ServiceExt as _;

use crate::body::rest;
use crate::error::ApiError;
use crate::notification;
use crate::relation::follower::{self, Followers};
use crate::relation::following::{self, Followings};
use crate::relation::{follow, follow_page, reading, through};
use crate::server::{Addressed, Shared, root_path};
use crate::{
    answer, app, approval, attachment, authorization, cors, date, draft, feed, group, home, host,
    limit, monitor, profile, settings,
};

/// The paths that a router answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paths {
    /// The protocol's alone. All else, under whatever host, is left to the program around it.
    Own,
    /// Every path: those that there are not get the protocol's `404`.
    All,
}

/// The router of one server, whose paths have the root.
pub(crate) fn router(server: Shared, paths: Paths) -> Router {
    let router = build(server.root_path(), pages(&server), paths);
    let named = Extension(server);
    match paths {
        Paths::Own => router.route_layer(named),
        Paths::All => router.layer(named),
    }
}

/// Hands a request to one of many servers, each of which has its page at its root. They share a router,
/// which is dear to make: it knows the paths below a root.
pub(crate) async fn hand_to(server: Shared, mut request: Request) -> Response {
    static ROUTER: LazyLock<Router> = LazyLock::new(|| {
        let pages = BTreeSet::from(["/".to_owned()]);
        build("", pages, Paths::All)
    });
    let root = server.root_path();
    if !root.is_empty()
        && let Some(below) = below(root, request.uri())
    {
        let sent = mem::replace(request.uri_mut(), below);
        request.extensions_mut().insert(Sent(sent));
    }
    request.extensions_mut().insert(server);
    match ROUTER.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The URI of a request as it was sent, while it is routed by another.
#[derive(Debug, Clone)]
struct Sent(Uri);

/// The path and query of a URI below a root.
fn below(root: &str, uri: &Uri) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().strip_prefix(root)?;
    match rest.starts_with('/') {
        true => rest.parse().ok(),
        false => format!("/{rest}").parse().ok(),
    }
}

fn build(root: &str, pages: BTreeSet<String>, paths: Paths) -> Router {
    // The root is taken to the letter, segments that begin with `:` or `*` included.
    let mut router = Router::new().without_v07_checks();
    for page in pages {
        router = router.route(&page, get(home::read));
    }
    for (path, methods) in routes() {
        // Slashes at the end make no difference, as on the reference server.
        if !path.contains("{*") {
            router = router.route(&format!("{root}{path}/"), methods.clone());
        }
        router = router.route(&format!("{root}{path}"), methods);
    }
    router = router.method_not_allowed_fallback(|| async {
        ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
    });
    let layer = from_fn(pass);
    match paths {
        Paths::Own => router.route_layer(layer),
        Paths::All => router
            .fallback(|| async { ApiError::not_found() })
            .layer(layer),
    }
}

/// What each request goes through, and each answer on its way back. It is one layer, since axum copies
/// each with all below it, for each request.
async fn pass(Addressed(server): Addressed, mut request: Request, next: Next) -> Response {
    if let Some(Sent(uri)) = request.extensions_mut().remove() {
        *request.uri_mut() = uri;
    }
    let next = async |request| next.run(request).await;
    let next = async |request| answer::revalidate(request, next).await;
    let next = async |request| limit::keep(&server, request, next).await;
    let next = async |request| cors::allow(request, next).await;
    let next = async |request| host::require(&server, request, next).await;
    let next = async |request| date::stamp(&server, request, next).await;
    let next = async |request| monitor::observe(&server, request, next).await;
    rest::clear(request, next).await
}

/// The paths of the API.
static PATHS: LazyLock<Vec<&str>> =
    LazyLock::new(|| routes().into_iter().map(|(path, _)| path).collect());

/// Whether the API has something at the path of the entity's page.
pub(crate) fn hides_api(entity: &Entity, root: &Server) -> bool {
    let root = root_path(root);
    let path = entity.url().ok().map(|url| url.path().to_owned());
    let path = path.as_deref().and_then(|path| path.strip_prefix(root));
    let path = path.map(|path| path.trim_end_matches('/'));
    path.is_some_and(|path| PATHS.contains(&path))
}

/// Whether the API has something at this path below its root, or further below.
pub(crate) fn is_taken_by_api(path: &str) -> bool {
    let first = |path: &str| path.strip_prefix('/')?.split('/').next().map(str::to_owned);
    let first_of = first(path);
    first_of.is_some() && PATHS.iter().any(|taken| first(taken) == first_of)
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

fn routes() -> Vec<(&'static str, MethodRouter)> {
    let mut routes = vec![
        ("/profile", get(profile::read)),
        (
            "/profile/{type}",
            get(profile::section)
                .put(profile::edit::put)
                .delete(profile::edit::delete),
        ),
        ("/apps", post(app::create).get(app::list)),
        (
            "/apps/{id}",
            get(app::read).put(app::update).delete(app::delete),
        ),
        ("/apps/{id}/authorizations", post(authorization::create)),
        (
            "/apps/{id}/authorizations/{authorization}",
            delete(authorization::delete).put(authorization::update),
        ),
        (
            "/oauth/authorize",
            get(approval::show).post(approval::submit),
        ),
        ("/settings", get(settings::show).post(settings::submit)),
        (
            "/settings/apps",
            get(settings::apps::show).post(settings::apps::submit),
        ),
        (
            "/posts",
            get(feed::list).head(feed::head).post(crate::post::create),
        ),
        ("/posts/count", get(feed::count)),
        (
            "/posts/{id}",
            get(crate::post::read)
                .put(crate::post::edit::update)
                .delete(crate::post::edit::delete),
        ),
        ("/posts/{id}/versions", get(crate::post::versions::list)),
        ("/posts/{id}/mentions", get(crate::post::mentions::list)),
        ("/posts/{entity}/{id}", get(crate::post::read)),
        ("/posts/{id}/attachments/{name}", get(attachment::read)),
        (
            "/posts/{entity}/{id}/attachments/{name}",
            get(attachment::read),
        ),
        ("/groups", get(group::list).post(group::create)),
        ("/groups/count", get(group::count)),
        (
            "/groups/{id}",
            get(group::read).put(group::update).delete(group::delete),
        ),
        ("/follow", get(follow_page::show).post(follow_page::submit)),
        (
            "/followers",
            get(reading::list::<Followers>).post(follow::create),
        ),
        ("/followers/count", get(reading::count::<Followers>)),
        (
            "/followers/{id}",
            get(reading::read::<Followers>)
                .put(follower::update)
                .delete(follower::delete),
        ),
        (
            "/followings",
            get(reading::list::<Followings>).post(following::create),
        ),
        ("/followings/count", get(reading::count::<Followings>)),
        (
            "/followings/{id}",
            get(reading::read::<Followings>)
                .put(following::update)
                .delete(following::delete),
        ),
        ("/followings/{id}/{*rest}", get(through::read)),
        (
            "/notifications/{id}",
            get(follow::challenge).post(notification::create),
        ),
    ];
    routes.extend(draft::routes());
    routes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_a_root_begins_with_a_slash_and_keeps_its_query() {
        for (uri, expected) in [
            ("/~bob", "/"),
            ("/~bob/", "/"),
            ("/~bob?a=/b", "/?a=/b"),
            ("/~bob/posts?limit=1", "/posts?limit=1"),
            ("http://h.example/~bob/posts/%2F", "/posts/%2F"),
        ] {
            let below = below("/~bob", &uri.parse().unwrap()).unwrap();
            assert_eq!(below.to_string(), expected, "{uri}");
        }
        assert_eq!(below("/~bob", &Uri::from_static("/posts")), None);
    }
}
