//! Who is calling: nobody in particular, an app, or an app on behalf of the owner.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderValue, Method};
use tent_proto::mac::{Header, HeaderError, Normalized};
use tent_proto::{AppId, Entity, GroupId, Scope, TypeUri};

use crate::error::ApiError;
use crate::host::Authority;
use crate::nonce::is_within_window;
use crate::server::{self, Shared};
use crate::storage::{Grant, Holder, Side, Stamp};

/// Whoever sent a request.
///
/// Source: `docs/protocol.md` §3.3 and §5.4.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    holder: Option<Arc<Holder>>,
    /// To be stored with the write, if the request is one.
    stamp: Option<Stamp>,
}

impl Caller {
    /// What makes the request one of a kind, to be stored with the write it asks for.
    pub(crate) fn stamp(&self) -> Option<Stamp> {
        self.stamp.clone()
    }

    fn holder(&self) -> Option<&Holder> {
        self.holder.as_deref()
    }

    /// The id of the credential, if there is one.
    pub(crate) fn mac_id(&self) -> Option<&str> {
        Some(self.holder()?.credentials().id())
    }

    pub(crate) const fn is_anonymous(&self) -> bool {
        self.holder.is_none()
    }

    /// Whether it is this app, by its registration.
    pub(crate) fn is_app(&self, id: &AppId) -> bool {
        matches!(self.holder(), Some(Holder::App { app, .. }) if app == id)
    }

    /// What the owner has granted the caller.
    pub(crate) fn grant(&self) -> Option<&Grant> {
        match self.holder() {
            Some(Holder::Owner { grant, .. }) => Some(grant),
            _ => None,
        }
    }

    /// The other entity of the relation whose credential the caller has, and the groups it is in.
    pub(crate) fn as_server(&self) -> Option<(&Entity, &[GroupId])> {
        match self.holder() {
            Some(Holder::Server { entity, groups, .. }) => Some((entity, groups)),
            _ => None,
        }
    }

    /// Whether it is the server of this relation.
    pub(crate) fn is_relation(&self, of: Side, with: &str) -> bool {
        matches!(self.holder(), Some(Holder::Server { side, id, .. }) if *side == of && id == with)
    }

    /// Name and home page of the app that calls on behalf of the owner.
    pub(crate) fn app(&self) -> Option<(&str, &str)> {
        match self.holder() {
            Some(Holder::Owner {
                app_name, app_url, ..
            }) => Some((app_name, app_url)),
            _ => None,
        }
    }

    pub(crate) fn has(&self, scope: &Scope) -> bool {
        self.grant().is_some_and(|grant| grant.has(scope))
    }

    /// # Errors
    ///
    /// When the caller was not granted the scope.
    pub(crate) fn require(&self, scope: &Scope) -> Result<&Grant, ApiError> {
        self.grant()
            .filter(|grant| grant.has(scope))
            .ok_or_else(ApiError::unauthorized)
    }
}

/// How exactly it is stored when an authorization was last used, in seconds.
const USED_SECONDS: i64 = 60 * 60;

/// Whether a list of granted types holds this one. Versions do not count (`docs/protocol.md` §1.7).
pub(crate) fn holds(granted: &[TypeUri], wanted: &TypeUri) -> bool {
    granted
        .iter()
        .any(|granted| granted.is_all() || granted.base() == wanted.base())
}

/// The caller that was [authenticated](Caller::authenticate) before.
impl FromRequestParts<()> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, (): &()) -> Result<Self, ApiError> {
        match parts.extensions.remove() {
            Some(caller) => Ok(caller),
            None => Self::authenticate(parts, &server::of(&parts.extensions)?).await,
        }
    }
}

impl Caller {
    /// Verifies the signature, if there is one. Nothing is remembered of a request that is refused.
    pub(crate) async fn authenticate(parts: &Parts, server: &Shared) -> Result<Self, ApiError> {
        let anonymous = Self {
            holder: None,
            stamp: None,
        };
        let mut values = parts.headers.get_all(AUTHORIZATION).iter();
        let Some(value) = values.next() else {
            return Ok(anonymous);
        };
        if values.next().is_some() {
            let text = "the request has several Authorization headers";
            return Err(ApiError::bad_request(text));
        }
        let value = to_text(value);
        let header = match Header::parse(&value) {
            Ok(header) => header,
            Err(HeaderError::NotMac) => return Ok(anonymous),
            Err(error) => return Err(ApiError::unauthenticated(error.to_string())),
        };
        let holder = authenticate(parts, server, &header).await?;

        let now = server.now();
        let timestamp = i64::try_from(header.timestamp()).unwrap_or(i64::MAX);
        if !is_within_window(timestamp, now) {
            return Err(ApiError::stale_timestamp());
        }
        let stamp = Stamp {
            mac_id: header.id().to_owned(),
            timestamp,
            nonce: header.nonce().to_owned(),
        };
        note_use(server, &holder, now);
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            return Ok(Self {
                holder: Some(holder),
                stamp: Some(stamp),
            });
        }
        if !server.nonces.remember(&stamp, now) {
            return Err(ApiError::unauthenticated("Replayed MAC Nonce"));
        }
        Ok(Self {
            holder: Some(holder),
            stamp: None,
        })
    }
}

/// Has it stored that an authorization is used. Nobody waits for that, nor fails by it.
fn note_use(server: &Shared, holder: &Holder, now: i64) {
    let Holder::Owner {
        credentials,
        used_at,
        ..
    } = holder
    else {
        return;
    };
    if used_at.is_none_or(|used_at| now - used_at >= USED_SECONDS) {
        let (account, mac_id) = (server.account.key, credentials.id().to_owned());
        drop(server.database.use_authorization(account, mac_id, now));
    }
}

/// The header as text. Other bytes than ASCII's cannot be part of a MAC header.
fn to_text(value: &HeaderValue) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

/// The holder of the credential that the header names, once the signature is known to be theirs.
async fn authenticate(
    parts: &Parts,
    server: &Shared,
    header: &Header<'_>,
) -> Result<Arc<Holder>, ApiError> {
    let mac_id = header.id().to_owned();
    let holder = server
        .database
        .holder(server.account.key, mac_id, server.now())
        .await?;
    let holder = holder.ok_or_else(|| ApiError::unauthenticated("Invalid MAC Key ID"))?;
    let target = parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let authority = parts
        .extensions
        .get::<Authority>()
        .ok_or_else(ApiError::not_found)?;
    let request = Normalized::new(
        header,
        parts.method.as_str(),
        target,
        &authority.host,
        authority.port,
    );
    let verified = holder.credentials().verify(header, &request);
    verified.map_err(|_| ApiError::new(http::StatusCode::FORBIDDEN, "Invalid MAC Signature"))?;
    Ok(holder)
}
