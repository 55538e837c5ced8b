//! What the protocol has and this server has not yet. It says so, rather than answering wrongly.

use std::future::{Ready, ready};

use crate::error::ApiError;

/// A handler that says that this is not there yet.
pub(crate) fn not_yet(
    what: &'static str,
) -> impl Fn() -> Ready<ApiError> + Clone + Send + Sync + 'static {
    move || ready(ApiError::not_yet(what))
}
