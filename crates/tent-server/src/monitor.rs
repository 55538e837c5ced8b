//! What an operator asks of a server: whether it lives, whether it can serve, and what it counts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};

use crate::error::ApiError;
use crate::metrics::{self, Counted};
use crate::resources::Resources;
use crate::server::Shared;

/// How long the database may take to answer a server that says it is ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// `/healthz` and `/readyz`, under whatever host.
pub(crate) fn health(resources: &Arc<Resources>) -> Router {
    Router::new()
        .route(
            "/healthz",
            get(|| async { text(StatusCode::OK, "alive\n") }),
        )
        .route("/readyz", get(ready))
        .with_state(Arc::clone(resources))
}

/// As [`health`], and `/metrics`.
pub(crate) fn router(resources: &Arc<Resources>) -> Router {
    let metrics = Router::new()
        .route("/metrics", get(metrics))
        .with_state(Arc::clone(resources));
    health(resources).merge(metrics)
}

/// Whether a request that came now would be served.
async fn ready(State(resources): State<Arc<Resources>>) -> Response {
    if resources.is_retiring() {
        return unready("stopping\n");
    }
    match tokio::time::timeout(PATIENCE, resources.database.account()).await {
        Ok(Ok(_)) => text(StatusCode::OK, "ready\n"),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: the database failed");
            unready("the database failed\n")
        }
        Err(_) => unready("the database does not answer\n"),
    }
}

async fn metrics(State(resources): State<Arc<Resources>>) -> Result<Response, ApiError> {
    let waiting = resources.database.waiting_deliveries().await?;
    let entities = resources.database.entities().await?.len();
    let text = resources
        .metrics
        .text(waiting, i64::try_from(entities).unwrap_or(i64::MAX));
    let header = HeaderValue::from_static(metrics::MEDIA_TYPE);
    Ok(([(CONTENT_TYPE, header)], text).into_response())
}

fn unready(why: &'static str) -> Response {
    let mut response = text(StatusCode::SERVICE_UNAVAILABLE, why);
    let headers = response.headers_mut();
    headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

fn text(status: StatusCode, text: &'static str) -> Response {
    let header = (CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (status, [header], text).into_response()
}

/// Logs and counts what was asked and how it was answered. Queries are left out: they hold what is
/// nobody's business. A server that is about to stop asks for no more on the same connection.
pub(crate) async fn observe(
    server: &Shared,
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let method = request.method().clone();
    let uri = request.uri().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let in_flight = Counted::by(&server.metrics.in_flight);
    let began = Instant::now();
    let mut response = next(request).await;
    drop(in_flight);
    let route = route.as_ref().map_or("none", |route| {
        let route = route.as_str();
        match route.strip_prefix(server.root_path()) {
            Some("" | "/") | None => "page",
            Some(route) => route,
        }
    });
    let status = response.status();
    server
        .metrics
        .answered(&method, route, status, began.elapsed());
    tracing::debug!(%method, path = uri.path(), status = status.as_u16(), "answered");
    if server.is_retiring() {
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
