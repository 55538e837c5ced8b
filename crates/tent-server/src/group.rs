//! Groups: `/groups`. There are none yet; whoever may read them learns just that.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.5.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, Method};
use tent_proto::Scope;

use crate::answer::Json;
use crate::caller::Caller;
use crate::error::ApiError;

pub(crate) async fn list(method: Method, caller: Caller) -> Result<Response, ApiError> {
    caller.require(&Scope::ReadGroups)?;
    let mut response = Json::text("[]").into_response();
    if method == Method::HEAD {
        response.headers_mut().insert(
            HeaderName::from_static("count"),
            HeaderValue::from_static("0"),
        );
    }
    Ok(response)
}

pub(crate) async fn count(caller: Caller) -> Result<Json, ApiError> {
    caller.require(&Scope::ReadGroups)?;
    Ok(Json::text("0"))
}
