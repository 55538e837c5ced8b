//! The entity's page, where discovery begins.
//!
//! Source: tent.io 0.2, introduction; `docs/protocol.md` §2.1.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, LINK};
use tent_discovery::link_header::LinkValue;
use tent_proto::TypeUri;
use tent_proto::model::Basic;

use crate::error::ApiError;
use crate::page;
use crate::server::Shared;

/// The relation of an entity's page to its profile.
const PROFILE: &str = "https://tent.io/rels/profile";

/// The entity's public profile, for people, with the link to it, for programs, both in the `Link`
/// header and in the head of the page.
pub(crate) async fn read(State(server): State<Shared>) -> Result<Response, ApiError> {
    let sections = server.database.sections(server.account.key).await?;
    let basic = sections
        .iter()
        .find(|section| section.section_type.base() == TypeUri::basic().base());
    let basic = basic.filter(|section| section.audience.public);
    let basic: Basic = basic
        .and_then(|section| serde_json::from_str(&section.content).ok())
        .unwrap_or_default();
    let target = profile_link(&server);
    let mut response = page::home(&server.account.entity, &basic, PROFILE, &target).into_response();
    let headers = response.headers_mut();
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("max-age=0, must-revalidate"),
    );
    headers.extend(
        HeaderValue::try_from(LinkValue::new(&target, PROFILE).to_string())
            .ok()
            .map(|link| (LINK, link)),
    );
    Ok(response)
}

/// Where the profile is: on this host, or at a root elsewhere.
fn profile_link(server: &Shared) -> String {
    let path = format!("{}/profile", server.root_path());
    let root = server.root.url().origin();
    let entity = server.account.entity.url().map(|url| url.origin());
    if entity.is_ok_and(|entity| entity == root) {
        path
    } else {
        format!("{}{path}", root.ascii_serialization())
    }
}
