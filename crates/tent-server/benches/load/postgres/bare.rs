//! The least that can be done to answer the same page.

use std::fmt::Write as _;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use http::HeaderName;
use http::header::CONTENT_TYPE;
use tokio_postgres::NoTls;

use super::POOL;
use crate::database::MEDIA_TYPE;

const PAGE: &str = "SELECT publisher, id, public, received_at, updated_at, version, members, entities, groups, views
    FROM posts WHERE entity_id = $1 ORDER BY received_at DESC, key DESC LIMIT $2";

/// A pool such as the server has.
pub(super) fn pool(config: &str) -> Pool {
    let config = config.parse().expect("it is a configuration");
    let recycling_method = RecyclingMethod::Fast;
    let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method });
    let pool = Pool::builder(manager).max_size(POOL).build();
    pool.expect("it is a pool")
}

pub(crate) fn router(config: &str) -> Router {
    Router::new()
        .route("/posts", get(page))
        .with_state(pool(config))
}

async fn page(State(pool): State<Pool>) -> ([(HeaderName, &'static str); 1], String) {
    let client = pool.get().await.expect("there is one");
    let page = client.prepare_cached(PAGE).await.expect("it is SQL");
    let rows = client.query(&page, &[&1_i64, &50_i64]).await;
    let mut text = String::with_capacity(32 * 1024);
    for row in rows.expect("it reads") {
        text.push(if text.is_empty() { '[' } else { ',' });
        let (members, received, updated, public) = (
            row.get::<_, &str>(6),
            row.get::<_, i64>(3),
            row.get::<_, i64>(4),
            row.get::<_, bool>(2),
        );
        let written = write!(
            text,
            r#"{{{members},"received_at":{received},"updated_at":{updated},"permissions":{{"public":{public}}}}}"#
        );
        written.expect("there is memory");
    }
    text.push(']');
    ([(CONTENT_TYPE, MEDIA_TYPE)], text)
}
