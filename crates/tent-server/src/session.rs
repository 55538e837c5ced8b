//! Browsers: the cookie that tells them apart, and the token that ties a form to one.

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use subtle::ConstantTimeEq as _;

use crate::error::ApiError;
use crate::secret;
use crate::server::Shared;
use crate::storage::Browser;

/// How long the owner stays signed in.
pub(crate) const SECONDS: i64 = 12 * 60 * 60;
/// How long after that a browser is still known.
pub(crate) const KNOWN_SECONDS: i64 = 365 * 24 * 60 * 60;

/// The secret in the cookie of a browser. Before the owner signs in it only ties forms to the
/// browser, and is stored nowhere; signing in changes it.
pub(crate) struct Session {
    id: String,
    is_new: bool,
}

impl Session {
    /// The session of the browser that sent these headers, or a new one.
    pub(crate) fn of(server: &Shared, headers: &HeaderMap) -> Result<Self, ApiError> {
        match cookie(headers, &cookie_name(server)) {
            Some(id) => Ok(Self {
                id: id.to_owned(),
                is_new: false,
            }),
            None => Self::begin(),
        }
    }

    /// A new session.
    pub(crate) fn begin() -> Result<Self, ApiError> {
        Ok(Self {
            id: secret::token()?,
            is_new: true,
        })
    }

    pub(crate) fn hash(&self) -> [u8; 32] {
        secret::hash(&self.id)
    }

    pub(crate) async fn browser(&self, server: &Shared) -> Result<Browser, ApiError> {
        if self.is_new {
            return Ok(Browser::Unknown);
        }
        Ok(server
            .database
            .browser(server.account.key, self.hash(), server.now())
            .await?)
    }

    /// The token that a form of this session carries.
    pub(crate) fn csrf(&self) -> String {
        secret::derived("form", &self.id)
    }

    /// Whether a form with this token was made for this session.
    pub(crate) fn owns_form(&self, csrf: Option<&str>) -> bool {
        !self.is_new
            && csrf.is_some_and(|csrf| csrf.as_bytes().ct_eq(self.csrf().as_bytes()).into())
    }

    /// Keeps a session that just began in the browser.
    pub(crate) fn keep(&self, server: &Shared, headers: &mut HeaderMap) {
        if self.is_new {
            let secure = if server.is_https() { "; Secure" } else { "" };
            let (name, id) = (cookie_name(server), &self.id);
            let cookie = format!(
                "{name}={id}; Path=/; Max-Age={KNOWN_SECONDS}; HttpOnly; SameSite=Lax{secure}"
            );
            headers.extend(
                HeaderValue::try_from(cookie)
                    .ok()
                    .map(|cookie| (SET_COOKIE, cookie)),
            );
        }
    }
}

/// With https, browsers refuse a cookie of that prefix that anybody but this very host has set. It is
/// sent to all paths of the host, so entities that have a path there each have a name of their own.
fn cookie_name(server: &Shared) -> String {
    let prefix = if server.is_https() { "__Host-" } else { "" };
    let entity = server.account.entity.url();
    match entity.as_ref().map_or("/", |url| url.path()) {
        "/" => format!("{prefix}tent_session"),
        path => {
            let digest = secret::hash(path)
                .map(|byte| format!("{byte:02x}"))
                .concat();
            format!("{prefix}tent_session_{digest:.16}")
        }
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let fields = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|field| field.to_str().ok());
    let mut pairs = fields
        .flat_map(|field| field.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(other, _)| *other == name)
        .map(|(_, value)| value)
}
