//! Asking a person to approve an app.

use std::fmt;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use tent_flow::Seed;
use url::Url;

use super::Registration;
use super::redirect::{self, Code, RedirectError};
use crate::Secret;
use crate::draft;
use crate::{BuildError, Dialect, Entity, Scope, Server, TypeUri};

/// What an app asks a person for.
///
/// Source: tent.io 0.2, app-auth; `docs/protocol.md` §4.1.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ApprovalRequest {
    /// Where the person's browser comes back to: one of the registered URIs, exactly.
    pub redirect_uri: String,
    /// What the app wants to do.
    pub scopes: Vec<Scope>,
    /// The post types it wants to read and write; `all` for all.
    pub post_types: Vec<TypeUri>,
    /// The profile info types it wants to read and write; `all` for all.
    pub profile_info_types: Vec<TypeUri>,
    /// Where the server shall send new posts. The draft knows no such wish: its servers send them to
    /// `/notifications` at the app's host.
    pub notification_url: Option<String>,
}

impl ApprovalRequest {
    /// A request for nothing yet, which comes back to this URI.
    pub fn new(redirect_uri: impl Into<String>) -> Self {
        Self {
            redirect_uri: redirect_uri.into(),
            scopes: Vec::new(),
            post_types: Vec::new(),
            profile_info_types: Vec::new(),
            notification_url: None,
        }
    }

    /// Asks for a scope. Writing does not imply reading.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scopes.push(scope);
        self
    }

    /// Asks for a post type.
    #[must_use]
    pub fn post_type(mut self, post_type: TypeUri) -> Self {
        self.post_types.push(post_type);
        self
    }

    /// Asks for a profile info type.
    #[must_use]
    pub fn profile_info_type(mut self, info_type: TypeUri) -> Self {
        self.profile_info_types.push(info_type);
        self
    }

    /// Asks for new posts to be sent to this URL.
    #[must_use]
    pub fn notification_url(mut self, url: impl Into<String>) -> Self {
        self.notification_url = Some(url.into());
        self
    }
}

impl Registration {
    /// The URL at which the person approves the app, to be opened in their browser, and what is to be
    /// kept until they come back.
    ///
    /// # Errors
    ///
    /// When the entity has no server.
    pub fn authorize(
        &self,
        asked: ApprovalRequest,
        seed: Seed,
    ) -> Result<(Url, PendingApproval), BuildError> {
        let server = self.servers.first().ok_or(BuildError::NoServer)?;
        let state = state(seed);
        let url = match self.dialect {
            Dialect::V0 => self.approval_url(server, &asked, &state)?,
            Dialect::Draft => draft::approval_url(server, &self.app, &asked, &state)?,
        };
        let pending = PendingApproval {
            entity: self.entity.clone(),
            state,
            redirect_uri: asked.redirect_uri,
        };
        Ok((url, pending))
    }

    fn approval_url(
        &self,
        server: &Server,
        asked: &ApprovalRequest,
        state: &Secret,
    ) -> Result<Url, BuildError> {
        let list = |types: &[TypeUri]| {
            let types: Vec<&str> = types.iter().map(TypeUri::as_str).collect();
            (!types.is_empty()).then(|| types.join(","))
        };
        let scopes: Vec<&str> = asked.scopes.iter().map(Scope::as_str).collect();
        server
            .endpoint("oauth")
            .segment("authorize")
            .pair("client_id", &self.app)
            .pair("redirect_uri", &asked.redirect_uri)
            .pair("response_type", "code")
            .pair("state", state.expose())
            .pair_if("scope", (!scopes.is_empty()).then(|| scopes.join(",")))
            .pair_if("tent_profile_info_types", list(&asked.profile_info_types))
            .pair_if("tent_post_types", list(&asked.post_types))
            .pair_if("tent_notification_url", asked.notification_url.as_ref())
            .url()
    }
}

/// 160 bits as hexadecimal digits, which no server can damage on the way back.
fn state(seed: Seed) -> Secret {
    let bytes = seed.into_bytes();
    let digits = bytes.iter().take(20).map(|byte| format!("{byte:02x}"));
    Secret::new(digits.collect::<String>())
}

/// An approval under way: bound to one entity and one attempt by its `state`.
///
/// It can be stored, with the browser session that it belongs to, and is used up by the redirect that
/// it accepts. Serializing it writes the state.
#[derive(Clone, Serialize, Deserialize)]
pub struct PendingApproval {
    entity: Entity,
    state: Secret,
    redirect_uri: String,
}

impl PendingApproval {
    /// Whose approval it is.
    pub const fn entity(&self) -> &Entity {
        &self.entity
    }

    /// Where the person's browser comes back to.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Accepts what the person's browser came back with: the URL, or its query alone. The state is
    /// checked, in constant time, before the code is looked at.
    ///
    /// # Errors
    ///
    /// When the person denied, the server failed, or the redirect is none of this attempt's. The
    /// attempt is over then, but nothing else has changed.
    pub fn accept(self, redirect: &str) -> Result<Code, RedirectError> {
        let answer = redirect::parse(redirect);
        let is_ours =
            |state: &str| bool::from(state.as_bytes().ct_eq(self.state.expose().as_bytes()));
        match (answer.error, &answer.state) {
            // Servers drop the state when they fail, so an error needs none; but not a wrong one.
            (Some(error), None) => Err(error),
            (_, Some(state)) if !is_ours(state) => Err(RedirectError::WrongState),
            (Some(error), Some(_)) => Err(error),
            (None, None) => Err(RedirectError::NoState),
            (None, Some(_)) => match answer.code {
                Some(code) => Ok(Code::new(self.entity, code)),
                None => Err(RedirectError::NoCode),
            },
        }
    }

    /// Accepts what a person pasted: the URL they came back to, whose state is checked, or the code
    /// alone. A code that the person themselves carried over has no state to be checked.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    pub fn accept_pasted(self, text: &str) -> Result<Code, RedirectError> {
        let text = text.trim();
        if text.contains(['?', '&', '=', '/']) {
            return self.accept(text);
        }
        if text.is_empty() {
            return Err(RedirectError::NoCode);
        }
        Ok(Code::new(self.entity, Secret::new(text)))
    }
}

impl fmt::Debug for PendingApproval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingApproval")
            .field("entity", &self.entity)
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}
