//! The page at which a person approves an app.

use url::Url;

use super::call::escaped;
use super::model::TypeReference;
use crate::login::ApprovalRequest;
use crate::{AppId, BuildError, Scope, Secret, Server, TypeUri};

/// The URL of the page (`docs/protocol.md` §8.7). Commas between scopes and between types stand as
/// they are, and all within them is encoded.
pub(crate) fn approval_url(
    server: &Server,
    app: &AppId,
    asked: &ApprovalRequest,
    state: &Secret,
) -> Result<Url, BuildError> {
    let scopes = asked.scopes.iter().map(Scope::as_str).map(escaped);
    let types = |types: &[TypeUri]| types.iter().map(versioned).collect::<Vec<_>>();
    let lists = [
        ("scope", scopes.collect()),
        ("tent_profile_info_types", types(&asked.profile_info_types)),
        ("tent_post_types", types(&asked.post_types)),
    ];
    let page = server
        .endpoint("auth")
        .pair("client_id", app)
        .pair("redirect_uri", &asked.redirect_uri)
        .pair("state", state.expose());
    let asked_for = lists.iter().filter(|(_, list)| !list.is_empty());
    asked_for
        .fold(page, |page, (name, list)| {
            page.encoded_pair(name, &list.join(","))
        })
        .url()
}

/// A type without its view: its URL, two number signs, which cannot be sent as they are, and its
/// version.
fn versioned(uri: &TypeUri) -> String {
    let TypeReference { url, version, .. } = TypeReference::from_uri(uri);
    let url = escaped(url.as_deref().unwrap_or_default());
    match version {
        Some(version) => format!("{url}%23%23{}", escaped(&version)),
        None => url,
    }
}
