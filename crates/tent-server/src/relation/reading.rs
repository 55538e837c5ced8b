//! Reading followers and followings: lists of them, how many there are, and each.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.3, §6.4 and §6.7.

use axum::extract::Request;
use axum::response::Response;
use http::header::CONTENT_LOCATION;
use http::{HeaderMap, HeaderValue, Method, Uri};
use tent_proto::call::{Count, Receive, ReceiveError, Received};
use tent_proto::{List, Query as Parameters};

use super::respond;
use super::shown::{Sight, shown};
use crate::answer::{self, Json};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::incoming::{self, Incoming};
use crate::paging;
use crate::query::Query;
use crate::server::Addressed;
use crate::storage::{Relation, RelationFilter, RelationName, Side};

/// The calls that read one side of relations.
pub(crate) trait Calls: Send + 'static {
    const SIDE: Side;
    type List: List + Receive + Send;

    fn one(request: &Received<'_>) -> Result<One, ReceiveError>;
}

/// A relation that is asked for, with its credential or without.
pub(crate) struct One {
    pub(super) name: RelationName,
    pub(super) secrets: bool,
}

fn filter(side: Side, caller: &Caller, asked: &Parameters) -> RelationFilter {
    RelationFilter {
        public_only: !caller.has(&side.read_scope()),
        entity: asked.entities().next(),
    }
}

pub(crate) async fn list<C: Calls>(
    Addressed(server): Addressed,
    method: Method,
    uri: Uri,
    caller: Caller,
    query: Query,
    Incoming(list): Incoming<C::List>,
) -> Result<Response, ApiError> {
    let (asked, account) = (list.query(), server.account.key);
    let page = paging::id_page(asked);
    let filter = filter(C::SIDE, &caller, asked);
    let relations = server
        .database
        .relations(account, C::SIDE, page.clone(), filter.clone())
        .await?;
    let ids = relations.iter().map(|relation| relation.id.as_str());
    let links = paging::id_links((&uri, &query), &page, ids);
    let mut headers = HeaderMap::new();
    headers.extend(answer::link(links));
    if method == Method::HEAD {
        let count = server
            .database
            .count_relations(account, C::SIDE, filter)
            .await?;
        headers.insert(answer::COUNT, count.into());
    }
    let sight = Sight::of(C::SIDE, &caller, asked.wants_secrets());
    let all: Vec<_> = relations
        .iter()
        .map(|relation| shown(C::SIDE, relation, sight))
        .collect();
    Ok(Json::new(&all)?.with(headers))
}

pub(crate) async fn count<C: Calls>(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(count): Incoming<Count<C::List>>,
) -> Result<Json, ApiError> {
    let filter = filter(C::SIDE, &caller, count.list.query());
    let count = server
        .database
        .count_relations(server.account.key, C::SIDE, filter);
    Json::new(&count.await?)
}

/// One relation, if the caller may see it. By an entity, the answer tells where it is by its id.
pub(crate) async fn read<C: Calls>(
    Addressed(server): Addressed,
    caller: Caller,
    request: Request,
) -> Result<Response, ApiError> {
    let One { name, secrets } = incoming::read(request, &server, incoming::LIMIT, C::one).await?;
    let is_by_entity = matches!(name, RelationName::Entity(_));
    let found = server
        .database
        .relation(server.account.key, C::SIDE, name)
        .await?;
    let sees = |relation: &Relation| {
        relation.confirmed
            && (relation.public
                || caller.has(&C::SIDE.read_scope())
                || caller.is_relation(C::SIDE, &relation.id))
    };
    let relation = found.filter(sees).ok_or_else(ApiError::not_found)?;
    let mut headers = HeaderMap::new();
    if is_by_entity {
        let url = server.root.endpoint(C::SIDE.path()).segment(&relation.id);
        let location = url.url().ok();
        let location = location.and_then(|url| HeaderValue::try_from(url.as_str()).ok());
        headers.extend(location.map(|location| (CONTENT_LOCATION, location)));
    }
    respond(C::SIDE, &caller, &relation, secrets, headers)
}
